const SIDE = 280;
const COLOURS = ['#000000', '#ffffff', '#d62728', '#ff7f0e', '#ffd700', '#2ca02c', '#1f77b4', '#7b3fbf', '#8b5a2b', '#87ceeb'];
const NAMES = ['black', 'white', 'red', 'orange', 'yellow', 'green', 'blue', 'violet', 'brown', 'light blue'];

function button(text, title, act) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.title = title;
  element.onclick = act;
  return element;
}

function swatch(colour, name, pad) {
  const element = button('', name, () => { pad.colour = colour; pad.mark(); });
  element.className = 'swatch';
  element.dataset.colour = colour;
  element.setAttribute('aria-label', name);
  element.style.background = colour;
  return element;
}

// One drawing: its canvas, what was on it before each stroke, and how to tell Python.
function makePad(root, data) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', 'Drawing area: draw with mouse, finger or pen');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.lineCap = context.lineJoin = 'round';
  const pad = { canvas, context, before: [], colour: data.colours ? COLOURS[0] : '#ffffff', width: 22 };
  pad.ground = data.colours ? '#ffffff' : '#000000';
  pad.fill = (colour) => { context.fillStyle = colour; context.fillRect(0, 0, SIDE, SIDE); };
  pad.keep = () => {
    pad.before.push(context.getImageData(0, 0, SIDE, SIDE));
    if (pad.before.length > 30) pad.before.shift();
  };
  pad.mark = () => root.querySelectorAll('.swatch').forEach((one) =>
    one.setAttribute('aria-pressed', String(one.dataset.colour === pad.colour)));
  pad.told = () => pad.tell(canvas.toDataURL('image/png'));
  pad.fill(pad.ground);
  return pad;
}

function place(pad, event) {
  const box = pad.canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
}

function listen(pad) {
  const { canvas, context } = pad;
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    pad.keep();
    pad.drawing = true;
    context.strokeStyle = pad.colour;
    context.lineWidth = pad.width;
    context.beginPath();
    context.moveTo(...place(pad, event));
    context.lineTo(...place(pad, event));
    context.stroke();
  };
  canvas.onpointermove = (event) => {
    if (!pad.drawing) return;
    context.lineTo(...place(pad, event));
    context.stroke();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!pad.drawing) return;
    pad.drawing = false;
    pad.told();
  };
}

function tools(pad, data) {
  const bar = document.createElement('div');
  bar.className = 'tools';
  if (data.colours) {
    const swatches = document.createElement('div');
    swatches.className = 'swatches';
    swatches.append(...COLOURS.map((colour, i) => swatch(colour, NAMES[i], pad)));
    bar.append(swatches, button('Fill', 'Fill everything with the colour', () => {
      pad.keep();
      pad.fill(pad.colour);
      pad.told();
    }));
  }
  const size = document.createElement('label');
  size.textContent = 'Brush ';
  const range = document.createElement('input');
  Object.assign(range, { type: 'range', min: 6, max: 60, value: pad.width });
  range.oninput = () => { pad.width = Number(range.value); };
  size.append(range);
  bar.append(size, button('Undo', 'Take the last stroke back', () => {
    const last = pad.before.pop();
    if (!last) return;
    pad.context.putImageData(last, 0, 0);
    if (pad.before.length) pad.told(); else pad.tell('');
  }), button('Clear', 'Begin again', () => {
    pad.before = [];
    pad.fill(pad.ground);
    pad.tell('');
  }));
  return bar;
}

// The popover takes the canvas away when it closes: Python keeps the drawing and gives it back.
function restore(pad, png) {
  if (!png) return;
  const image = new Image();
  image.onload = () => pad.context.drawImage(image, 0, 0);
  image.src = png;
}

export default function({ parentElement, data, setStateValue }) {
  let root = parentElement.querySelector('.pad');
  if (!root) {
    root = document.createElement('div');
    root.className = 'pad';
    root.pad = makePad(root, data);
    root.append(root.pad.canvas, tools(root.pad, data));
    parentElement.appendChild(root);
    listen(root.pad);
    root.pad.mark();
    restore(root.pad, data.png);
  }
  root.pad.tell = (png) => setStateValue('png', png);
}
