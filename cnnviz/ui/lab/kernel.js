// A kernel typed or pasted as text: one row a line, or rows that end with a semicolon.

function parsed(text) {
  const plain = text.trim().replace('−', '-').replace(',', '.');
  const parts = plain.split('/').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = parts.length === 2 ? parts[0] / parts[1] : parts.length === 1 ? parts[0] : NaN;
  return Math.abs(value) <= 1e6 ? Number(value.toPrecision(6)) : NaN;
}

// {square} or {why}. Brackets, as Python writes lists, are taken too.
function readMatrix(text) {
  const lines = text.replace(/\]\s*,?/g, ';').replace(/[[()]/g, ' ').split(/[;\n]+/);
  const rows = lines.map((line) => line.split(/[\s,]+/).filter(Boolean)).filter((row) => row.length);
  if (!rows.length) return { why: 'Type one row a line, with spaces between the numbers.' };
  const odd = rows.findIndex((row) => row.length !== rows[0].length);
  if (odd > 0) return { why: `Row ${odd + 1} has ${plural(rows[odd].length, 'number')}, row 1 has ${rows[0].length}.` };
  if (rows.length !== rows[0].length) return { why: `A kernel is square; this has ${plural(rows.length, 'row')} of ${plural(rows[0].length, 'number')}.` };
  if (rows.length > MOST) return { why: `A kernel has at most ${MOST} rows here.` };
  const square = rows.map((row) => row.map(parsed));
  const wrong = rows.flat().find((_, i) => Number.isNaN(square.flat()[i]));
  return wrong === undefined ? { square } : { why: `“${wrong}” is no number up to a million.` };
}

const spelled = (square) => square.map((row) => row.map((w) => String(Number(w.toPrecision(6)))).join(' ')).join('\n');

// `put(square)` takes what was typed, or returns why it can't.
function matrixText({ put }) {
  const area = make('textarea', { 'aria-label': 'All weights, one row a line', spellcheck: 'false', wrap: 'off' });
  const why = make('small', { class: 'why', role: 'alert' });
  const root = make('div', { class: 'matrix' }, area, why);
  area.oninput = () => {
    const { square, why: wrong } = readMatrix(area.value);
    const problem = wrong || put(square) || '';
    why.textContent = problem;
    area.setAttribute('aria-invalid', String(Boolean(problem)));
  };
  const show = (square) => {
    if (area.getRootNode().activeElement === area) return;
    area.value = spelled(square);
    why.textContent = '';
    area.setAttribute('aria-invalid', 'false');
  };
  return { root, area, show };
}

// Weights too many for a grid of fields: a picture of them, in which one at a time is chosen and edited.

function weightPlate({ edit }) {
  const canvas = make('canvas', { tabindex: 0, role: 'slider', 'aria-label': 'Chosen weight', 'aria-valuemin': 1 });
  const field = make('input', { inputmode: 'decimal', 'aria-label': 'Value of the chosen weight' });
  const name = make('span');
  const root = make('div', { class: 'plate' }, canvas, make('label', {}, name, field));
  const stamp = document.createElement('canvas');
  let square = [[0]], chosen = 0, pointed = -1, cell = 1;
  const row = () => Math.floor(chosen / square.length), column = () => chosen % square.length;

  function draw() {
    const m = square.length, pen = canvas.getContext('2d');
    pen.imageSmoothingEnabled = false;
    pen.drawImage(stamp, 0, 0, m * cell, m * cell);
    const width = Math.max(2, cell / 6);
    for (const at of [chosen, pointed]) {
      if (at < 0) continue;
      for (const [colour, wide] of [['#FFFFFF', 2.5 * width], [CHOSEN, width]]) { // seen on every colour
        pen.strokeStyle = colour;
        pen.lineWidth = wide;
        pen.strokeRect((at % m) * cell, Math.floor(at / m) * cell, cell, cell);
      }
    }
    name.textContent = `row ${row() + 1}, column ${column() + 1}`;
    if (field.getRootNode().activeElement !== field) field.value = String(Number(square[row()][column()].toPrecision(6)));
    canvas.setAttribute('aria-valuemax', m * m);
    canvas.setAttribute('aria-valuenow', chosen + 1);
    canvas.setAttribute('aria-valuetext', `${name.textContent}: ${figure(square[row()][column()])}`);
  }
  const choose = (at) => {
    chosen = Math.max(0, Math.min(at, square.length ** 2 - 1));
    draw();
  };
  field.oninput = () => {
    const value = parsed(field.value);
    field.setAttribute('aria-invalid', String(Number.isNaN(value)));
    if (!Number.isNaN(value)) edit(row(), column(), value);
  };
  field.onblur = () => { field.setAttribute('aria-invalid', 'false'); draw(); };
  canvas.onclick = (event) => {
    const box = canvas.getBoundingClientRect(), m = square.length;
    const along = (from, size, at) => Math.max(0, Math.min(m - 1, Math.floor(((at - from) / size) * m)));
    choose(along(box.top, box.height, event.clientY) * m + along(box.left, box.width, event.clientX));
    field.focus();
    field.select();
  };
  canvas.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: square.length, ArrowUp: -square.length }[event.key];
    if (event.key === 'Enter') { field.focus(); field.select(); } else if (by) choose(chosen + by); else return;
    event.preventDefault();
    event.stopPropagation(); // the window over the image stays where it is
  };
  const show = (weights, colours, room) => {
    if (weights.length !== square.length) chosen = Math.floor(weights.length ** 2 / 2);
    square = weights;
    const ratio = window.devicePixelRatio || 1, m = square.length;
    cell = Math.max(1, Math.floor((room * ratio) / m));
    canvas.width = canvas.height = m * cell;
    canvas.style.width = canvas.style.height = `${(m * cell) / ratio}px`;
    stamped(stamp, m, square.flat(), Math.max(...square.flat().map(Math.abs)) || 1, colours);
    draw();
  };
  const point = (tap) => {
    if (tap !== pointed) { pointed = tap; if (square.length > 1) draw(); }
  };
  return { root, show, point };
}

// The kernel as a grid of numbers that can be edited; each change takes effect at once.

const GRID = 15; // rows of the largest grid of fields

// `change(weights)` and `setBias(value)` are told about edits.
function kernelGrid({ change, setBias }) {
  const title = make('b'), does = make('p'), facts = make('small'), short = make('small', { class: 'short' });
  const tabs = make('div', { class: 'segments', role: 'group', 'aria-label': 'Weights of channel' });
  const table = make('div', { class: 'weights', role: 'group', 'aria-label': 'Weights' });
  const plate = weightPlate({ edit: put }), text = matrixText({ put: replace });
  const mode = make('button', { type: 'button', class: 'mode', 'aria-pressed': 'false', title: 'Type or paste all weights as text' }, 'as text');
  const bias = make('input', { size: 5, 'aria-label': 'Bias', title: 'Added to every sum.' });
  const add = make('label', { class: 'bias', title: 'Added to every sum.' }, 'bias ', bias);
  const root = make('figure', { class: 'kernel' }, make('figcaption', {}, title, mode), tabs, make('div', { class: 'all' }, table, plate.root, text.root),
    make('div', { class: 'about' }, add, does, facts, short));
  let channel = 0, names = [], weights = null, alike = true, last = null;

  mode.onclick = () => {
    mode.setAttribute('aria-pressed', String(mode.getAttribute('aria-pressed') !== 'true'));
    show(...last);
    if (!text.root.hidden) text.area.focus();
  };

  bias.oninput = () => {
    const value = parsed(bias.value);
    bias.setAttribute('aria-invalid', String(Number.isNaN(value)));
    if (!Number.isNaN(value)) setBias(value);
  };
  function edit(i, j, text) {
    const value = parsed(text);
    const cell = table.children[i * weights[0].length + j];
    cell.setAttribute('aria-invalid', String(Number.isNaN(value)));
    if (!Number.isNaN(value)) put(i, j, value);
  }
  function put(i, j, value) {
    change(weights.map((square, c) => (channel === -1 || c === channel
      ? square.map((row, y) => row.map((old, x) => (y === i && x === j ? value : old))) : square)));
  }
  // Another square for the channel in sight, or for all; why not, where the others are of another size.
  function replace(square) {
    const all = channel === -1 || weights.length === 1, m = weights[0].length;
    if (!all && square.length !== m) return `The other channels have ${plural(m, 'row')}. Give this one as many.`;
    change(weights.map((old, c) => (all || c === channel ? square : old)));
    return '';
  }
  function rebuild(m) {
    table.replaceChildren();
    table.style.setProperty('--m', m);
    for (let i = 0; i < m * m; i++) {
      const row = Math.floor(i / m), column = i % m;
      const cell = make('input', { inputmode: 'decimal', 'aria-label': `Weight in row ${row + 1}, column ${column + 1}` });
      cell.oninput = () => edit(row, column, cell.value);
      cell.onfocus = () => { cell.value = String(Number(exact(row, column).toPrecision(6))); cell.select(); };
      cell.onblur = () => { cell.value = brief(exact(row, column)); cell.setAttribute('aria-invalid', 'false'); };
      cell.onkeydown = (event) => {
        const by = { ArrowUp: -m, ArrowDown: m, Enter: 1 }[event.key];
        const next = by && table.children[i + by];
        if (next) { next.focus(); event.preventDefault(); }
      };
      table.append(cell);
    }
  }
  const exact = (i, j) => weights[Math.max(channel, 0)][i][j];

  function paint(colours) {
    const m = weights[0].length, high = Math.max(...weights.flat(2).map(Math.abs)) || 1;
    [...table.children].forEach((cell, i) => {
      const value = exact(Math.floor(i / m), i % m);
      const [r, g, b] = coloured(value, high, colours);
      cell.style.background = `rgb(${r} ${g} ${b})`;
      cell.style.color = ink(r, g, b);
      if (cell.getRootNode().activeElement !== cell) cell.value = brief(value);
    });
  }
  function show(step, place, channels, colours, room) {
    root.hidden = false;
    last = [step, place, channels, colours, room];
    title.textContent = step.title;
    title.title = step.does;
    does.textContent = step.does;
    weights = step.weights;
    add.hidden = mode.hidden = table.parentElement.hidden = !weights;
    tabs.hidden = !weights || weights.length === 1;
    facts.textContent = weights ? counted(weights, place) + kept(weights) : 'Pooling has no weights: there is nothing to learn.';
    short.textContent = weights ? `${plural(weights.length * weights[0].length ** 2, 'weight')}` : 'no weights';
    if (!weights) return;
    alike = weights.every((square) => JSON.stringify(square) === JSON.stringify(weights[0]));
    if (names.join() !== channels.join()) { names = channels; channel = -1; }
    if (channel === -1 && !alike) channel = 0;
    if (weights.length === 1) channel = 0;
    const m = weights[0].length, written = mode.getAttribute('aria-pressed') === 'true';
    text.root.hidden = !written;
    plate.root.hidden = written || m <= GRID;
    table.hidden = written || m > GRID;
    root.style.setProperty('--room', `${room}px`);
    tabs.replaceChildren(...[-1, ...names.keys()].map((c) => make('button', {
      type: 'button', 'aria-pressed': String(c === channel), disabled: c === -1 && !alike,
      onclick: () => { channel = c; show(step, place, channels, colours, room); },
      title: c === -1 ? 'the same weights for all channels' : `weights for ${names[c]}`,
    }, c === -1 ? 'all' : names[c])));
    if (written) text.show(weights[Math.max(channel, 0)]);
    else if (m > GRID) plate.show(weights[Math.max(channel, 0)], colours, room);
    else {
      if (table.children.length !== m * m) rebuild(m);
      paint(colours);
    }
    if (bias.getRootNode().activeElement !== bias) bias.value = figure(step.bias, 3);
  }
  const point = (tap) => {
    [...table.children].forEach((cell, i) => cell.classList.toggle('pointed', i === tap));
    plate.point(tap);
  };
  return { root, show, point };
}

// As cnnviz/ui/lab/weights.py has it: what no link can carry.
function kept(weights) {
  return written(weights).length > 8000 ? ' Too many for the link: keep them as text.' : '';
}

// What is learned, and that its number does not grow with the image (weights are shared).
function counted(weights, place) {
  const numbers = weights.length * weights[0].length ** 2;
  const sum = weights.flat(2).reduce((a, b) => a + b, 0);
  const shared = place ? ` the same at all ${plural(place.rows.count * place.columns.count, 'position')},` : '';
  return `${plural(numbers, 'weight')} + 1 bias = ${figure(numbers + 1, 9)} numbers to learn,${shared} however large the image. `
    + `A layer of 32 maps has 32 such kernels. Sum of the weights: ${figure(sum, 3)}.`;
}
