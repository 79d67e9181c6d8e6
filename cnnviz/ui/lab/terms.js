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
