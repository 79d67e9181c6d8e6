// Layers (or images) as a row of buttons with pictures; scrolls sideways.
export default function ({ parentElement, data, setTriggerValue }) {
  let strip = parentElement.querySelector('.strip');
  if (!strip) {
    strip = document.createElement('div');
    strip.className = 'strip';
    strip.setAttribute('role', 'group');
    parentElement.appendChild(strip);
  }
  strip.setAttribute('aria-label', data.label);
  strip.style.setProperty('--box', data.box + 'px');
  while (strip.children.length > data.layers.length) strip.lastChild.remove();
  while (strip.children.length < data.layers.length) {
    const button = document.createElement('button');
    button.type = 'button';
    button.innerHTML = '<span class="box"><img alt=""></span><b></b><small></small>';
    strip.appendChild(button);
  }
  data.layers.forEach((layer, i) => {
    const button = strip.children[i];
    const [box, name, size] = button.children;
    const picture = box.firstChild;
    if (picture.src !== layer.picture) picture.src = layer.picture;
    picture.style.width = layer.width + 'px';
    picture.style.height = layer.height + 'px';
    name.textContent = layer.name;
    size.textContent = layer.size;
    button.title = layer.title;
    button.setAttribute('aria-label', layer.title);
    if (data.chosen >= 0) button.setAttribute('aria-pressed', String(i === data.chosen));
    button.onclick = () => {
      if (data.chosen >= 0) {
        for (const other of strip.children) other.setAttribute('aria-pressed', String(other === button));
      }
      setTriggerValue('picked', layer.id);
    };
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step && strip.children[i + step];
      if (next) { next.focus(); event.preventDefault(); }
    };
  });
  const chosen = strip.children[data.chosen];
  if (chosen && strip.shown !== data.chosen) {
    const left = chosen.offsetLeft - strip.offsetLeft;
    const hidden = left < strip.scrollLeft || left + chosen.offsetWidth > strip.scrollLeft + strip.clientWidth;
    if (hidden) strip.scrollLeft = left - strip.clientWidth / 2 + chosen.offsetWidth / 2;
    strip.shown = data.chosen;
  }
}
