// One metric by epoch: training dotted with circles, thin within the epochs; validation solid with diamonds.
// Drag chooses a range of epochs on both charts; Escape, a double click or the button shows all again.
const MARGIN = { left: 50, right: 104, top: 40, bottom: 42 };
const COLUMNS = { accuracy: [1, 2, 1], loss: [3, 4, 2] };   // of an epoch: training, validation; within: training

function chart(host, metric, view, redraw) {
  const svg = host.querySelector('svg'), tip = host.querySelector('.tip'), all = host.querySelector('button');
  const [TRAINING, VALIDATION, WITHIN] = COLUMNS[metric];
  const percent = metric === 'accuracy';
  let width = 0, height = 0, x, y, from = null;

  const show = (value) => (percent ? value.toFixed(1) + ' %' : (value >= 0.001 ? value.toPrecision(3) : String(Number(value.toPrecision(2)))));
  const range = () => view.zoom ?? [0, Math.max(view.total, 1)];

  function scales() {
    const [first, last] = range(), values = [];
    const keep = (points, column) => {
      for (const point of points) {
        if (point[0] >= first && point[0] <= last && point[column] != null) values.push(point[column]);
      }
    };
    keep(view.epochs, TRAINING); keep(view.epochs, VALIDATION); keep(view.within, WITHIN);
    const highest = values.length ? Math.max(...values) : 1, lowest = values.length ? Math.min(...values) : 0;
    const step = niceStep((values.length ? highest - lowest : percent ? 100 : 1) || highest / 2 || 1, 5);
    let low = Math.floor(lowest / step) * step, high = Math.ceil(highest / step) * step;
    if (high === low) high += step;
    if (!values.length && percent) high = 100;
    if (percent) high = Math.min(high, 100);
    x = (value) => MARGIN.left + (value - first) / (last - first) * (width - MARGIN.left - MARGIN.right);
    x.back = (pixel) => first + (pixel - MARGIN.left) / (width - MARGIN.left - MARGIN.right) * (last - first);
    y = (value) => MARGIN.top + (high - value) / (high - low) * (height - MARGIN.top - MARGIN.bottom);
    return { first, last, low, high, step };
  }

  function draw() {
    width = host.clientWidth;
    height = svg.clientHeight;
    if (!width) return;
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const bounds = scales(), bottom = height - MARGIN.bottom, right = width - MARGIN.right;
    const parts = [];
    for (let tick = bounds.low; tick <= bounds.high + bounds.step / 1e6; tick += bounds.step) {
      parts.push(`<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>`,
        `<text class="tick" x="${MARGIN.left - 8}" y="${y(tick) + 4.5}" text-anchor="end">${plain(tick, bounds.step)}</text>`);
    }
    const every = niceStep(bounds.last - bounds.first, 6, true);
    for (let tick = Math.ceil(bounds.first / every) * every; tick <= bounds.last + 1e-9; tick += every) {
      parts.push(`<text class="tick" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${plain(tick, every)}</text>`);
    }
    parts.push(`<line class="axis" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
      `<text class="tick" x="${(MARGIN.left + right) / 2}" y="${height - 4}" text-anchor="middle">epoch</text>`,
      '<svg class="plot">', curve(view.within, WITHIN, 'within'), curve(view.epochs, TRAINING, 'training'),
      curve(view.epochs, VALIDATION, 'validation'), marks(TRAINING, circle), marks(VALIDATION, diamond), '</svg>',
      labels(), cursor(bottom));
    svg.innerHTML = parts.join('');
    const plot = svg.querySelector('.plot');
    // A curve outside the chosen range is cut off at the axes.
    for (const [name, value] of Object.entries({ x: MARGIN.left - 6, y: MARGIN.top - 6, width: right - MARGIN.left + 12, height: bottom - MARGIN.top + 12 })) plot.setAttribute(name, value);
    plot.setAttribute('viewBox', `${MARGIN.left - 6} ${MARGIN.top - 6} ${right - MARGIN.left + 12} ${bottom - MARGIN.top + 12}`);
    svg.style.setProperty('--run', view.colour);
    all.hidden = !view.zoom;
  }

  // A value that is missing, as after a loss that was no number, leaves a gap.
  function curve(points, column, name) {
    let path = '', pen = 'M';
    for (const point of points) {
      if (point[column] == null) { pen = 'M'; continue; }
      path += `${pen}${x(point[0]).toFixed(1)} ${y(point[column]).toFixed(1)}`;
      pen = 'L';
    }
    return path && `<path class="${name}" d="${path}"/>`;
  }

  function marks(column, shape) {
    const [first, last] = range();
    const seen = view.epochs.filter((point) => point[0] >= first && point[0] <= last && point[column] != null);
    const shown = seen.length <= 40 ? seen : seen.slice(-1);
    return shown.map((point) => shape(x(point[0]), y(point[column]))).join('');
  }

  // Names and last values beside the ends of the lines, moved apart where the lines end close together.
  function labels() {
    const [, last] = range();
    const tipX = Math.max(view.epochs.at(-1)?.[0] ?? 0, view.within.at(-1)?.[0] ?? 0);
    if (tipX > last) return '';
    const ends = [['training', TRAINING], ['validation', VALIDATION]].flatMap(([name, column]) => {
      const value = view.epochs.at(-1)?.[column] ?? (name === 'training' && !view.epochs.length ? view.within.at(-1)?.[WITHIN] : null);
      return value == null ? [] : [{ name, value, at: y(value) }];
    }).sort((a, b) => a.at - b.at);
    if (ends.length === 2) {
      const apart = Math.max(0, 17 - (ends[1].at - ends[0].at)) / 2;
      ends[0].at -= apart;
      ends[1].at += apart;
    }
    const left = Math.min(x(tipX) + 9, width - MARGIN.right + 9);
    return ends.map((end) => `<text class="end" x="${left}" y="${end.at + 4.5}">${end.name} ${show(end.value)}</text>`).join('');
  }

  function cursor(bottom) {
    const point = view.cursor;
    tip.hidden = !point || x(point[0]) < MARGIN.left - 1 || x(point[0]) > width - MARGIN.right + 1;
    if (tip.hidden) return '';
    const whole = point.length === 5;
    const values = whole ? [['training', point[TRAINING]], ['validation', point[VALIDATION]]] : [['training', point[WITHIN]]];
    const title = whole ? `epoch ${point[0]}` : `epoch ${Math.floor(point[0]) + 1}, ${Math.round(100 * (point[0] % 1))} % of it`;
    tip.textContent = [title, ...values.filter(([, value]) => value != null).map(([name, value]) => `${name} ${show(value)}`)].join('\n');
    const beside = x(point[0]) > width / 2 ? -tip.offsetWidth - 10 : 10;
    tip.style.transform = `translate(${x(point[0]) + beside}px, ${MARGIN.top}px)`;
    return `<line class="cursor" x1="${x(point[0])}" x2="${x(point[0])}" y1="${MARGIN.top}" y2="${bottom}"/>`;
  }

  // The epoch under the pointer; between two epochs, where they stand far apart, the place within one.
  function nearest(pixel) {
    const closest = (points) => points.reduce((best, point) =>
      (!best || Math.abs(x(point[0]) - pixel) < Math.abs(x(best[0]) - pixel) ? point : best), null);
    const epoch = closest(view.epochs);
    return epoch && Math.abs(x(epoch[0]) - pixel) < 14 ? epoch : closest(view.within) ?? epoch;
  }

  const zoomTo = (zoom) => { view.zoom = zoom; redraw(); };
  svg.onpointerdown = (event) => { if (event.button === 0) { from = event.offsetX; svg.setPointerCapture(event.pointerId); } };
  svg.onpointermove = (event) => {
    if (!x) return;
    view.cursor = nearest(event.offsetX);
    redraw();
    if (from !== null && Math.abs(event.offsetX - from) > 8) {
      const [left, right] = [from, event.offsetX].sort((a, b) => a - b);
      svg.insertAdjacentHTML('beforeend', `<rect class="choice" x="${left}" width="${right - left}" y="${MARGIN.top}" height="${height - MARGIN.top - MARGIN.bottom}"/>`);
    }
  };
  svg.onpointerup = (event) => {
    const chosen = from !== null && Math.abs(event.offsetX - from) > 8 && [x.back(from), x.back(event.offsetX)].sort((a, b) => a - b);
    from = null;
    if (chosen) zoomTo([Math.max(0, chosen[0]), Math.max(chosen[1], chosen[0] + 0.1)]);
  };
  svg.onpointercancel = () => { from = null; };
  svg.onpointerleave = () => { view.cursor = null; redraw(); };
  svg.ondblclick = all.onclick = () => zoomTo(null);
  svg.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], points = view.epochs.length ? view.epochs : view.within;
    if (event.key === 'Escape') { view.cursor = null; zoomTo(null); }
    if (!step || !points.length) return;
    const now = points.indexOf(view.cursor);
    view.cursor = points[now < 0 ? points.length - 1 : Math.min(points.length - 1, Math.max(0, now + step))];
    event.preventDefault();
    redraw();
  };
  new ResizeObserver(draw).observe(host);
  return { draw };
}

const circle = (x, y) => `<circle class="mark" cx="${x}" cy="${y}" r="3.5"/>`;
const diamond = (x, y) => `<path class="mark" d="M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z"/>`;

// 1, 2, 2.5 or 5 times a power of ten, so that about `count` of them make the span; of what is counted, whole.
function niceStep(span, count, whole) {
  const power = 10 ** Math.floor(Math.log10(span / count));
  const factors = whole && power < 10 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  const step = factors.find((factor) => factor * power >= span / count) * power;
  return whole ? Math.max(1, step) : step;
}

// As many digits as tell two neighbouring ticks apart.
function plain(value, step) {
  let digits = 0;
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits += 1;
  return value.toFixed(digits);
}
