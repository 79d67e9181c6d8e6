// Where things go: panels with their ranges, the room that the window leaves, pointing at pixels.

function panel(canvas) {
  const title = make('b'), range = make('div', { class: 'range' });
  const none = make('div', { class: 'none' });
  const root = make('figure', { class: 'field' }, make('figcaption', {}, title), canvas, none, range);
  const show = (heading, field, scale, room, moved, sight) => {
    title.textContent = heading;
    canvas.hidden = range.hidden = !field;
    none.hidden = Boolean(field);
    none.style.width = none.style.height = `${room}px`;
    root.classList.toggle('bad', !field);
    if (field && !moved) range.innerHTML = ranged(field, scale, sight);
  };
  return { root, show };
}

// The colour scale with its ends, and what is really in the picture.
function ranged(field, { signed, high, colours }, sight) {
  const { low, high: most } = extremes(field);
  const stops = [];
  for (let i = 0; i <= 8; i++) {
    const level = 3 * Math.round((i / 8) * (colours.length / 3 - 1));
    stops.push(`rgb(${colours.slice(level, level + 3).join(' ')})`);
  }
  const ramp = signed ? stops.join(', ') : '#000, #fff';
  const ends = signed ? [figure(-high), '0', figure(high)] : ['0', figure(high)];
  return `<i style="background: linear-gradient(90deg, ${ramp})"></i><span>${ends.map((end) => `<em>${end}</em>`).join('')}</span>`
    + `<small>lowest ${figure(low)}, highest ${figure(most)}</small>${sight ? `<small>${sight}</small>` : ''}`;
}

// Responses that may be negative take the colours around 0; others keep the scale of what they came from.
function scaled(step, output, before, colours) {
  const { low, high } = extremes(output);
  const negative = step.operation === 'convolve'
    && (before.signed || step.bias < 0 || step.weights.some((square) => square.some((row) => row.some((w) => w < 0))));
  if (step.operation !== 'convolve') return before;
  if (negative) return { signed: true, high: Math.max(Math.abs(low), Math.abs(high)), colours };
  return { signed: false, high: Math.max(high, before.high), colours };
}

// The kernel with zeros around it, or cut, as cnnviz/kernels.py does it.
function fitted(square, size) {
  const off = Math.trunc((size - square.length) / 2); // an even size gets the additional row at the end
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => square[i - off]?.[j - off] ?? 0));
}

function written(weights) {
  const squares = weights.every((square) => JSON.stringify(square) === JSON.stringify(weights[0])) ? weights.slice(0, 1) : weights;
  return squares.map((square) => square.map((row) => row.map((w) => Number(w.toPrecision(6))).join(',')).join(';')).join('|');
}

function somewhere({ rows, columns }) {
  return Math.floor(rows.count * 0.4) * columns.count + Math.floor(columns.count * 0.4);
}

// Whether there is room for little more than the pictures: two steps, or a narrow window.
const tight = (root, steps) => steps.length > 1 || root.clientWidth < 640;

// Side of a picture and of a kernel in CSS pixels: as much as width and height of the window leave.
function rooms(root, rest, steps) {
  const kernels = steps.filter((step) => step.weights).length, two = tight(root, steps);
  const least = two ? Math.max(134, Math.min(root.clientWidth * 0.1, 200)) : kernels ? 320 : 200;
  const columns = two ? kernels : 1, pictures = steps.length + 1;
  const wide = (root.clientWidth - columns * least - (columns + pictures - 1) * 18) / pictures;
  const scroller = document.querySelector('[data-testid=stMain]');
  const top = root.getBoundingClientRect().top + (scroller ? scroller.scrollTop : 0);
  const words = parseFloat(getComputedStyle(root).fontSize) * (two ? 8.5 : 7.3); // headings, ranges and gaps
  const others = rest.reduce((sum, part) => sum + part.offsetHeight, words);
  const picture = Math.floor(Math.max(150, Math.min(wide, window.innerHeight - top - others, 640)));
  const column = two ? least : root.clientWidth - 2 * picture - 36;
  const tabs = steps[0].weights?.length > 1 ? 36 : 0;
  return { picture, column: least, kernel: Math.floor(two ? least : Math.min(picture - tabs, column * 0.54, 420)) };
}

// Click or drag in any picture moves the window; the pixel under the pointer is told.
function pointing(lab, boards, tip, root, { look, go, pause }) {
  const move = (view, event) => {
    const at = boards[view].at(event);
    const step = view === 0 ? 0 : view === 2 ? 1 : lab.dragged;
    if (!lab.places[step]) return;
    if (step !== lab.look) look(step);
    pause();
    const { rows, columns } = lab.places[step], { stride, dilation, size } = lab.steps[step];
    const half = (dilation * (size - 1)) / 2;
    const spot = view === step
      ? { row: Math.round((at.row + rows.before - half) / stride), column: Math.round((at.column + columns.before - half) / stride) }
      : at;
    const row = Math.max(0, Math.min(spot.row, rows.count - 1)), column = Math.max(0, Math.min(spot.column, columns.count - 1));
    go(row * columns.count + column);
  };
  boards.forEach(({ canvas }, view) => {
    canvas.onpointerdown = (event) => {
      lab.dragged = view === 1 && lab.look === 1 ? 1 : Math.max(0, view - 1);
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      move(view, event);
      event.preventDefault();
    };
    canvas.onpointermove = (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) move(view, event);
      hint(lab, boards[view], view, tip, root, event);
    };
    canvas.onpointerleave = () => { tip.hidden = true; };
  });
}

function hint(lab, one, view, tip, root, event) {
  const { row, column } = one.at(event), field = lab.fields[view];
  const inside = field && row >= 0 && column >= 0 && row < field.height && column < field.width;
  tip.hidden = !field;
  if (!field) return;
  const values = () => Array.from({ length: field.channels }, (_, c) => figure(field.values[(c * field.height + row) * field.width + column]));
  tip.textContent = inside ? `row ${row + 1}, column ${column + 1}: ${values().join(', ')}`
    : lab.steps[view]?.operation === 'convolve' ? 'padding: 0' : 'padding: takes no part';
  const box = root.getBoundingClientRect();
  tip.style.left = `${Math.min(event.clientX - box.left + 14, root.clientWidth - 190)}px`;
  tip.style.top = `${event.clientY - box.top + 18}px`;
}
