const SIDE = 280;
const COLOURS = ['#000000', '#ffffff', '#d62728', '#ff7f0e', '#ffd700', '#2ca02c', '#1f77b4', '#7b3fbf', '#8b5a2b', '#87ceeb'];
const NAMES = ['black', 'white', 'red', 'orange', 'yellow', 'green', 'blue', 'violet', 'brown', 'light blue'];
// Points nearer than this to the one before add nothing that can be seen, and would make the link long.
const NEAR = 3;
// While a stroke grows it is told at most so often, and never before the last one was answered …
const EVERY = 60;
// … or so long ago that the answer must have been lost.
const PATIENCE = 1500;

function button(text, title, act) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.title = title;
  element.onclick = act;
  return element;
}

function swatch(colour, pad) {
  const element = button('', NAMES[colour], () => { pad.colour = colour; pad.mark(); });
  element.className = 'swatch';
  element.dataset.colour = colour;
  element.setAttribute('aria-label', NAMES[colour]);
  element.style.background = COLOURS[colour];
  return element;
}

// A drawing is a list of strokes {colour, width, points}; one of width 0 fills everything. As bytes: colour,
// width, number of points (two bytes), then x and y of each, in steps of a 256th of the side.
function written(strokes) {
  const bytes = strokes.flatMap(({ colour, width, points }) =>
    [colour, width, points.length >> 8, points.length & 255, ...points.flat()]);
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function read(text) {
  let bytes;
  try {
    bytes = Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
  } catch { return []; }
  const strokes = [];
  for (let i = 0; i + 3 < bytes.length;) {
    const [colour, width, high, low] = bytes.slice(i, i + 4);
    const count = high * 256 + low;
    const numbers = bytes.slice(i + 4, i + 4 + 2 * count);
    if (numbers.length < 2 * count || colour >= COLOURS.length) break;
    const points = Array.from({ length: count }, (_, k) => [numbers[2 * k], numbers[2 * k + 1]]);
    strokes.push({ colour, width, points });
    i += 4 + 2 * count;
  }
  return strokes;
}

function draw(context, { colour, width, points }, from = 0) {
  context.fillStyle = context.strokeStyle = COLOURS[colour];
  if (!width) { context.fillRect(0, 0, SIDE, SIDE); return; }
  context.lineWidth = width;
  context.beginPath();
  const scaled = points.slice(Math.max(from - 1, 0)).map(([x, y]) => [x * SIDE / 256, y * SIDE / 256]);
  if (!scaled.length) return;
  context.moveTo(...scaled[0]);
  scaled.forEach((point) => context.lineTo(...point));
  context.stroke();
}

// One drawing: its canvas, its strokes, and how to tell Python.
function makePad(root, data) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', 'Drawing area: draw with mouse, finger or pen');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.lineCap = context.lineJoin = 'round';
  const pad = { canvas, context, strokes: [], colour: data.colours ? 0 : 1, width: 22, turn: 0, told: 0 };
  pad.again = () => {
    draw(context, { colour: data.colours ? 1 : 0, width: 0, points: [] });
    pad.strokes.forEach((stroke) => draw(context, stroke));
  };
  pad.mark = () => root.querySelectorAll('.swatch').forEach((one) =>
    one.setAttribute('aria-pressed', String(Number(one.dataset.colour) === pad.colour)));
  pad.tellNow = () => {
    pad.turn = Date.now();
    pad.told = performance.now();
    pad.fresh = false;
    const drawn = pad.strokes.length > 0;
    pad.tell({
      png: drawn ? canvas.toDataURL('image/png') : '', strokes: written(pad.strokes), turn: pad.turn, growing: !!pad.drawing,
    });
  };
  pad.again();
  return pad;
}

// Whether Python's last word, which stands in the page, answers what was told last.
function answered(pad) {
  const heard = Number(document.querySelector(`.cnnviz-heard[data-of="${pad.name}"]`)?.dataset.turn || 0);
  return heard >= pad.turn || performance.now() - pad.told > PATIENCE;
}

function follow(pad) {
  const look = () => {
    if (!pad.drawing) return;
    if (pad.fresh && performance.now() - pad.told > EVERY && answered(pad)) pad.tellNow();
    setTimeout(look, 4);
  };
  look();
}

function place(pad, event) {
  const box = pad.canvas.getBoundingClientRect();
  const within = (value) => Math.min(255, Math.max(0, Math.round(256 * value)));
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
}

function listen(pad, data) {
  const { canvas, context } = pad;
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    pad.drawing = { colour: pad.colour, width: pad.width, points: [place(pad, event)] };
    pad.strokes.push(pad.drawing);
    draw(context, pad.drawing);
    pad.fresh = true;
    if (data.live) follow(pad);
  };
  canvas.onpointermove = (event) => {
    if (!pad.drawing) return;
    const { points } = pad.drawing;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) {
      const [x, y] = place(pad, each);
      const [before, above] = points.at(-1);
      if (Math.hypot(x - before, y - above) < NEAR || points.length > 60000) continue;
      points.push([x, y]);
      draw(context, pad.drawing, points.length - 1);
      pad.fresh = true;
    }
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!pad.drawing) return;
    pad.drawing = null;
    pad.tellNow();
  };
}

function tools(pad, data) {
  const bar = document.createElement('div');
  bar.className = 'tools';
  if (data.colours) {
    const swatches = document.createElement('div');
    swatches.className = 'swatches';
    swatches.append(...COLOURS.map((_, i) => swatch(i, pad)));
    bar.append(swatches, button('Fill', 'Fill everything with the colour', () => {
      pad.strokes.push({ colour: pad.colour, width: 0, points: [] });
      pad.again();
      pad.tellNow();
    }));
  }
  const size = document.createElement('label');
  size.textContent = 'Brush ';
  const range = document.createElement('input');
  Object.assign(range, { type: 'range', min: 6, max: 60, value: pad.width });
  range.oninput = () => { pad.width = Number(range.value); };
  size.append(range);
  bar.append(size, button('Undo', 'Take the last stroke back', () => {
    if (!pad.strokes.pop()) return;
    pad.again();
    pad.tellNow();
  }), button('Clear', 'Begin again', () => {
    pad.strokes = [];
    pad.again();
    pad.tellNow();
  }));
  return bar;
}

export default function({ parentElement, data, setStateValue }) {
  let root = parentElement.querySelector('.pad');
  const begins = !root;
  if (begins) {
    root = document.createElement('div');
    root.className = 'pad';
    root.pad = makePad(root, data);
    root.append(root.pad.canvas, tools(root.pad, data));
    parentElement.appendChild(root);
    listen(root.pad, data);
    root.pad.mark();
  }
  const { pad } = root;
  pad.name = data.name;
  pad.tell = (drawn) => setStateValue('drawn', drawn);
  // What the link, or this visit, has drawn before; a link brings strokes alone, and Python waits for them.
  if (begins && data.strokes) {
    pad.strokes = read(data.strokes);
    pad.again();
    if (!data.known) pad.tellNow();
  }
}
