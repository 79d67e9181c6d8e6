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
// One run: kernels, maps, answers and confusion of an epoch.
function panel(lapse) {
  const root = node('div', null, 'run');
  const head = node('p', root);
  const panels = node('div', root, 'panels');
  const part = (className) => {
    const made = node('div', panels, className);
    return { root: made, title: node('h2', made), canvas: null };
  };
  const kernels = part('kernels'), maps = part('maps'), answers = part('answers'), confusion = part('confusion');
  for (const one of [kernels, maps, confusion]) {
    one.canvas = node('canvas', one.root);
    one.canvas.setAttribute('role', 'img');
    one.image = new Image();
    one.image.onload = () => lapse.draw();
  }
  const row = node('div', answers.root);
  const probes = node('div', row, 'probes');
  const bars = node('div', row, 'bars');
  const faces = new Image();
  faces.onload = () => lapse.draw();
  let run, probabilities, matrix;

  const numbers = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Uint16Array(bytes.buffer);
  };
  const picture = (image, source) => { if (image.src !== source) image.src = source; };
  root.load = (given) => {
    run = given;
    probabilities = numbers(run.probabilities);
    matrix = run.confusion && numbers(run.confusion);
    for (const [one, reel] of [[kernels, run.kernels], [maps, run.maps]]) {
      one.root.hidden = !reel;
      if (reel) { picture(one.image, reel.src); one.title.textContent = reel.label; }
    }
    confusion.root.hidden = !matrix;
    picture(faces, run.probes.src);
  };

  root.draw = (epoch, wide) => {
    let frame = run.epochs.findLastIndex((known) => known <= epoch);
    if (frame < 0) frame = 0;
    const line = run.curve[frame], mine = run.epochs[frame];
    const later = mine !== epoch ? ` · its epoch ${mine}` : '';
    const told = [['validation', line.val_accuracy, line.val_loss], ['training', line.accuracy, line.loss]]
      .filter(([, accuracy]) => accuracy != null)
      .map(([name, accuracy, loss]) => `${name} ${percent(accuracy)}` + (loss == null ? '' : `, loss ${loss.toFixed(3)}`));
    const figures = mine ? told.join(' · ') : `before training: ${run.begins}`;
    head.innerHTML = '<i></i><b></b> <span></span>';
    head.children[0].style.background = run.colour;
    const twice = lapse.shown()[0] === lapse.shown()[1];
    head.children[1].textContent = twice ? (mine ? `epoch ${mine}` : 'untrained') : run.title;
    head.children[2].textContent = `${lapse.shown().length > 1 ? '' : '· '}${figures}${later}`;
    const narrow = wide < 640, half = (wide - 24) / 2, room = narrow ? wide : half;
    answers.root.style.gridColumn = confusion.root.style.gridColumn = narrow ? 'span 2' : 'auto';
    const tall = Math.max(173, (window.innerHeight - 455) / 2);
    for (const [one, reel] of [[kernels, run.kernels], [maps, run.maps]]) if (reel) tiles(one, reel, frame, half, tall);
    const row = Math.max(17.5, Math.min(30, tall / 10));
    bars.style.lineHeight = row + 'px';
    bars.style.fontSize = Math.min(16, 0.74 * row) + 'px';
    answer(frame, row < 26 ? 36 : 56);
    if (matrix) drawMatrix(frame, room, tall);
  };

  function tiles(one, reel, frame, room, tall) {
    const { count, width, height, label } = reel, gap = 2;
    let best = null;
    for (let factor = 40; factor >= 1 && !best; factor--) {
      const columns = Math.min(count, Math.floor((room + gap) / (width * factor + gap)));
      if (columns < 1 && factor > 1) continue;
      const rows = Math.ceil(count / Math.max(1, columns));
      if (rows * (height * factor + gap) <= 1.15 * tall || factor === 1) best = { factor, rows, columns: Math.ceil(count / rows) };
    }
    const { factor, rows, columns } = best, w = width * factor, h = height * factor;
    const [pen, ratio] = sized(one.canvas, columns * (w + gap) - gap, rows * (h + gap) - gap);
    if (!one.image.complete || !one.image.naturalWidth) return;
    const scale = Math.round(ratio) || 1;  // whole pixels of the screen
    for (let i = 0; i < count; i++) {
      const x = (i % columns) * (w + gap) * scale, y = Math.floor(i / columns) * (h + gap) * scale;
      pen.drawImage(one.image, i * width, frame * height, width, height, x, y, w * scale, h * scale);
    }
    one.canvas.setAttribute('aria-label', `${label}, ${run.epochs[frame] ? 'epoch ' + run.epochs[frame] : 'untrained'}`);
  }

  function answer(frame, side) {
    const { count, width, height, labels } = run.probes, classes = run.names.length;
    const share = (probe, label, at = frame) => probabilities[(at * count + probe) * classes + label] / 65535;
    const best = (probe) => run.names.reduce((top, _, label) => (share(probe, label) > share(probe, top) ? label : top), 0);
    const right = labels.filter((label, i) => best(i) === label).length;
    answers.title.textContent = `What it answers: ${right} of ${count} probe images right`;
    while (probes.children.length > count) probes.lastChild.remove();
    while (probes.children.length < count) {
      const made = node('button', probes), place = probes.children.length - 1;
      made.type = 'button';
      node('canvas', made);
      node('span', made);
      made.onclick = () => { lapse.probe = place; lapse.draw(); };
    }
    const factor = Math.max(1, Math.floor(side / Math.max(width, height)));
    const chosen = Math.min(lapse.probe, count - 1);
    [...probes.children].forEach((made, i) => {
      const [canvas, word] = made.children, said = best(i), fine = said === labels[i];
      const [pen] = sized(canvas, Math.min(side, width * factor), Math.min(side, height * factor));
      if (faces.naturalWidth) pen.drawImage(faces, i * width, 0, width, height, 0, 0, canvas.width, canvas.height);
      word.textContent = fine ? '✓' : '✗';
      word.style.color = fine ? lapse.data.right : lapse.data.wrong;
      made.setAttribute('aria-pressed', String(i === chosen));
      made.title = `${run.names[labels[i]]}: the network says ${run.names[said]}, ${percent(share(i, said))}`;
      made.setAttribute('aria-label', made.title);
    });
    // The same classes in every epoch, so that bars grow and don't jump: all, or the last epoch's first ones.
    const last = run.epochs.length - 1, order = run.names.map((_, label) => label);
    let shown = order;
    if (classes > 10) {
      shown = order.sort((a, b) => share(chosen, b, last) - share(chosen, a, last)).slice(0, 10);
      if (!shown.includes(labels[chosen])) shown[9] = labels[chosen];
    }
    while (bars.children.length > 3 * shown.length) bars.lastChild.remove();
    while (bars.children.length < 3 * shown.length) { node('span', bars); node('b', node('i', bars)); node('em', bars); }
    shown.forEach((label, row) => {
      const [name, bar, value] = [0, 1, 2].map((column) => bars.children[3 * row + column]);
      const isTrue = label === labels[chosen], said = label === best(chosen);
      name.textContent = run.names[label] + (isTrue ? ' (true)' : '');
      name.className = isTrue ? 'true' : '';
      bar.firstChild.style.width = 100 * share(chosen, label) + '%';
      bar.firstChild.style.background = isTrue ? lapse.data.right : said ? lapse.data.wrong : '#8A9199';
      value.textContent = percent(share(chosen, label));
    });
  }

  function drawMatrix(frame, room, tall) {
    const classes = run.names.length, small = classes > 12;
    const left = small ? 0 : 84, across = Math.min(room - left, tall) / classes;
    const cell = small ? Math.max(1, Math.round(across)) : Math.floor(across);
    const [pen, ratio] = sized(confusion.canvas, left + cell * classes, cell * classes);
    const style = getComputedStyle(root), ramp = lapse.data.scale.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
    const colour = (share) => {
      const at = Math.sqrt(share) * (ramp.length - 1), low = Math.min(ramp.length - 2, Math.floor(at));
      return `rgb(${ramp[low].map((value, i) => Math.round(value + (ramp[low + 1][i] - value) * (at - low)))})`;
    };
    pen.scale(ratio, ratio);
    pen.textBaseline = 'middle';
    for (let row = 0; row < classes; row++) {
      pen.font = `${cell < 20 ? 11 : 13}px ${style.fontFamily}`;
      pen.textAlign = 'right';
      pen.fillStyle = style.color;
      if (!small) pen.fillText(run.names[row], left - 6, (row + 0.5) * cell, left - 8);
      pen.textAlign = 'center';
      for (let column = 0; column < classes; column++) {
        const share = matrix[(frame * classes + row) * classes + column] / 65535;
        pen.fillStyle = colour(share);
        pen.fillRect(left + column * cell, row * cell, cell, cell);
        if (small || cell < 15 || share < 0.005) continue;
        pen.fillStyle = lapse.data.dark || share > 0.3 ? '#fff' : '#1C2127';
        pen.fillText(Math.round(100 * share), left + (column + 0.5) * cell, (row + 0.5) * cell);
      }
    }
    const n = run.seen[frame];
    confusion.title.textContent = 'Confusion matrix' +
      (n ? `, ${small ? 'a row a class' : 'percent of each row’s class'}; ${n.toLocaleString('en')} ${run.images} images` : ': not kept for this epoch');
    confusion.canvas.onmousemove = (event) => {
      const column = Math.floor((event.offsetX - left) / cell), row = Math.floor(event.offsetY / cell);
      const share = matrix[(frame * classes + row) * classes + column] / 65535;
      confusion.canvas.title = column >= 0 && run.names[row] ? `true ${run.names[row]}, answer ${run.names[column]}: ${percent(share)}` : '';
    };
    confusion.canvas.setAttribute('aria-label', `Confusion matrix, ${run.epochs[frame] ? 'epoch ' + run.epochs[frame] : 'untrained'}`);
  }
  return root;
}
