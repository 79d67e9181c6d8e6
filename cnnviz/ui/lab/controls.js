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
