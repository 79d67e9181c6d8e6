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
