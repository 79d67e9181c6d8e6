// Layers (or images) as a row of buttons with pictures: as large as the place allows; where even small ones
// are too many it scrolls sideways, with an arrow at each end that hides some.
export default function ({ parentElement, data, setTriggerValue }) {
  const strip = (parentElement.strip ||= create(parentElement));
  strip.send = (id) => setTriggerValue('picked', id);
  strip.show(data);
  return () => strip.observer.disconnect();
}

function create(root) {
  const frame = document.createElement('div');
  frame.className = 'frame';
  frame.innerHTML = '<div class="strip" role="group"></div>' +
    ['‹', '›'].map((sign) => `<span class="go" aria-hidden="true" hidden>${sign}</span>`).join('');
  root.appendChild(frame);
  const [row, ...arrows] = frame.children;
  const strip = { data: null, shown: -1, width: 0 };

  function made() {
    const button = document.createElement('button');
    button.type = 'button';
    button.innerHTML = '<i aria-hidden="true"></i><span class="box"><img alt=""></span><b></b><small aria-hidden="true"></small>';
    row.appendChild(button);
  }

  function pick(button, layer) {
    if (strip.data.chosen >= 0) {
      for (const other of row.children) other.setAttribute('aria-pressed', String(other === button));
    }
    strip.send(layer.id);
  }

  function sized(step) {
    strip.data.layers.forEach((layer, i) => {
      const picture = row.children[i].querySelector('img'), [width, height] = layer.sizes[step];
      picture.style.width = width + 'px';
      picture.style.height = height + 'px';
    });
    row.style.setProperty('--box', strip.data.boxes[step] + 'px');
    row.classList.toggle('compact', strip.data.boxes[step] < 64);
    return row.scrollWidth <= row.clientWidth;
  }

  function arrange() {
    const { boxes } = strip.data, last = boxes.length - 1;
    // Large pictures only where they take nothing from what stands below.
    const first = boxes.findIndex((box, step) => step === last || 8 * box < window.innerHeight - 60);
    for (let step = first; step <= last && !sized(step); step++);
    const chosen = row.children[strip.data.chosen];
    if (chosen && strip.shown !== strip.data.chosen) {
      const left = chosen.offsetLeft - row.offsetLeft;
      const hidden = left < row.scrollLeft || left + chosen.offsetWidth > row.scrollLeft + row.clientWidth;
      if (hidden) row.scrollLeft = left - row.clientWidth / 2 + chosen.offsetWidth / 2;
      strip.shown = strip.data.chosen;
    }
    ends();
  }

  function ends() {
    arrows[0].hidden = row.scrollLeft < 2;
    arrows[1].hidden = row.scrollLeft + row.clientWidth > row.scrollWidth - 2;
  }

  arrows.forEach((arrow, i) => {
    arrow.onclick = () => row.scrollBy({ left: (i ? 0.8 : -0.8) * row.clientWidth, behavior: 'smooth' });
  });
  row.onscroll = ends;
  strip.observer = new ResizeObserver(() => {
    if (strip.data && frame.clientWidth !== strip.width) { strip.width = frame.clientWidth; arrange(); }
  });
  strip.show = (data) => {
    strip.data = data;
    row.setAttribute('aria-label', data.label);
    row.classList.toggle('grouped', data.layers.some((layer) => layer.group));
    while (row.children.length > data.layers.length) row.lastChild.remove();
    while (row.children.length < data.layers.length) made();
    data.layers.forEach((layer, i) => {
      const button = row.children[i];
      const [group, box, name, size] = button.children;
      const before = i ? data.layers[i - 1].group : '';
      group.textContent = layer.group && layer.group !== before ? layer.group : '\u00a0';
      group.className = layer.group ? (layer.group === before ? 'on' : 'first') : '';
      if (box.firstChild.src !== layer.picture) box.firstChild.src = layer.picture;
      name.textContent = layer.name;
      size.textContent = layer.size;
      button.title = layer.title;
      button.setAttribute('aria-label', layer.title);
      if (data.chosen >= 0) button.setAttribute('aria-pressed', String(i === data.chosen));
      button.onclick = () => pick(button, layer);
      button.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const next = step && row.children[i + step];
        if (next) { next.focus(); event.preventDefault(); }
      };
    });
    arrange();
    strip.observer.observe(frame);
  };
  return strip;
}
