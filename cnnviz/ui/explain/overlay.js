// Image, map, and the map over the image with a slider; all enlarged by the same whole factor.
export default function ({ parentElement, data }) {
  let parts = parentElement.parts;
  if (!parts) parts = parentElement.parts = create(parentElement);
  parts.show(data);
  return () => parts.observer.disconnect();
}

function create(root) {
  const whole = document.createElement('div');
  whole.innerHTML =
    '<div class="row">' +
    '<figure><div class="box"><img></div><figcaption>image</figcaption></figure>' +
    '<figure><div class="box"><img></div><figcaption>map</figcaption></figure>' +
    '<figure><div class="box"><img><img alt=""></div>' +
    '<label>overlay <input type="range" min="0" max="100" value="85" aria-label="Opacity of the map">' +
    '</label></figure></div>';
  root.appendChild(whole);
  const boxes = [...whole.querySelectorAll('.box')], pictures = [...whole.querySelectorAll('img')];
  const slider = whole.querySelector('input'), said = whole.querySelectorAll('figcaption')[1];
  const parts = { data: null, observer: null };
  const fade = () => { pictures[3].style.opacity = slider.value / 100; };
  slider.oninput = fade;

  function arrange() {
    const { width, height, most } = parts.data;
    const room = Math.floor((whole.clientWidth - 24) / 3);
    if (room < 1) return;
    const factor = Math.max(1, Math.min(most, Math.floor(room / width)));
    // An image that is larger than its place is shrunk, whole pixels or not.
    const shown = Math.min(width * factor, room);
    for (const box of boxes) {
      box.style.width = shown + 'px';
      box.style.height = Math.round((shown * height) / width) + 'px';
    }
    for (const figure of whole.querySelectorAll('figure')) figure.style.width = shown + 'px';
  }

  for (const box of boxes) {
    box.onmousemove = (event) => {
      const { width, height, values } = parts.data;
      const area = box.getBoundingClientRect();
      const column = Math.min(width - 1, Math.floor(((event.clientX - area.left) / area.width) * width));
      const row = Math.min(height - 1, Math.floor(((event.clientY - area.top) / area.height) * height));
      said.textContent = `row ${row + 1}, column ${column + 1}: ${values[row * width + column]}`.replace('-', '−');
    };
    box.onmouseleave = () => { said.textContent = 'map'; };
  }
  parts.observer = new ResizeObserver(() => { if (parts.data) arrange(); });
  parts.show = (data) => {
    parts.data = data;
    data.pictures.forEach((url, i) => { if (pictures[i].src !== url) pictures[i].src = url; });
    data.alt.forEach((text, i) => { pictures[i].alt = text; });
    parts.observer.observe(whole);
    arrange();
    fade();
  };
  return parts;
}
