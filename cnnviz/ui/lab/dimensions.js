// One, two and three dimensions: three small pictures that one player steps together, cell by cell.
// Each is {title, what, shape: [depth, height, width], values, kernel: {shape, values}}; all slide without padding.

export default function ({ parentElement, data }) {
  const shown = parentElement.lab || (parentElement.lab = dimensions(parentElement, data));
  shown.paint(data);
}

function dimensions(parent, { rows, note }) {
  const root = make('div', { class: 'lab dimensions' });
  parent.appendChild(root);
  const outputs = rows.map(slid);
  const state = { at: 4, fill: 1, colours: null };
  const parts = rows.map((row, i) => {
    const made = { input: cells(row.shape), kernel: cells(row.kernel.shape), output: cells(outputs[i].shape), sum: make('p', { class: 'sum' }) };
    const [label, what] = [make('b', {}, row.title), make('small', {}, `${row.what}: ${fits(row)}`)];
    const box = row.shape[0] > 1 ? cube(row.shape, row.kernel.shape) : null;
    made.box = box;
    root.append(make('section', { class: row.shape[0] > 1 ? 'volume' : '' }, make('header', {}, label, what),
      make('div', { class: 'line' }, part(`input ${size(row.shape)}`, made.input.root), '×', part(`kernel ${size(row.kernel.shape)}`, made.kernel.root, 'weigh'),
        '→', part(`output ${size(outputs[i].shape)}`, made.output.root, 'result'), ...(box ? [box.root] : [])), made.sum));
    return made;
  });
  const player = playerBar({
    go: (to) => { state.at = Math.max(0, Math.min(to, total() - 1)); draw(); },
    total, position: () => state.at, played: (on) => { if (on) state.fill = 1; draw(); },
    speed: 2, filling: (on) => { state.fill = on ? 1 : 0; draw(); },
  });
  root.append(player.root, make('p', { class: 'note' }, note));
  root.tabIndex = 0;

  function total() { return outputs[0].values.length; }
  function draw() {
    rows.forEach((row, i) => {
      const { input, kernel, output, sum, box } = parts[i];
      const corner = unravel(state.at, outputs[i].shape);
      const high = Math.max(...outputs[i].values.map(Math.abs)), weight = Math.max(...row.kernel.values.map(Math.abs));
      input.paint(row.values, (value) => grey(value, 9), (at) => within(unravel(at, row.shape), corner, row.kernel.shape));
      kernel.paint(row.kernel.values, (value) => tinted(value, weight, state.colours), () => false);
      output.paint(outputs[i].values.map((v, at) => (!state.fill || at <= state.at ? v : null)), (value) => tinted(value, high, state.colours), (at) => at === state.at);
      sum.innerHTML = spelled(row, corner, outputs[i].values[state.at]);
      box?.paint(corner);
    });
    player.show(`${state.at + 1} of ${total()}`, Boolean(state.fill));
  }
  root.onkeydown = (event) => {
    if (/^(SELECT)$/.test(event.target.tagName) || (event.target.tagName === 'BUTTON' && event.key === ' ')) return;
    const to = { ArrowRight: state.at + 1, ArrowLeft: state.at - 1, Home: 0, End: total() - 1 }[event.key];
    if (event.key === ' ') player.toggle();
    else if (to === undefined) return;
    else { player.toggle(false); state.at = Math.max(0, Math.min(to, total() - 1)); draw(); }
    event.preventDefault();
  };
  return { outputs, paint: (data) => { state.colours = decoded(data.colours); draw(); } };
}

const size = (shape) => shape.filter((n, i) => n > 1 || i === 2).join(' × ');
// How often the kernel fits, direction by direction.
function fits(row) {
  const each = row.shape.map((n, axis) => [n, row.kernel.shape[axis]]).filter(([n], axis) => n > 1 || axis === 2);
  const filled = each.map(([n, m]) => `${n} − ${m} + 1`);
  const counts = each.map(([n, m]) => n - m + 1).join(' × ');
  return `${filled.length > 1 ? filled.map((text) => `(${text})`).join(' × ') : filled[0]} = ${counts}`;
}
const part = (label, content, kind = '') => make('div', { class: `part ${kind}` }, make('small', {}, label), content);

function unravel(index, [, height, width]) {
  return [Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width];
}
function within(at, corner, shape) {
  return at.every((n, axis) => n >= corner[axis] && n < corner[axis] + shape[axis]);
}
function taps(row, corner) {
  const [, height, width] = row.shape;
  return row.kernel.values.map((weight, i) => {
    const [z, y, x] = unravel(i, row.kernel.shape).map((n, axis) => n + corner[axis]);
    return { weight, value: row.values[(z * height + y) * width + x] };
  });
}
function slid(row) {
  const shape = row.shape.map((n, axis) => n - row.kernel.shape[axis] + 1);
  const count = shape[0] * shape[1] * shape[2];
  const values = Array.from({ length: count }, (_, i) => taps(row, unravel(i, shape)).reduce((sum, { weight, value }) => sum + weight * value, 0));
  return { shape, values };
}

// The sum with its numbers: line by line of the kernel; in three dimensions layer by layer.
function spelled(row, corner, result) {
  const all = taps(row, corner), across = row.kernel.shape[2];
  const term = ({ value, weight }) => `${value}·${bracketed(weight)}`;
  const lines = [];
  for (let i = 0; i < all.length; i += across) lines.push(all.slice(i, i + across));
  const texts = row.shape[0] === 1
    ? lines.map((line) => line.map(term).join(' + '))
    : Array.from({ length: 3 }, (_, z) => {
      const layer = all.slice(9 * z, 9 * z + 9);
      return `layer ${corner[0] + z + 1}: ${figure(layer.reduce((sum, { value, weight }) => sum + value * weight, 0))}`;
    });
  const joined = row.shape[0] === 1 ? texts.map((text) => (texts.length > 1 ? `(${text})` : text)).join(' + ') : texts.join(' &nbsp;+&nbsp; ');
  return `${joined} = <b>${figure(result)}</b>`;
}

function grey(value, high) {
  const level = Math.round((255 * value) / high);
  return `background: rgb(${level} ${level} ${level}); color: ${ink(level, level, level)}`;
}

// Layers beside each other, each a grid of numbers.
function cells([depth, height, width]) {
  const layers = Array.from({ length: depth }, () => make('div', { class: 'grid', style: `--w: ${width}` },
    ...Array.from({ length: height * width }, () => make('span'))));
  const all = layers.flatMap((layer) => [...layer.children]);
  return {
    root: make('div', { class: 'layers' }, ...layers),
    paint: (values, colour, marked) => all.forEach((cell, i) => {
      const known = values[i] !== null;
      cell.textContent = known ? figure(values[i], 3) : '';
      cell.setAttribute('style', known ? colour(values[i]) : '');
      if (marked(i)) cell.style.boxShadow = edges(i, marked, height, width);
    }),
  };
}

// An outline around all marked cells of a layer, none between them.
function edges(i, marked, height, width) {
  const x = i % width, y = Math.floor(i / width) % height;
  const open = [[y > 0 && marked(i - width), '0 3px'], [y < height - 1 && marked(i + width), '0 -3px'],
    [x > 0 && marked(i - 1), '3px 0'], [x < width - 1 && marked(i + 1), '-3px 0']];
  return open.filter(([neighbour]) => !neighbour).map(([, offset]) => `inset ${offset} ${CHOSEN}`).join(', ') || 'none';
}

// The volume as a box, with the kernel's box in it.
function cube(shape, kernel) {
  const unit = 15, lean = 8;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const [depth, height, width] = shape;
  svg.setAttribute('width', width * unit + depth * lean + 6);
  svg.setAttribute('height', height * unit + depth * lean + 6);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'The volume as a box with the kernel in it');
  const spot = (z, y, x) => [3 + x * unit + z * lean, 3 + y * unit + (depth - z) * lean].join(',');
  const box = ([z, y, x], [d, h, w], kind) => {
    const [a, b, c] = [z + d, y + h, x + w];
    const faces = [[[z, y, x], [z, y, c], [z, b, c], [z, b, x]], [[z, y, x], [a, y, x], [a, y, c], [z, y, c]], [[z, y, c], [a, y, c], [a, b, c], [z, b, c]]];
    return faces.map((face) => `<polygon class="${kind}" points="${face.map((p) => spot(...p)).join(' ')}"/>`).join('');
  };
  return {
    root: svg,
    paint: (corner) => { svg.innerHTML = box([0, 0, 0], shape, 'whole') + box(corner, kernel, 'kernel'); },
  };
}
