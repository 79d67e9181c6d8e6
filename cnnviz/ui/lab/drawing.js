// A field as a picture: pixels enlarged by whole factors, the padding hatched, windows outlined.

// How numbers become colours. Signed: the theme's colours around 0. Else from black (0) to white.
function shade(field, { signed, high, colours }) {
  const size = field.height * field.width;
  const pixels = new ImageData(field.width, field.height);
  const levels = colours.length / 3;
  for (let i = 0; i < size; i++) {
    const rgb = [0, 1, 2].map((c) => field.values[field.channels === 3 ? c * size + i : i]);
    if (signed) {
      const share = high > 0 ? Math.min(1, Math.max(-1, rgb[0] / high)) : 0;
      const level = Math.round(((share + 1) / 2) * (levels - 1));
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = colours[3 * level + c];
    } else {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = high > 0 ? Math.round((255 * rgb[c]) / high) : 0;
    }
    pixels.data[4 * i + 3] = 255;
  }
  return pixels;
}

// One canvas. `view` = {field, scale, around: {top, left, bottom, right}, shown: cells that are drawn, marks}.
function board(label) {
  const canvas = make('canvas', { tabindex: 0, role: 'slider', 'aria-label': label, 'aria-valuemin': 1 });
  const pen = canvas.getContext('2d');
  const stamp = document.createElement('canvas');
  const made = { canvas, view: null, cell: 1, ratio: 1 };

  made.show = (view, room) => {
    made.view = view;
    const ratio = (made.ratio = window.devicePixelRatio || 1);
    const { field, around } = view;
    const rows = field.height + around.top + around.bottom, columns = field.width + around.left + around.right;
    const cell = (made.cell = Math.max(1, Math.floor((room * ratio) / Math.max(rows, columns))));
    if (canvas.width !== columns * cell || canvas.height !== rows * cell) { // a new canvas is slow
      canvas.width = columns * cell;
      canvas.height = rows * cell;
    }
    canvas.style.width = canvas.width / ratio + 'px';
    canvas.style.height = canvas.height / ratio + 'px';
    if (made.field !== field || made.scale !== view.scale) { // shading is the slow part: once a field
      Object.assign(made, { field, scale: view.scale, shades: shade(field, view.scale) });
      stamp.width = field.width;
      stamp.height = field.height;
      stamp.getContext('2d').putImageData(made.shades, 0, 0);
    }
    paint(pen, canvas, stamp, made);
  };
  made.at = (event) => {
    const box = canvas.getBoundingClientRect();
    const { around } = made.view;
    return {
      row: Math.floor(((event.clientY - box.top) * made.ratio) / made.cell) - around.top,
      column: Math.floor(((event.clientX - box.left) * made.ratio) / made.cell) - around.left,
    };
  };
  return made;
}

function paint(pen, canvas, stamp, { view, cell, ratio, shades }) {
  const { field, around, shown } = view;
  const style = getComputedStyle(canvas);
  const line = style.getPropertyValue('--st-border-color') || '#888';
  pen.clearRect(0, 0, canvas.width, canvas.height);
  hatch(pen, canvas, line, ratio);
  const left = around.left * cell, top = around.top * cell;
  pen.fillStyle = style.getPropertyValue('--st-background-color') || '#fff';
  pen.fillRect(left, top, field.width * cell, field.height * cell);
  pen.imageSmoothingEnabled = false;
  const rows = Math.min(field.height, Math.floor(shown / field.width)), rest = rows < field.height ? shown % field.width : 0;
  if (rows) pen.drawImage(stamp, 0, 0, field.width, rows, left, top, field.width * cell, rows * cell);
  if (rest) pen.drawImage(stamp, 0, rows, rest, 1, left, top + rows * cell, rest * cell, cell);
  if (cell >= 7 * ratio) grid(pen, canvas, cell, ratio);
  if (cell >= 27 * ratio) numbers(pen, view, cell, shades.data);
  pen.strokeStyle = line;
  pen.lineWidth = ratio;
  pen.strokeRect(left + ratio / 2, top + ratio / 2, field.width * cell - ratio, field.height * cell - ratio);
  for (const mark of view.marks) outline(pen, mark, around, cell, ratio);
}

function hatch(pen, canvas, colour, ratio) {
  pen.strokeStyle = colour;
  pen.lineWidth = ratio;
  pen.beginPath();
  for (let x = -canvas.height; x < canvas.width; x += 6 * ratio) {
    pen.moveTo(x, canvas.height);
    pen.lineTo(x + canvas.height, 0);
  }
  pen.stroke();
}

function grid(pen, canvas, cell, ratio) {
  pen.fillStyle = 'rgba(128, 136, 144, 0.35)';
  for (let x = cell; x < canvas.width; x += cell) pen.fillRect(x, 0, ratio, canvas.height);
  for (let y = cell; y < canvas.height; y += cell) pen.fillRect(0, y, canvas.width, ratio);
}

// Small matrices show their numbers, dark on bright and bright on dark.
function numbers(pen, { field, around, shown }, cell, pixels) {
  const size = field.height * field.width;
  if (field.channels > 1) return;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  for (let i = 0; i < Math.min(size, shown); i++) {
    const text = figure(field.values[i], 3);
    const points = Math.min(cell * 0.42, (cell * 1.5) / Math.max(text.length, 2));
    pen.font = `${Math.round(points)}px ${getComputedStyle(pen.canvas).fontFamily}`;
    pen.fillStyle = ink(...pixels.slice(4 * i, 4 * i + 3));
    const y = Math.floor(i / field.width) + around.top, x = (i % field.width) + around.left;
    pen.fillText(text, (x + 0.5) * cell, (y + 0.54) * cell);
  }
}

// mark = {row, column, reach, step: cells between two taps, dashed}.
function outline(pen, mark, around, cell, ratio) {
  const x = (mark.column + around.left) * cell, y = (mark.row + around.top) * cell, side = mark.reach * cell;
  const width = Math.max(2, Math.min(3, cell / 5)) * ratio;
  const frame = (colour, wide, inner) => {
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.strokeRect(x - inner, y - inner, side + 2 * inner, side + 2 * inner);
  };
  pen.setLineDash(mark.dashed ? [5 * ratio, 4 * ratio] : []);
  if (!mark.dashed) frame('rgba(255, 255, 255, 0.9)', width + 2 * ratio, 0);
  frame(CHOSEN, width, 0);
  pen.setLineDash([]);
  if (mark.step > 1) {
    pen.strokeStyle = CHOSEN;
    pen.lineWidth = Math.max(ratio, width / 2);
    for (let i = 0; i < mark.reach; i += mark.step) {
      for (let j = 0; j < mark.reach; j += mark.step) {
        pen.strokeRect(x + j * cell + ratio, y + i * cell + ratio, cell - 2 * ratio, cell - 2 * ratio);
      }
    }
  }
}
