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
