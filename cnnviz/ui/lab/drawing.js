// A field as a picture: pixels enlarged by whole factors, the padding hatched, windows outlined.

// How numbers become colours. Signed: the theme's colours around 0. Else from black (0) to white.
function shade(field, { signed, high, colours }) {
  const size = field.height * field.width;
  const pixels = new ImageData(field.width, field.height);
  const levels = colours.length / 3;
  for (let i = 0; i < size; i++) {
    const rgb = [0, 1, 2].map((c) => field.values[field.channels === 3 ? c * size + i : i]);
    if (signed) {
      const share = high > 0 ? Math.min(1, Math.max(-1, rgb[0] / high)) : 0;
      const level = Math.round(((share + 1) / 2) * (levels - 1));
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = colours[3 * level + c];
    } else {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = high > 0 ? Math.round((255 * rgb[c]) / high) : 0;
    }
    pixels.data[4 * i + 3] = 255;
  }
  return pixels;
}

// One canvas. `view` = {field, scale, around: {top, left, bottom, right}, shown: cells that are drawn, marks}.
function board(label) {
  const canvas = make('canvas', { tabindex: 0, role: 'slider', 'aria-label': label, 'aria-valuemin': 1 });
  const pen = canvas.getContext('2d');
  const stamp = document.createElement('canvas');
  const made = { canvas, view: null, cell: 1, ratio: 1 };

  made.show = (view, room) => {
    made.view = view;
    const ratio = (made.ratio = window.devicePixelRatio || 1);
    const { field, around } = view;
    const rows = field.height + around.top + around.bottom, columns = field.width + around.left + around.right;
    const cell = (made.cell = Math.max(1, Math.floor((room * ratio) / Math.max(rows, columns))));
    if (canvas.width !== columns * cell || canvas.height !== rows * cell) { // a new canvas is slow
      canvas.width = columns * cell;
      canvas.height = rows * cell;
    }
    canvas.style.width = canvas.width / ratio + 'px';
    canvas.style.height = canvas.height / ratio + 'px';
    if (made.field !== field || made.scale !== view.scale) { // shading is the slow part: once a field
      Object.assign(made, { field, scale: view.scale, shades: shade(field, view.scale) });
      stamp.width = field.width;
      stamp.height = field.height;
      stamp.getContext('2d').putImageData(made.shades, 0, 0);
    }
    paint(pen, canvas, stamp, made);
  };
  made.at = (event) => {
    const box = canvas.getBoundingClientRect();
    const { around } = made.view;
    return {
      row: Math.floor(((event.clientY - box.top) * made.ratio) / made.cell) - around.top,
      column: Math.floor(((event.clientX - box.left) * made.ratio) / made.cell) - around.left,
    };
  };
  return made;
}

function paint(pen, canvas, stamp, { view, cell, ratio, shades }) {
  const { field, around, shown } = view;
  const style = getComputedStyle(canvas);
  const line = style.getPropertyValue('--st-border-color') || '#888';
  pen.clearRect(0, 0, canvas.width, canvas.height);
  hatch(pen, canvas, line, ratio);
  const left = around.left * cell, top = around.top * cell;
  pen.fillStyle = style.getPropertyValue('--st-background-color') || '#fff';
  pen.fillRect(left, top, field.width * cell, field.height * cell);
  pen.imageSmoothingEnabled = false;
  const rows = Math.min(field.height, Math.floor(shown / field.width)), rest = rows < field.height ? shown % field.width : 0;
  if (rows) pen.drawImage(stamp, 0, 0, field.width, rows, left, top, field.width * cell, rows * cell);
  if (rest) pen.drawImage(stamp, 0, rows, rest, 1, left, top + rows * cell, rest * cell, cell);
  if (cell >= 7 * ratio) grid(pen, canvas, cell, ratio);
  if (cell >= 27 * ratio) numbers(pen, view, cell, shades.data);
  pen.strokeStyle = line;
  pen.lineWidth = ratio;
  pen.strokeRect(left + ratio / 2, top + ratio / 2, field.width * cell - ratio, field.height * cell - ratio);
  for (const mark of view.marks) outline(pen, mark, around, cell, ratio);
}

function hatch(pen, canvas, colour, ratio) {
  pen.strokeStyle = colour;
  pen.lineWidth = ratio;
  pen.beginPath();
  for (let x = -canvas.height; x < canvas.width; x += 6 * ratio) {
    pen.moveTo(x, canvas.height);
    pen.lineTo(x + canvas.height, 0);
  }
  pen.stroke();
}

function grid(pen, canvas, cell, ratio) {
  pen.fillStyle = 'rgba(128, 136, 144, 0.35)';
  for (let x = cell; x < canvas.width; x += cell) pen.fillRect(x, 0, ratio, canvas.height);
  for (let y = cell; y < canvas.height; y += cell) pen.fillRect(0, y, canvas.width, ratio);
}

// Small matrices show their numbers, dark on bright and bright on dark.
function numbers(pen, { field, around, shown }, cell, pixels) {
  const size = field.height * field.width;
  if (field.channels > 1) return;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  for (let i = 0; i < Math.min(size, shown); i++) {
    const text = figure(field.values[i], 3);
    const points = Math.min(cell * 0.42, (cell * 1.5) / Math.max(text.length, 2));
    pen.font = `${Math.round(points)}px ${getComputedStyle(pen.canvas).fontFamily}`;
    pen.fillStyle = ink(...pixels.slice(4 * i, 4 * i + 3));
    const y = Math.floor(i / field.width) + around.top, x = (i % field.width) + around.left;
    pen.fillText(text, (x + 0.5) * cell, (y + 0.54) * cell);
  }
}

// mark = {row, column, reach, step: cells between two taps, dashed}.
function outline(pen, mark, around, cell, ratio) {
  const x = (mark.column + around.left) * cell, y = (mark.row + around.top) * cell, side = mark.reach * cell;
  const width = Math.max(2, Math.min(3, cell / 5)) * ratio;
  const frame = (colour, wide, inner) => {
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.strokeRect(x - inner, y - inner, side + 2 * inner, side + 2 * inner);
  };
  pen.setLineDash(mark.dashed ? [5 * ratio, 4 * ratio] : []);
  if (!mark.dashed) frame('rgba(255, 255, 255, 0.9)', width + 2 * ratio, 0);
  frame(CHOSEN, width, 0);
  pen.setLineDash([]);
  if (mark.step > 1) {
    pen.strokeStyle = CHOSEN;
    pen.lineWidth = Math.max(ratio, width / 2);
    for (let i = 0; i < mark.reach; i += mark.step) {
      for (let j = 0; j < mark.reach; j += mark.step) {
        pen.strokeRect(x + j * cell + ratio, y + i * cell + ratio, cell - 2 * ratio, cell - 2 * ratio);
      }
    }
  }
}

// The arithmetic of one window with its actual numbers: pixel × weight, cell by cell, and the sum.

const GREYS = Array.from({ length: 256 }, (_, level) => [level, level, level]).flat();
const CELLS = 9; // rows of the largest kernel whose products are written out

function described(term, operation = 'convolve') {
  const where = term.inside ? `row ${term.y + 1}, column ${term.x + 1}` : 'padding';
  if (operation !== 'convolve') return `${where}: ${term.inside ? figure(term.value, 3) : 'takes no part'}`;
  return `${where}: ${figure(term.value, 3)} × ${bracketed(term.weight, 3)} = ${figure(term.product, 3)}`;
}

function productCell(term, high, colours, size, tight) {
  const full = `${figure(term.value, 3)} × ${bracketed(term.weight, 3)}`;
  const factors = tight ? `${brief(term.value)}×${brief(term.weight)}` : full;
  const product = figure(term.product, 3);
  const hint = described(term);
  const style = tinted(term.product, high, colours);
  const inner = size > 7 ? product : size > 3 ? factors : `${factors}<b>= ${product}</b>`;
  return `<span style="${style}" class="${term.inside ? '' : 'outside'}" title="${hint}" data-y="${term.y}" data-x="${term.x}">${inner}</span>`;
}

function pooledCell(term, chosen) {
  const text = term.inside ? figure(term.value, 3) : '';
  return `<span class="${term.inside ? 'plain' : 'outside'}${chosen ? ' chosen' : ''}" data-y="${term.y}" data-x="${term.x}">${text}</span>`;
}

function blocks(step, terms, names, colours, only) {
  const high = Math.max(...terms.flat().map((term) => Math.abs(term.product)));
  const tight = step.size > 5 || (only === null && terms.length > 1);
  return terms.map((channel, c) => {
    if (only !== null && c !== only) return '';
    const left = step.operation === 'max' ? channel.findIndex((t) => t.inside && t.value === pooled('max', channel)) : -1;
    const cells = channel.map((term, i) =>
      (step.operation === 'convolve' ? productCell(term, high, colours, step.size, tight) : pooledCell(term, i === left)));
    const name = terms.length > 1 ? `<i>${names[c]}</i>` : '';
    if (step.size > CELLS) return `<div class="block">${name}<canvas class="summary" data-channel="${c}"></canvas></div>`;
    return `<div class="block size${step.size}">${name}<div class="cells" style="--m:${step.size}">${cells.join('')}</div></div>`;
  }).join('');
}

function total(step, terms, names) {
  if (step.operation !== 'convolve') return pooledTotal(step, terms, names);
  const sums = terms.map((channel) => channel.reduce((sum, term) => sum + term.product, 0));
  const sum = sums.reduce((a, b) => a + b, 0);
  const lines = sums.length > 1 ? sums.map((part, c) => [names[c], figure(part)])
    : [...(step.size > CELLS ? bySign(terms[0]) : []), [`sum of ${plural(terms[0].length, 'product')}`, figure(sum)]];
  if (step.bias) lines.push(['bias', figure(step.bias)]);
  if (step.relu) lines.push(['ReLU', `max(0, ${figure(sum + step.bias)})`]);
  return lines;
}

// Too many products to be read one by one: what those above and those below 0 come to.
function bySign(terms) {
  return [[1, 'above 0'], [-1, 'below 0']].map(([sign, name]) => {
    const found = terms.filter((term) => Math.sign(term.product) === sign);
    return [`${figure(found.length, 9)} ${name}`, figure(found.reduce((sum, term) => sum + term.product, 0))];
  });
}

// The products of a channel, or its values for pooling, one pixel each, enlarged by a whole factor.
function summarised(canvas, step, terms, channel, colours, scale) {
  if (step.operation === 'convolve') {
    const high = terms.flat().reduce((most, term) => Math.max(most, Math.abs(term.product)), 0);
    stamped(canvas, step.size, terms[channel].map((term) => term.product), high, colours);
  } else { // as bright as in the picture above
    const values = terms[channel].map((term) => (scale.signed ? term.value : 2 * term.value - scale.high));
    stamped(canvas, step.size, values, scale.high, scale.signed ? colours : GREYS);
  }
  const side = step.size * Math.max(1, Math.floor((window.innerWidth >= 1700 ? 160 : 126) / step.size));
  canvas.style.width = canvas.style.height = `${side}px`;
}

function pooledTotal(step, terms, names) {
  return terms.map((channel, c) => {
    const inside = channel.filter((term) => term.inside);
    const name = terms.length > 1 ? names[c] : step.operation === 'max' ? 'largest' : 'mean';
    if (terms.length > 1) return [name, figure(pooled(step.operation, channel))];
    const values = inside.length > 9 ? `${inside.length} values` : inside.map((t) => figure(t.value, 3)).join(step.operation === 'max' ? ', ' : ' + ');
    const text = step.operation === 'max' ? `max(${values})` : `(${values}) / ${inside.length}`;
    return [name, `${text} = ${figure(pooled(step.operation, channel))}`];
  });
}

// `point(spot)` is told the pixel and the weight of the term below the pointer; null where there is none.
function arithmetic({ point }) {
  const root = make('div', { class: 'terms' });
  let seen = null; // the terms that are shown, and how many in a row
  root.onpointermove = (event) => {
    const canvas = event.target.closest('canvas');
    if (!canvas) return;
    const box = canvas.getBoundingClientRect(), m = seen.size;
    const along = (at, from) => Math.max(0, Math.min(m - 1, Math.floor(((at - from) / box.width) * m)));
    const tap = along(event.clientY, box.top) * m + along(event.clientX, box.left);
    const term = seen.terms[Number(canvas.dataset.channel)][tap];
    canvas.title = described(term, seen.operation);
    point({ row: term.y, column: term.x, tap });
  };
  root.onpointerover = (event) => {
    if (event.target.closest('canvas')) return;
    const cell = event.target.closest('span[data-y]');
    point(cell && { row: Number(cell.dataset.y), column: Number(cell.dataset.x), tap: [...cell.parentElement.children].indexOf(cell) });
  };
  root.onpointerleave = () => point(null);
  let only = 0;
  // `at` = {row, column} of the output; `names` of the channels.
  const show = (step, field, place, at, names, colours, scale) => {
    const terms = below(step, field, place, at.row, at.column);
    const crowded = terms.length * step.size > CELLS && step.size <= CELLS;
    seen = { terms, size: step.size, operation: step.operation };
    if (only >= terms.length) only = 0;
    const result = answer(step, terms);
    const lines = total(step, terms, names).map(([name, value], c) =>
      `<dt data-channel="${c}">${name}</dt><dd>${value}</dd>`).join('');
    const final = step.operation === 'convolve'
      ? `<dt class="result">output</dt><dd class="result">${figure(result[0])}</dd>` : '';
    root.innerHTML = `<div class="blocks">${blocks(step, terms, names, colours, crowded ? only : null)}</div><dl>${lines}${final}</dl>`;
    root.querySelectorAll('canvas').forEach((canvas) => summarised(canvas, step, terms, Number(canvas.dataset.channel), colours, scale));
    root.classList.toggle('several', terms.length > 1 && !crowded);
    root.classList.toggle('choose', crowded && terms.length > 1);
    if (crowded && terms.length > 1) {
      root.querySelectorAll('dt[data-channel]').forEach((name, c) => {
        if (c >= terms.length) return;
        name.classList.toggle('now', c === only);
        name.tabIndex = 0;
        name.setAttribute('role', 'button');
        name.onclick = () => { only = c; show(step, field, place, at, names, colours, scale); };
        name.onkeydown = (event) => { if (event.key === 'Enter') name.onclick(); };
      });
    }
    root.style.visibility = 'visible';
    root.dataset.result = JSON.stringify(result);
  };
  return { root, show, clear: () => { root.style.visibility = 'hidden'; } };
}
