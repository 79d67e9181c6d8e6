// The square of a picture that is used: dragged, enlarged at its corner, or moved by the keyboard.
const STEP = 0.02;
const LEAST = 0.05;

function shown(crop) {
  const { window: square, width, height, at } = crop;
  const short = Math.min(width, height);
  Object.assign(square.style, {
    left: `${at[0] * width}px`, top: `${at[1] * height}px`,
    width: `${at[2] * short}px`, height: `${at[2] * short}px`,
  });
}

// Left and top as shares of width and height, side as a share of the shorter one: always within the picture.
function moved(crop, left, top, side) {
  const short = Math.min(crop.width, crop.height);
  const kept = Math.min(1, Math.max(LEAST, side));
  const most = [1 - kept * short / crop.width, 1 - kept * short / crop.height];
  crop.at = [Math.min(Math.max(left, 0), most[0]), Math.min(Math.max(top, 0), most[1]), kept];
  shown(crop);
}

function listen(crop) {
  const { window: square } = crop;
  square.onpointerdown = (event) => {
    square.setPointerCapture(event.pointerId);
    crop.start = { x: event.clientX, y: event.clientY, at: crop.at, corner: event.target !== square };
  };
  square.onpointermove = (event) => {
    if (!crop.start) return;
    const { x, y, at, corner } = crop.start;
    const [right, down] = [event.clientX - x, event.clientY - y];
    const short = Math.min(crop.width, crop.height);
    if (corner) {
      const room = Math.min((1 - at[0]) * crop.width, (1 - at[1]) * crop.height) / short;
      moved(crop, at[0], at[1], Math.min(at[2] + Math.max(right, down) / short, room));
    } else moved(crop, at[0] + right / crop.width, at[1] + down / crop.height, at[2]);
  };
  square.onpointerup = square.onpointercancel = () => {
    if (crop.start) crop.tell(crop.at);
    crop.start = null;
  };
  square.onkeydown = (event) => {
    const [left, top, side] = crop.at;
    const to = {
      ArrowLeft: [left - STEP, top, side], ArrowRight: [left + STEP, top, side],
      ArrowUp: [left, top - STEP, side], ArrowDown: [left, top + STEP, side],
      '+': [left, top, side + STEP], '-': [left, top, side - STEP],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    moved(crop, ...to);
    crop.tell(crop.at);
  };
}

export default function({ parentElement, data, setStateValue }) {
  let root = parentElement.querySelector('.crop');
  if (!root) {
    root = document.createElement('div');
    root.className = 'crop';
    const square = Object.assign(document.createElement('div'), { className: 'window', tabIndex: 0 });
    square.setAttribute('role', 'group');
    square.setAttribute('aria-label', 'Part that is used: arrows move it, plus and minus change its size');
    square.append(Object.assign(document.createElement('div'), { className: 'corner' }));
    const clip = Object.assign(document.createElement('div'), { className: 'clip' });
    clip.append(square);
    root.append(document.createElement('img'), clip);
    root.crop = { window: square };
    parentElement.appendChild(root);
    listen(root.crop);
  }
  const { crop } = root;
  crop.tell = (at) => setStateValue('window', at);
  if (crop.url !== data.url) {
    Object.assign(crop, { url: data.url, width: data.width, height: data.height });
    Object.assign(root.querySelector('img'), { src: data.url, alt: data.title, width: data.width, height: data.height });
    moved(crop, ...data.window);
  }
}
