const GAP = 12, ROW_GAP = 10, LEAST = 8;

// Pixels of the screen below what stands above the gallery, so that its rows fit without scrolling.
const room = (above) => Math.max(160, window.innerHeight - above - 20);

// Many images: tiles of about 64 pixels in cells wide enough for their captions; the page scrolls.
const CELL = 78, SMALL = 64;

function dense(box, data) {
  const factor = Math.max(1, Math.round(SMALL / data.width)) * Math.min(1, CELL / data.width);
  const fit = Math.max(1, Math.floor((box.clientWidth - 6 + 9) / (CELL + 9)));
  const columns = data.titles.length <= 20 ? Math.min(fit, 10) : fit;
  return { columns, factor: factor >= 1 ? Math.floor(factor) : factor, cell: CELL };
}

// As many columns as asked for, or half as many in more rows, where the images become larger so.
function large(box, data) {
  const usual = fitted(box, data, data.columns, data.rows);
  const half = Math.ceil(data.columns / 2);
  if (data.rows > 1 || half < 2) return usual;
  const folded = fitted(box, data, half, Math.ceil(data.titles.length / half));
  return folded.factor > usual.factor ? folded : usual;
}

function fitted(box, data, most, allRows) {
  const captions = (data.titles.some(Boolean) ? 1 : 0) + (data.lines.some(Boolean) ? 1 : 0);
  const free = box.clientWidth - 6;
  const text = captions * 19 + (captions ? 3 : 0);
  let columns = most;
  let side = 0;
  for (; columns >= 1; columns--) {
    const wide = (free - GAP * (columns - 1)) / columns / data.width;
    const rows = Math.min(allRows, Math.ceil(data.titles.length / columns));
    const high = ((room(data.above) - ROW_GAP * (rows - 1)) / rows - text) / data.height;
    side = Math.min(wide, Math.max(high, 40 / data.height));
    if (side * data.width >= Math.min(LEAST * 4, data.width)) break;
  }
  // Whole factors keep every pixel the same size; only images larger than their place are shrunk.
  return { columns: Math.max(columns, 1), factor: side >= 1 ? Math.floor(side) : side, cell: 0 };
}

function layout(box, data) {
  const { columns, factor, cell } = data.dense ? dense(box, data) : large(box, data);
  const width = Math.round(data.width * factor), height = Math.round(data.height * factor);
  box.style.gridTemplateColumns = `repeat(${columns}, ${Math.max(width, cell)}px)`;
  box.style.columnGap = data.dense ? '9px' : `${GAP}px`;
  box.style.fontSize = width < 80 ? '12px' : width < 110 ? '13px' : '15px';
  const down = Math.ceil(data.titles.length / data.across);
  [...box.children].forEach((figure, i) => {
    const tile = figure.firstChild;
    tile.style.width = `${width}px`;
    tile.style.height = `${height}px`;
    tile.style.imageRendering = factor >= 1 ? 'pixelated' : 'auto';
    tile.style.backgroundSize = `${width * data.across}px ${height * down}px`;
    tile.style.backgroundPosition = `${-(i % data.across) * width}px ${-Math.floor(i / data.across) * height}px`;
  });
}

function tile(data, i, pick) {
  const element = document.createElement(data.clickable ? 'button' : 'div');
  if (data.clickable) {
    element.type = 'button';
    element.onclick = () => pick(i);
  } else {
    element.className = 'still';
    element.setAttribute('role', 'img');
  }
  element.title = data.hints[i];
  element.setAttribute('aria-label', data.hints[i]);
  element.style.backgroundImage = `url(${data.sprite})`;
  return element;
}

function caption(data, i) {
  const element = document.createElement('figcaption');
  for (const [name, text] of [['title', data.titles[i]], ['line', data.lines[i]]]) {
    if (!text) continue;
    const line = document.createElement('span');
    line.className = name;
    line.textContent = text;
    line.title = text;
    element.appendChild(line);
  }
  return element;
}

// Built anew only when something has changed: the focus of the keyboard stays where it is.
function fill(box, data, pick) {
  const content = JSON.stringify(data);
  box.pick = pick;
  if (box.content === content) return;
  box.content = content;
  box.replaceChildren(...data.titles.map((_, i) => {
    const figure = document.createElement('figure');
    figure.append(tile(data, i, (place) => box.pick(place)), caption(data, i));
    return figure;
  }));
}

export default function({ parentElement, data, setTriggerValue }) {
  let box = parentElement.querySelector('.gallery');
  if (!box) {
    box = document.createElement('div');
    box.className = 'gallery';
    box.setAttribute('role', 'group');
    parentElement.appendChild(box);
  }
  box.setAttribute('aria-label', data.alt);
  fill(box, data, (place) => setTriggerValue('picked', place));
  const again = () => layout(box, data);
  again();
  const watch = new ResizeObserver(again);
  watch.observe(box);
  window.addEventListener('resize', again);
  return () => { watch.disconnect(); window.removeEventListener('resize', again); };
}
