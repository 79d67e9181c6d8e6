// One map, large, and the image beside it: a click or the arrow keys choose a position of the map, and
// the part of the image that it looks at is framed. A hovered position is framed at once, too.
export default function ({ parentElement, data, setTriggerValue }) {
  const large = (parentElement.large ||= create(parentElement));
  large.send = (at) => setTriggerValue('picked', at);
  large.show(data);
  return () => large.observer.disconnect();
}

function create(root) {
  const parent = document.createElement('div');
  parent.className = 'large';
  parent.innerHTML = '<figure><canvas></canvas></figure><figure><canvas></canvas></figure><p aria-live="polite"></p>';
  root.appendChild(parent);
  const [map, image] = parent.querySelectorAll('canvas');
  const words = parent.querySelector('p');
  map.tabIndex = 0;
  map.setAttribute('role', 'application');
  map.setAttribute('aria-roledescription', 'map: arrow keys move the position');
  image.setAttribute('role', 'img');
  const pictures = { map: new Image(), image: new Image() };
  const large = { data: null, at: null, hovered: null, timer: 0 };

  // Whole factors only; both pictures as large as the place and the window allow.
  function factor(width, height) {
    const ratio = window.devicePixelRatio || 1;
    const room = Math.max(60, (parent.clientWidth - 14) / 2) * ratio;
    const tall = Math.max(150, window.innerHeight - 515) * ratio;
    return Math.max(1, Math.min(Math.floor(room / width), Math.floor(tall / height)));
  }

  function paint(canvas, picture, width, height) {
    const zoom = factor(width, height);
    canvas.width = width * zoom;
    canvas.height = height * zoom;
    const ratio = window.devicePixelRatio || 1;
    canvas.style.width = canvas.width / ratio + 'px';
    canvas.style.height = canvas.height / ratio + 'px';
    canvas.zoom = zoom;
    const pen = canvas.getContext('2d');
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, 0, 0, width, height, 0, 0, canvas.width, canvas.height);
    return pen;
  }

  // A light line between dark ones: seen on any picture. `room` pixels around what is framed stay free.
  function frame(canvas, [top, bottom], [left, right], strong, room) {
    const pen = canvas.getContext('2d'), zoom = canvas.zoom;
    const x = Math.max(1.5, left * zoom - room), y = Math.max(1.5, top * zoom - room);
    const w = Math.min(canvas.width - 1.5, right * zoom + room) - x;
    const h = Math.min(canvas.height - 1.5, bottom * zoom + room) - y;
    for (const [colour, width] of strong ? [['#000', 5], ['#fff', 3], ['#D55E00', 2]] : [['#000', 3], ['#fff', 1]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.strokeRect(x, y, Math.max(1, w), Math.max(1, h));
    }
  }

  const ready = (picture) => picture.complete && picture.naturalWidth > 0;

  function draw() {
    const { data, at, hovered } = large;
    if (!data || !ready(pictures.map) || !ready(pictures.image)) return;
    paint(map, pictures.map, data.width, data.height);
    paint(image, pictures.image, data.imageWidth, data.imageHeight);
    const moving = hovered && String(hovered) !== String(at) ? hovered : null;
    for (const place of [moving, at]) {
      if (!place) continue;
      frame(map, [place[0], place[0] + 1], [place[1], place[1] + 1], place === at, 2);
      frame(image, data.rows.seen[place[0]], data.columns.seen[place[1]], place === at && !moving, 0);
    }
    words.textContent = describe(moving || at);
    map.setAttribute('aria-label', `${data.name}. ${describe(at)}`);
  }

  function describe(at) {
    const { data } = large;
    const axes = [['row', data.rows, at[0], data.imageHeight], ['column', data.columns, at[1], data.imageWidth]];
    const all = axes.every(([, axis, where, side]) => axis.seen[where][1] - axis.seen[where][0] === side);
    const seen = axes.map(([word, axis, where]) => {
      const [start, stop] = axis.seen[where];
      return stop - start === 1 ? `${word} ${start + 1}` : `${word}s ${start + 1} to ${stop}`;
    });
    const outside = axes.flatMap(([word, axis, where]) => {
      const count = axis.whole[where] - (axis.seen[where][1] - axis.seen[where][0]);
      return count ? [`${count} of its ${axis.whole[where]} ${word}s`] : [];
    });
    const value = data.values ? ` = ${data.values[at[0] * data.width + at[1]]}` : '';
    const lost = outside.length ? `; ${outside.join(' and ')} ${outside[0].startsWith('1 ') && outside.length === 1 ?
      'lies' : 'lie'} in the padding` : '';
    const where = all ? 'the whole image' : seen.join(' and ');
    return `Row ${at[0] + 1}, column ${at[1] + 1}${value}. It looks at ${where}${lost}.`;
  }

  function below(canvas, event) {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width / canvas.zoom;
    return [Math.floor((event.clientY - box.top) * scale), Math.floor((event.clientX - box.left) * scale)];
  }
  const within = ([row, column]) => row >= 0 && column >= 0 && row < large.data.height && column < large.data.width;

  // The position that looks at a pixel of the image most directly.
  function looking(pixel) {
    const nearest = (axis, point) => axis.middle.reduce(
      (best, middle, i) => (Math.abs(middle - point) < Math.abs(axis.middle[best] - point) ? i : best), 0);
    return [nearest(large.data.rows, pixel[0] + 0.5), nearest(large.data.columns, pixel[1] + 0.5)];
  }

  function choose(at, pause) {
    if (!within(at) || String(at) === String(large.at)) return;
    large.at = at;
    large.hovered = null;
    draw();
    clearTimeout(large.timer);
    large.timer = setTimeout(() => large.send(at), pause);
  }
  function hover(at) {
    if (String(at) === String(large.hovered)) return;
    large.hovered = at;
    draw();
  }

  for (const [canvas, place] of [[map, (e) => below(map, e)], [image, (e) => looking(below(image, e))]]) {
    canvas.onclick = (event) => choose(place(event), 0);
    canvas.onmousemove = (event) => { const at = place(event); hover(within(at) ? at : null); };
    canvas.onmouseleave = () => hover(null);
  }
  map.onkeydown = (event) => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!step) return;
    choose([large.at[0] + step[0], large.at[1] + step[1]], 200);
    event.preventDefault();
  };
  pictures.map.onload = pictures.image.onload = draw;
  let width = 0;
  large.observer = new ResizeObserver(() => {
    if (parent.clientWidth !== width) { width = parent.clientWidth; draw(); }
  });
  large.show = (data) => {
    large.data = data;
    large.at = data.at;
    large.hovered = null;
    large.observer.observe(parent);
    image.setAttribute('aria-label', data.imageName);
    if (pictures.image.src !== data.image) pictures.image.src = data.image;
    if (pictures.map.src !== data.map) pictures.map.src = data.map;
    draw(); // where a picture is another one, it draws when that has been read
  };
  return large;
}
