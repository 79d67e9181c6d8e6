// Weights too many for a grid of fields: a picture of them, in which one at a time is chosen and edited.

function weightPlate({ edit }) {
  const canvas = make('canvas', { tabindex: 0, role: 'slider', 'aria-label': 'Chosen weight', 'aria-valuemin': 1 });
  const field = make('input', { inputmode: 'decimal', 'aria-label': 'Value of the chosen weight' });
  const name = make('span');
  const root = make('div', { class: 'plate' }, canvas, make('label', {}, name, field));
  const stamp = document.createElement('canvas');
  let square = [[0]], chosen = 0, pointed = -1, cell = 1;
  const row = () => Math.floor(chosen / square.length), column = () => chosen % square.length;

  function draw() {
    const m = square.length, pen = canvas.getContext('2d');
    pen.imageSmoothingEnabled = false;
    pen.drawImage(stamp, 0, 0, m * cell, m * cell);
    const width = Math.max(2, cell / 6);
    for (const at of [chosen, pointed]) {
      if (at < 0) continue;
      for (const [colour, wide] of [['#FFFFFF', 2.5 * width], [CHOSEN, width]]) { // seen on every colour
        pen.strokeStyle = colour;
        pen.lineWidth = wide;
        pen.strokeRect((at % m) * cell, Math.floor(at / m) * cell, cell, cell);
      }
    }
    name.textContent = `row ${row() + 1}, column ${column() + 1}`;
    if (field.getRootNode().activeElement !== field) field.value = String(Number(square[row()][column()].toPrecision(6)));
    canvas.setAttribute('aria-valuemax', m * m);
    canvas.setAttribute('aria-valuenow', chosen + 1);
    canvas.setAttribute('aria-valuetext', `${name.textContent}: ${figure(square[row()][column()])}`);
  }
  const choose = (at) => {
    chosen = Math.max(0, Math.min(at, square.length ** 2 - 1));
    draw();
  };
  field.oninput = () => {
    const value = parsed(field.value);
    field.setAttribute('aria-invalid', String(Number.isNaN(value)));
    if (!Number.isNaN(value)) edit(row(), column(), value);
  };
  field.onblur = () => { field.setAttribute('aria-invalid', 'false'); draw(); };
  canvas.onclick = (event) => {
    const box = canvas.getBoundingClientRect(), m = square.length;
    const along = (from, size, at) => Math.max(0, Math.min(m - 1, Math.floor(((at - from) / size) * m)));
    choose(along(box.top, box.height, event.clientY) * m + along(box.left, box.width, event.clientX));
    field.focus();
    field.select();
  };
  canvas.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: square.length, ArrowUp: -square.length }[event.key];
    if (event.key === 'Enter') { field.focus(); field.select(); } else if (by) choose(chosen + by); else return;
    event.preventDefault();
    event.stopPropagation(); // the window over the image stays where it is
  };
  const show = (weights, colours, room) => {
    if (weights.length !== square.length) chosen = Math.floor(weights.length ** 2 / 2);
    square = weights;
    const ratio = window.devicePixelRatio || 1, m = square.length;
    cell = Math.max(1, Math.floor((room * ratio) / m));
    canvas.width = canvas.height = m * cell;
    canvas.style.width = canvas.style.height = `${(m * cell) / ratio}px`;
    stamped(stamp, m, square.flat(), Math.max(...square.flat().map(Math.abs)) || 1, colours);
    draw();
  };
  const point = (tap) => {
    if (tap !== pointed) { pointed = tap; if (square.length > 1) draw(); }
  };
  return { root, show, point };
}
