// The kernel as a grid of numbers that can be edited; each change takes effect at once.

function parsed(text) {
  const plain = text.trim().replace('−', '-').replace(',', '.');
  const parts = plain.split('/').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = parts.length === 2 ? parts[0] / parts[1] : parts.length === 1 ? parts[0] : NaN;
  return Math.abs(value) <= 1e6 ? Number(value.toPrecision(6)) : NaN;
}

// `change(weights)` and `setBias(value)` are told about edits.
function kernelGrid({ change, setBias }) {
  const title = make('b'), does = make('p'), facts = make('small'), short = make('small', { class: 'short' });
  const tabs = make('div', { class: 'segments', role: 'group', 'aria-label': 'Weights of channel' });
  const table = make('div', { class: 'weights', role: 'grid' });
  const bias = make('input', { size: 5, 'aria-label': 'Bias', title: 'Added to every sum.' });
  const add = make('label', { class: 'bias', title: 'Added to every sum.' }, 'bias ', bias);
  const root = make('figure', { class: 'kernel' }, make('figcaption', {}, title), tabs, table,
    make('div', { class: 'about' }, add, does, facts, short));
  let channel = 0, names = [], weights = null, alike = true;

  bias.oninput = () => {
    const value = parsed(bias.value);
    bias.setAttribute('aria-invalid', String(Number.isNaN(value)));
    if (!Number.isNaN(value)) setBias(value);
  };
  function edit(i, j, text) {
    const value = parsed(text);
    const cell = table.children[i * weights[0].length + j];
    cell.setAttribute('aria-invalid', String(Number.isNaN(value)));
    if (Number.isNaN(value)) return;
    change(weights.map((square, c) => (channel === -1 || c === channel
      ? square.map((row, y) => row.map((old, x) => (y === i && x === j ? value : old))) : square)));
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
    const m = weights[0].length, levels = colours.length / 3;
    const high = Math.max(...weights.flat(2).map(Math.abs)) || 1;
    [...table.children].forEach((cell, i) => {
      const value = exact(Math.floor(i / m), i % m);
      const level = 3 * Math.round(((value / high + 1) / 2) * (levels - 1));
      const [r, g, b] = colours.slice(level, level + 3);
      cell.style.background = `rgb(${r} ${g} ${b})`;
      cell.style.color = 0.3 * r + 0.59 * g + 0.11 * b > 128 ? '#1C2127' : '#FFFFFF';
      if (cell.getRootNode().activeElement !== cell) cell.value = brief(value);
    });
  }
  function show(step, place, channels, colours, room) {
    root.hidden = false;
    title.textContent = step.title;
    title.title = step.does;
    does.textContent = step.does;
    weights = step.weights;
    table.hidden = add.hidden = !weights;
    tabs.hidden = !weights || weights.length === 1;
    facts.textContent = weights ? counted(weights, place) : 'Pooling has no weights: there is nothing to learn.';
    short.textContent = weights ? `${plural(weights.length * weights[0].length ** 2, 'weight')}` : 'no weights';
    if (!weights) return;
    alike = weights.every((square) => JSON.stringify(square) === JSON.stringify(weights[0]));
    if (names.join() !== channels.join()) { names = channels; channel = -1; }
    if (channel === -1 && !alike) channel = 0;
    if (weights.length === 1) channel = 0;
    if (table.children.length !== weights[0].length ** 2) rebuild(weights[0].length);
    table.style.setProperty('--room', `${room}px`);
    tabs.replaceChildren(...[-1, ...names.keys()].map((c) => make('button', {
      type: 'button', 'aria-pressed': String(c === channel), disabled: c === -1 && !alike,
      onclick: () => { channel = c; show(step, place, channels, colours, room); },
      title: c === -1 ? 'the same weights for all channels' : `weights for ${names[c]}`,
    }, c === -1 ? 'all' : names[c])));
    paint(colours);
    if (bias.getRootNode().activeElement !== bias) bias.value = figure(step.bias, 3);
  }
  const point = (tap) => [...table.children].forEach((cell, i) => cell.classList.toggle('pointed', i === tap));
  return { root, show, point };
}

// What is learned, and that its number does not grow with the image (weights are shared).
function counted(weights, place) {
  const numbers = weights.length * weights[0].length ** 2;
  const sum = weights.flat(2).reduce((a, b) => a + b, 0);
  const shared = place ? ` the same at all ${plural(place.rows.count * place.columns.count, 'position')},` : '';
  return `${plural(numbers, 'weight')} + 1 bias = ${numbers + 1} numbers to learn,${shared} however large the image. `
    + `A layer of 32 maps has 32 such kernels. Sum of the weights: ${figure(sum, 3)}.`;
}
