// All epochs of one run or two, held as sprites and played here: no step asks the server.
// Keys: space plays and pauses, arrows step, Home and End go to the ends; one slider for both runs.
const ICONS = {
  play: 'M3 1l10 6-10 6z', pause: 'M2 1h4v12H2zM8 1h4v12H8z', back: 'M11 1v12L3 7zM1 1h2v12H1z', on: 'M3 1v12l8-6zM11 1h2v12h-2z',
};
const icon = (name) => `<svg viewBox="0 0 14 14" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
const node = (tag, parent, className) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (parent) parent.appendChild(made);
  return made;
};
const percent = (share) => (share == null ? '–' : (100 * share).toFixed(1) + ' %');

export default function ({ parentElement, data }) {
  const lapse = parentElement.lapse || (parentElement.lapse = create(parentElement));
  lapse.observer.observe(lapse.root);
  lapse.show(data);
  return () => { lapse.observer.disconnect(); lapse.play(false); };
}

function create(parent) {
  const root = node('div', parent, 'lapse');
  const bar = node('div', root, 'bar');
  const button = (label, html, className) => {
    const made = node('button', bar, className);
    made.type = 'button';
    made.title = label;
    made.setAttribute('aria-label', label);
    made.innerHTML = html;
    return made;
  };
  const back = button('One epoch back', icon('back'));
  const playing = button('Play', icon('play') + 'Play', 'play');
  const on = button('One epoch on', icon('on'));
  const range = node('input', bar);
  range.type = 'range';
  range.setAttribute('aria-label', 'Epoch');
  const told = node('output', bar);
  const speed = node('select', bar);
  speed.setAttribute('aria-label', 'Speed, in epochs a second');
  for (const rate of [1, 2, 4, 8, 16]) speed.add(new Option(`${rate} a second`, rate, rate === 2, rate === 2));
  const looped = node('label', bar);
  const loop = node('input', looped);
  loop.type = 'checkbox';
  loop.checked = true;
  looped.append('loop');
  const hold = button('Keep this epoch beside the others', 'Hold', 'hold');
  const curve = node('canvas', root, 'curve');
  curve.setAttribute('role', 'img');
  const runs = node('div', root, 'runs');
  const lapse = { root, data: null, epochs: [], place: -1, probe: 0, timer: 0, width: 0, held: null };

  const epochOf = () => lapse.epochs[lapse.place] || 0;
  lapse.go = (place) => {
    lapse.place = Math.max(0, Math.min(lapse.epochs.length - 1, place));
    lapse.draw();
    clearTimeout(lapse.settled);
    if (!lapse.timer) lapse.settled = setTimeout(remember, 300);
  };
  // With one run, an epoch can be held: it then stands still beside the one of the slider.
  const holds = () => lapse.held != null && lapse.data.runs.length === 1;
  lapse.shown = () => (holds() ? [lapse.data.runs[0], lapse.data.runs[0]] : lapse.data.runs);
  const epochIn = (i) => (holds() && i === 0 ? lapse.held : epochOf());
  hold.onclick = () => {
    lapse.held = holds() ? null : epochOf();
    lapse.arrange();
    remember();
  };
  function remember() {  // the link brings the epochs back; the server is not asked
    const link = new URL(window.location.href);
    if (lapse.place === lapse.epochs.length - 1) link.searchParams.delete('epoch');
    else link.searchParams.set('epoch', epochOf());
    if (holds()) link.searchParams.set('held', lapse.held);
    else link.searchParams.delete('held');
    window.history.replaceState(window.history.state, '', link);
  }
  lapse.play = (wanted) => {
    clearInterval(lapse.timer);
    lapse.timer = 0;
    if (wanted) {
      if (lapse.place >= lapse.epochs.length - 1) lapse.go(0);
      lapse.timer = setInterval(() => {
        const last = lapse.place >= lapse.epochs.length - 1;
        if (last && !loop.checked) lapse.play(false);
        else lapse.go(last ? 0 : lapse.place + 1);
      }, 1000 / Number(speed.value));
    } else if (lapse.data) remember();
    playing.innerHTML = wanted ? icon('pause') + 'Pause' : icon('play') + 'Play';
    playing.setAttribute('aria-label', wanted ? 'Pause' : 'Play');
    playing.title = (wanted ? 'Pause' : 'Play') + ' (space)';
  };
  const step = (by) => { lapse.play(false); lapse.go(lapse.place + by); };
  back.onclick = () => step(-1);
  on.onclick = () => step(1);
  playing.onclick = () => lapse.play(!lapse.timer);
  range.oninput = () => { lapse.play(false); lapse.go(Number(range.value)); };
  speed.onchange = () => { if (lapse.timer) lapse.play(true); };
  root.onkeydown = (event) => {
    const tag = event.composedPath()[0];
    if (event.key === ' ' && (tag === range || tag === curve)) { lapse.play(!lapse.timer); event.preventDefault(); }
  };
  curve.onpointerdown = curve.onpointermove = (event) => {
    if (event.type === 'pointermove' && !event.buttons) return;
    const box = curve.getBoundingClientRect();
    lapse.play(false);
    lapse.go(Math.round(((event.clientX - box.left - 6) / (box.width - 12)) * (lapse.epochs.length - 1)));
  };

  lapse.show = (data) => {
    const before = lapse.epochs, at = before[lapse.place];
    const followed = lapse.place === before.length - 1;
    lapse.data = data;
    lapse.epochs = [...new Set(data.runs.flatMap((run) => run.epochs))].sort((a, b) => a - b);
    if (!before.length) {
      const link = new URL(window.location.href).searchParams;
      const [asked, held] = ['epoch', 'held'].map((name) => Number(link.get(name) ?? NaN));
      lapse.place = lapse.epochs.includes(asked) ? lapse.epochs.indexOf(asked) : lapse.epochs.length - 1;
      lapse.held = lapse.epochs.includes(held) ? held : null;
    } else lapse.place = followed && !lapse.timer ? lapse.epochs.length - 1 : Math.max(0, lapse.epochs.indexOf(at));
    range.max = lapse.epochs.length - 1;
    lapse.arrange();
  };
  lapse.arrange = () => {
    const shown = lapse.shown();
    while (runs.children.length > shown.length) runs.lastChild.remove();
    while (runs.children.length < shown.length) runs.appendChild(panel(lapse));
    shown.forEach((run, i) => runs.children[i].load(run));
    hold.hidden = lapse.data.runs.length > 1;
    hold.textContent = holds() ? 'Let go' : 'Hold';
    hold.title = holds() ? 'Show one epoch again' : 'Keep this epoch, and move another one beside it';
    hold.setAttribute('aria-label', `${hold.textContent}: ${hold.title}`);
    hold.setAttribute('aria-pressed', String(holds()));
    lapse.draw();
  };
  lapse.draw = () => {
    const { data } = lapse;
    const total = Math.max(...data.runs.map((run) => run.total));
    told.textContent = epochOf() ? `epoch ${epochOf()} of ${total}` : 'untrained';
    range.value = lapse.place;
    range.setAttribute('aria-valuetext', told.textContent);
    const wide = root.clientWidth || 600, many = lapse.shown().length;
    runs.classList.toggle('many', many > 1);
    runs.style.gridTemplateColumns = `repeat(${many}, minmax(0, 1fr))`;
    drawCurve(curve, lapse, wide);
    [...runs.children].forEach((each, i) => each.draw(epochIn(i), (wide - 28 * (many - 1)) / many));
  };
  lapse.observer = new ResizeObserver(() => {
    if (lapse.data && root.clientWidth !== lapse.width) { lapse.width = root.clientWidth; lapse.draw(); }
  });
  return lapse;
}

function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = canvas.width / ratio + 'px';
  canvas.style.height = canvas.height / ratio + 'px';
  const pen = canvas.getContext('2d');
  pen.imageSmoothingEnabled = false;
  return [pen, ratio];
}

function drawCurve(canvas, lapse, wide) {
  const height = 34, { epochs, data, root } = lapse;
  const [pen, ratio] = sized(canvas, wide, height);
  pen.scale(ratio, ratio);
  const ink = getComputedStyle(root).color;
  const x = (epoch) => 6 + (epochs.indexOf(epoch) / Math.max(1, epochs.length - 1)) * (wide - 12);
  const lines = data.runs.flatMap((run) => [['val_accuracy', []], ['accuracy', [2, 4]]].map(([name, dash]) => ({
    colour: run.colour, dash,
    points: run.epochs.map((epoch, i) => [epoch, run.curve[i][name]]).filter(([, value]) => value != null),
  })));
  const values = lines.flatMap((line) => line.points.map(([, value]) => value));
  const low = Math.min(...values, 1), high = Math.max(...values, low + 0.01);
  for (const { colour, dash, points } of lines) {
    pen.beginPath();
    pen.setLineDash(dash);
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    for (const [epoch, value] of points) pen.lineTo(x(epoch), 4 + (1 - (value - low) / (high - low)) * (height - 8));
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.fillStyle = ink;
  pen.globalAlpha = 0.75;
  pen.font = '12px ' + getComputedStyle(root).fontFamily;
  pen.textAlign = 'right';
  if (values.length) pen.fillText(`accuracy ${percent(low)} to ${percent(high)}: validation solid, training dotted`, wide - 12, height - 3);
  pen.globalAlpha = 1;
  pen.fillRect(x(epochs[lapse.place]) - 1, 0, 2, height);
  canvas.setAttribute('aria-label', 'Accuracy of validation and training over the epochs');
}
