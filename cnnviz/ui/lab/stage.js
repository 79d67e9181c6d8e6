// The settings of the step that is looked at, the size of its output, and what is impossible.

const PADDING = { valid: 'none', same: 'same' };
const HINTS = {
  size: 'Rows and columns of the window.',
  stride: 'How far the window moves each time. It is the step, not the size of the window.',
  dilation: 'Pixels from one weight to the next: 2 leaves one out, so that the same weights see further.',
  padding: "None (valid): the window stays inside. Same: zeros around it; at stride 1 the output is as large as the input.",
  relu: 'What is below 0 becomes 0, as after most layers of a network.',
  unit: 'How pixels are counted. Networks take them from 0 to 1.',
};

function spinner(label, hint, change) {
  const input = make('input', { inputmode: 'numeric', 'aria-label': label, size: 2 });
  const set = (value) => change(value);
  const less = make('button', { type: 'button', tabindex: -1, 'aria-hidden': 'true', onclick: () => set(Number(input.value) - made.by) }, '−');
  const more = make('button', { type: 'button', tabindex: -1, 'aria-hidden': 'true', onclick: () => set(Number(input.value) + made.by) }, '+');
  input.oninput = () => set(input.value.trim() === '' ? NaN : Number(input.value));
  input.onkeydown = (event) => {
    const by = { ArrowUp: made.by, ArrowDown: -made.by }[event.key];
    if (!by) return;
    set(Number(input.value) + by);
    event.preventDefault();
  };
  const name = make('span', {}, label);
  const made = { by: 1, root: make('span', { class: 'field', title: hint }, name, make('span', { class: 'spin' }, less, input, more)) };
  made.show = (value, bad, text) => {
    name.textContent = text || label;
    if (input.getRootNode().activeElement !== input || Number(input.value) !== value) {
      if (Number.isFinite(value)) input.value = value;
    }
    made.root.classList.toggle('bad', bad);
    input.setAttribute('aria-invalid', String(bad));
  };
  return made;
}

function switcher(label, hint, options, change) {
  const buttons = Object.entries(options).map(([value, text]) =>
    make('button', { type: 'button', onclick: () => change(value), 'aria-pressed': 'false' }, text));
  const root = make('span', { class: 'field', title: hint, role: 'group', 'aria-label': label },
    ...(label ? [make('span', {}, label)] : []), make('span', { class: 'segments' }, ...buttons));
  return {
    root,
    show: (value) => buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(Object.keys(options)[i] === String(value)))),
  };
}

// `change(name, value)` sets a setting of the step in sight; `look(step)` brings another step into sight.
function settingsBar({ change, look }) {
  const spins = Object.fromEntries(['size', 'stride', 'dilation'].map((name) =>
    [name, spinner(name, HINTS[name], (value) => change(name, value))]));
  const padding = switcher('padding', HINTS.padding, PADDING, (value) => change('padding', value));
  const relu = switcher('ReLU', HINTS.relu, { 0: 'off', 1: 'on' }, (value) => change('relu', Number(value)));
  const tabs = switcher('', 'Which of the two windows moves.', { 1: '1st', 2: '2nd' }, (value) => look(Number(value) - 1));
  const formula = make('p', { class: 'formula' });
  const why = make('p', { class: 'why', role: 'alert' });
  const row = make('div', { class: 'row' }, tabs.root, spins.size.root, spins.stride.root, padding.root,
    spins.dilation.root, relu.root);
  const root = make('div', { class: 'bar' }, row, why, formula);
  const show = (lab) => {
    const step = lab.steps[lab.look], folds = step.operation === 'convolve', wrong = lab.wrong[lab.look];
    spins.size.by = folds && step.size % 2 ? 2 : 1; // from an even kernel to the next odd one
    for (const [name, spin] of Object.entries(spins)) {
      spin.show(step[name], wrong?.on === name, name === 'size' ? (folds ? 'kernel' : 'window') : name);
    }
    padding.show(step.padding);
    relu.show(step.relu);
    tabs.show(lab.look + 1);
    tabs.root.hidden = lab.steps.length < 2;
    spins.dilation.root.hidden = relu.root.hidden = !folds;
    const earlier = lab.look > 0 && lab.wrong[0];
    why.textContent = wrong ? wrong.why : earlier ? `The first step is impossible: ${earlier.why}` : '';
    formula.hidden = Boolean(why.textContent);
    why.hidden = !formula.hidden;
    if (!formula.hidden) formula.innerHTML = told(step, lab.places[lab.look]);
  };
  return { root, show };
}

const LETTERS = 'n: pixels in a row or column; p: padding on both sides together; d: dilation; m: size of the window; s: stride; ⌊ ⌋: rounded down';

function told(step, { rows, columns }) {
  const one = sizes(step, rows), other = sizes(step, columns);
  const also = one.filled === other.filled ? '' : ` high, <b>${other.filled} = ${other.result}</b> wide`;
  const missed = [rows.spare && plural(rows.spare, 'row'), columns.spare && plural(columns.spare, 'column')].filter(Boolean);
  const left = missed.length ? ` Rounded down: the last ${missed.join(' and ')} take no part.` : '';
  const both = step.operation === 'convolve' && step.stride > 1 && step.dilation > 1
    ? ' Keras refuses stride and dilation together.' : '';
  return `<span title="${LETTERS}">output size ${one.general} =</span> <b>${one.filled} = ${one.result}</b>${also}.<small>${left}${both}</small>`;
}

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

const PHONE = 500;

// Side of a picture and of a kernel in CSS pixels: as much as width and height of the window leave.
function rooms(root, rest, steps) {
  if (root.clientWidth < PHONE) {
    // Two pictures beside each other, whatever the height: who holds a phone scrolls.
    return { picture: Math.floor((root.clientWidth - 8) / 2), column: 134, kernel: 150 };
  }
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

// What of the lab's state is shown where: windows, receptive fields, headings. Views are counted 0 (the
// image), 1 and 2 (the outputs); step i slides over view i.

function views(lab) {
  function count(step) {
    const place = lab.places[step];
    return place && lab.outputs[step] ? place.rows.count * place.columns.count : 0;
  }
  function place(step) {
    const { columns } = lab.places[step];
    return { row: Math.floor(lab.at[step] / columns.count), column: lab.at[step] % columns.count };
  }
  function windowOn(step) {
    const { rows, columns } = lab.places[step], at = place(step), { stride, dilation } = lab.steps[step];
    return { row: at.row * stride - rows.before, column: at.column * stride - columns.before, reach: rows.reach, step: dilation };
  }
  // The part of the image that the second window sees through the first kernel.
  function through() {
    const second = windowOn(1), { rows, columns } = lab.places[0], { stride } = lab.steps[0];
    return {
      row: second.row * stride - rows.before, column: second.column * stride - columns.before,
      reach: (second.reach - 1) * stride + rows.reach, step: 1, dashed: true,
    };
  }
  function marks(view) {
    const ready = count(lab.look) > 0;
    if (!ready) return [];
    const found = [];
    if (view === lab.look) found.push(windowOn(lab.look));
    if (view === lab.look && lab.spot) found.push({ ...lab.spot, reach: 1, step: 1 });
    if (view === lab.look + 1) found.push({ ...place(lab.look), reach: 1, step: 1 });
    if (view === 0 && lab.look === 1) found.push(through());
    return found;
  }
  function shown(view) {
    if (!lab.fill || view <= lab.look) return Infinity;
    return view === lab.look + 1 ? lab.at[lab.look] + 1 : 0;
  }

  function sight(view) {
    if (lab.steps.length < 2 || !lab.fields[view]) return '';
    if (view === 2) return `each sees ${through().reach} × ${through().reach} of the input`;
    return view === 1 ? `each sees ${lab.places[0].rows.reach} × ${lab.places[0].rows.reach} of the input` : '';
  }
  function names(step) {
    return step > 0 && (lab.fields[step]?.channels ?? 1) === 1 ? ['first output'] : lab.data.channels;
  }
  function around(view) {
    const at = lab.places[view];
    if (!at) return { top: 0, left: 0, bottom: 0, right: 0 };
    return { top: at.rows.before, bottom: at.rows.after, left: at.columns.before, right: at.columns.after };
  }
  function heading(view) {
    const field = lab.fields[view];
    const pooled = lab.steps.length > 1 && view > 0 && !lab.steps[view - 1].weights;
    const name = view === 0 ? 'Input' : pooled ? lab.steps[view - 1].title
      : lab.steps.length > 1 ? ['First output', 'Second output'][view - 1] : 'Output';
    if (!field) return `${name}: impossible`;
    const depth = field.channels > 1 ? ` × ${field.channels}` : '';
    return `${name} ${field.height} × ${field.width}${depth}`;
  }
  function where() {
    const at = place(lab.look);
    return `${figure(lab.at[lab.look] + 1, 9)} of ${figure(count(lab.look), 9)} · row ${at.row + 1}, column ${at.column + 1}`;
  }
  return { count, place, marks, shown, sight, names, around, heading, where };
}

// The stage: image, kernel, output and the arithmetic, for one step or two. All sliding happens here.

const REST = 500, REST_AFTER_MOVE = 1500; // milliseconds until a change is reported

export default function ({ parentElement, data, setStateValue }) {
  const lab = parentElement.lab || (parentElement.lab = stage(parentElement));
  lab.send = (report) => setStateValue('settings', report);
  lab.take(data);
  return () => lab.observer.disconnect();
}

function stage(parent) {
  const lab = { data: null, steps: [], wrong: [], places: [], outputs: [], at: [0, 0], grids: [], look: 0, fill: 0, unit: 0, seq: 0, timer: 0 };
  const { count, place, marks, shown, sight, names, around, heading, where } = views(lab);
  const root = make('div', { class: 'lab' });
  parent.appendChild(root);
  const boards = [board('Window on the image'), board('Output'), board('Second output')];
  const kernels = [0, 1].map((step) => kernelGrid({
    change: (weights) => edited(step, { weights, title: 'Own weights', does: '' }),
    setBias: (bias) => edited(step, { bias }),
  }));
  const figures = boards.map((one) => panel(one.canvas));
  const unit = switcher('', HINTS.unit, { 0: '0–255', 1: '0–1' }, (value) => { lab.unit = Number(value); changed(); });
  figures[0].root.firstChild.append(unit.root);
  const bar = settingsBar({ change, look, });
  const player = playerBar({
    go, total: () => count(lab.look), position: () => lab.at[lab.look],
    played: (on) => { if (on) lab.fill = 1; else note(REST_AFTER_MOVE); draw(); },
    filling: (on) => { lab.fill = on ? 1 : 0; note(REST); draw(); },
  });
  const sum = arithmetic({ point });
  const panels = make('div', { class: 'panels' }, figures[0].root, kernels[0].root, figures[1].root, kernels[1].root, figures[2].root);
  const tip = make('div', { class: 'tip', hidden: true });
  root.append(bar.root, panels, player.root, sum.root, tip);

  lab.count = count;
  lab.output = (step) => lab.outputs[step] || null;
  lab.take = (data) => {
    const first = !lab.data;
    lab.data = data;
    lab.colours = decoded(data.colours);
    if (first) Object.assign(lab, { seq: data.seq, look: data.look - 1, fill: data.fill });
    const fits = lab.steps.length === data.steps.length && data.steps.every((step, i) =>
      step.operation === lab.steps[i].operation && (!step.weights || lab.steps[i].weights?.length === step.weights.length));
    if (data.seq >= lab.seq || !fits) {
      lab.steps = data.steps.map((step) => ({ ...step, size: step.weights ? step.weights[0].length : step.size, edited: false }));
      lab.unit = data.unit;
    }
    lab.look = Math.min(lab.look, lab.steps.length - 1);
    compute();
    if (first) lab.wanted = data.at;
    settle();
    lab.observer.observe(root);
    draw();
  };

  function compute() {
    const { height, width, channels, pixels, highest } = lab.data;
    const raw = decoded(pixels), size = height * width, values = new Float64Array(raw.length);
    const by = lab.unit ? highest : 1;
    for (let i = 0; i < size; i++) for (let c = 0; c < channels.length; c++) values[c * size + i] = raw[i * channels.length + c] / by;
    lab.fields = [{ channels: channels.length, height, width, values }];
    lab.scales = [{ signed: false, high: highest / by, colours: lab.colours }];
    lab.wrong = [];
    lab.places = [];
    lab.outputs = [];
    lab.steps.forEach((step, i) => {
      const field = lab.fields[i];
      lab.wrong[i] = field ? impossible(step, field, i === 0) : null;
      if (!field || lab.wrong[i]) return;
      lab.places[i] = geometry(step, field);
      lab.outputs[i] = lab.fields[i + 1] = slide(step, field, lab.places[i]);
      lab.scales[i + 1] = scaled(step, lab.outputs[i], lab.scales[i], lab.colours);
    });
  }

  function look(step) {
    player.toggle(false);
    lab.look = step;
    note(REST_AFTER_MOVE);
    draw();
  }
  // What a term of the sum stands for, in the picture and in the kernel.
  function point(spot) {
    if (!spot && !lab.spot) return;
    lab.spot = spot;
    kernels[lab.look].point(spot ? spot.tap : -1);
    drawBoards(true);
  }
  function go(position) {
    lab.spot = null;
    if (!count(lab.look)) return;
    lab.at[lab.look] = Math.max(0, Math.min(position, count(lab.look) - 1));
    if (!player.on) note(REST_AFTER_MOVE);
    draw(true);
  }
  function change(name, value) {
    const step = lab.steps[lab.look], tiled = !step.weights && step.stride === step.size;
    step[name] = value;
    if (name === 'size' && step.weights && !impossible(step, { height: 1e9, width: 1e9 }, true)) {
      return edited(lab.look, { weights: step.weights.map((square) => fitted(square, value)), title: 'Own weights', does: '' });
    }
    if (name === 'size' && tiled) step.stride = value; // windows that did not overlap still don't
    changed();
  }
  function edited(step, values) {
    Object.assign(lab.steps[step], values, values.weights ? { edited: true, size: values.weights[0].length } : {});
    lab.look = step;
    changed();
  }
  function changed() {
    lab.seq += 1; // what Python sends before it has heard of this is older than what is seen here
    compute();
    settle();
    note(REST);
    draw();
  }
  // After a change of size each window stays about where it was in the picture.
  function settle() {
    lab.places.forEach((place, i) => {
      if (!place) return;
      const now = { rows: place.rows.count, columns: place.columns.count }, was = lab.grids[i] || now;
      if (!lab.grids[i]) lab.at[i] = i === lab.look && lab.wanted >= 0 ? lab.wanted : somewhere(place);
      const row = Math.floor((Math.floor(lab.at[i] / was.columns) / was.rows) * now.rows + 1e-9);
      const column = Math.floor(((lab.at[i] % was.columns) / was.columns) * now.columns + 1e-9);
      lab.grids[i] = now;
      lab.at[i] = Math.max(0, Math.min(row, now.rows - 1)) * now.columns + Math.max(0, Math.min(column, now.columns - 1));
    });
  }
  // Report once the hand rests; never while it plays.
  function note(pause) {
    clearTimeout(lab.timer);
    lab.timer = setTimeout(() => {
      if (player.on || !root.isConnected) return;
      const told = lab.steps.map((step) => ({ ...step, title: undefined, does: undefined, weights: step.edited ? written(step.weights) : '' }));
      lab.send({ seq: lab.seq, at: lab.at[lab.look], look: lab.look + 1, fill: lab.fill, unit: lab.unit, steps: told });
    }, pause);
  }

  function draw(moved = false) {
    const two = tight(root, lab.steps), ready = count(lab.look) > 0;
    root.classList.toggle('two', two);
    if (ready) sum.show(lab.steps[lab.look], lab.fields[lab.look], lab.places[lab.look], place(lab.look), names(lab.look), lab.colours, lab.scales[lab.look]);
    else sum.clear();
    if (!moved) {
      bar.show(lab);
      unit.show(lab.unit);
      unit.root.querySelector('button').textContent = `0–${lab.data.highest}`;
      lab.rooms = rooms(root, [bar.root, player.root, sum.root], lab.steps);
      root.style.setProperty('--column', `${lab.rooms.column}px`);
    }
    drawBoards(moved);
    if (!moved) {
      kernels.forEach((grid, i) => {
        grid.root.hidden = i >= lab.steps.length || (two && !lab.steps[i].weights);
        if (grid.root.hidden) return;
        grid.show(lab.steps[i], lab.places[i], names(i), lab.colours, lab.rooms.kernel);
      });
    }
    player.show(ready ? where() : 'no output', Boolean(lab.fill));
  }
  function drawBoards(moved) {
    boards.forEach((one, view) => {
      const field = lab.fields[view];
      figures[view].root.hidden = view > lab.steps.length;
      if (view > lab.steps.length) return;
      const wrong = view > 0 && !field;
      figures[view].show(heading(view), wrong ? null : field, lab.scales[view], lab.rooms.picture, moved, sight(view));
      if (wrong) return;
      one.show({ field, scale: lab.scales[view], around: around(view), shown: shown(view), marks: marks(view) }, lab.rooms.picture);
      one.canvas.setAttribute('aria-valuemax', count(Math.min(lab.look, 1)));
      one.canvas.setAttribute('aria-valuenow', lab.at[lab.look] + 1);
      one.canvas.setAttribute('aria-valuetext', count(lab.look) ? `${where()}: ${sum.root.dataset.result}` : 'no output');
    });
  }
  pointing(lab, boards, tip, root, { look, go, pause: () => player.toggle(false) });
  root.onkeydown = (event) => {
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== 'range') return;
    if (event.target.tagName === 'BUTTON' && event.key === ' ') return;
    const across = lab.places[lab.look]?.columns.count || 1, at = lab.at[lab.look];
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: count(lab.look) - 1 }[event.key];
    if (event.key === ' ') player.toggle();
    else if (to === undefined) return;
    else if (to >= 0 && to < count(lab.look)) { player.toggle(false); go(to); }
    event.preventDefault();
  };
  const resized = () => {
    if (!root.isConnected) window.removeEventListener('resize', resized);
    else if (lab.data) draw();
  };
  window.addEventListener('resize', resized);
  let width = 0;
  lab.observer = new ResizeObserver(() => {
    if (root.clientWidth !== width && lab.data) { width = root.clientWidth; draw(); }
  });
  return lab;
}
