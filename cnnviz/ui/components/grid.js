// One canvas of tiles cut from one PNG, each enlarged by the same whole number of device pixels.
// A click, or the arrow keys, choose a tile; the canvas is one stop of the tab key.
export default function ({ parentElement, data, setTriggerValue }) {
  let grid = parentElement.grid;
  if (!grid) {
    grid = parentElement.grid = create(parentElement);
  }
  grid.send = (tile) => setTriggerValue('picked', tile);
  grid.show(data);
  return () => grid.observer.disconnect();
}

function create(root) {
  // The root may be a shadow root, which has no width of its own.
  const parent = document.createElement('div');
  parent.style.width = '100%';
  root.appendChild(parent);
  const canvas = document.createElement('canvas');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'slider');
  canvas.setAttribute('aria-valuemin', 1);
  parent.appendChild(canvas);
  const pen = canvas.getContext('2d');
  const atlas = new Image();
  const grid = { canvas, data: null, chosen: -1, hovered: -1, layout: null, timer: 0 };

  function arrange() {
    const { count, width, height, most } = grid.data;
    const ratio = window.devicePixelRatio || 1;
    const gap = Math.round(2 * ratio);
    const room = Math.max(parent.clientWidth, 60) * ratio - gap;
    const tall = Math.max(300, window.innerHeight - 415) * ratio * grid.data.share;
    let best = null;
    for (let factor = Math.max(1, Math.round(most * ratio)); factor >= 1; factor--) {
      const columns = Math.min(count, Math.floor(room / (width * factor + gap)));
      if (columns < 1 && factor > 1) continue;
      best = { factor, columns: Math.max(1, columns), gap, ratio };
      best.rows = Math.ceil(count / best.columns);
      const needed = best.rows * (height * factor + gap);
      // Rather scroll a little than look at stamps.
      const stamps = Math.max(width, height) * (factor - 1) < 44 * ratio;
      if (needed <= tall || (stamps && needed <= 1.5 * tall)) break;
    }
    best.columns = Math.ceil(count / best.rows); // rows of equal length, as far as they go
    grid.layout = best;
    canvas.width = best.columns * (width * best.factor + gap) + gap;
    canvas.height = best.rows * (height * best.factor + gap) + gap;
    canvas.style.width = canvas.width / ratio + 'px';
    canvas.style.height = canvas.height / ratio + 'px';
  }

  function place(tile) {
    const { factor, columns, gap } = grid.layout;
    const w = grid.data.width * factor, h = grid.data.height * factor;
    return [gap + (tile % columns) * (w + gap), gap + Math.floor(tile / columns) * (h + gap), w, h];
  }

  function frame(tile, colour) {
    if (tile < 0 || tile >= grid.data.count) return;
    const [x, y, w, h] = place(tile);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5 * grid.layout.gap;
    const half = grid.layout.gap / 4;
    pen.strokeRect(x - half, y - half, w + 2 * half, h + 2 * half);
  }

  function draw() {
    if (!grid.data || !atlas.complete || !atlas.naturalWidth) return;
    arrange();
    const { count, width, height, across } = grid.data;
    pen.imageSmoothingEnabled = false;
    for (let tile = 0; tile < count; tile++) {
      const [x, y, w, h] = place(tile);
      pen.drawImage(atlas, (tile % across) * width, Math.floor(tile / across) * height, width, height, x, y, w, h);
    }
    const style = getComputedStyle(parent);
    if (grid.hovered !== grid.chosen) frame(grid.hovered, style.getPropertyValue('--st-primary-color') || '#888');
    frame(grid.chosen, '#D55E00');
  }

  function say() {
    const label = grid.data.labels[grid.chosen] || '';
    canvas.setAttribute('aria-label', grid.data.alt);
    canvas.setAttribute('aria-valuemax', grid.data.count);
    canvas.setAttribute('aria-valuenow', grid.chosen + 1);
    canvas.setAttribute('aria-valuetext', label);
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const { factor, columns, gap, ratio } = grid.layout;
    const column = Math.floor(((event.clientX - box.left) * ratio - gap / 2) / (grid.data.width * factor + gap));
    const row = Math.floor(((event.clientY - box.top) * ratio - gap / 2) / (grid.data.height * factor + gap));
    const tile = row * columns + column;
    return column >= 0 && column < columns && row >= 0 && tile < grid.data.count ? tile : -1;
  }

  function choose(tile, pause) {
    if (tile < 0 || tile >= grid.data.count || tile === grid.chosen) return;
    grid.chosen = tile;
    draw();
    say();
    clearTimeout(grid.timer);
    grid.timer = setTimeout(() => grid.send(tile), pause);
  }

  canvas.onclick = (event) => choose(at(event), 0);
  canvas.onmousemove = (event) => {
    const tile = at(event);
    if (tile === grid.hovered) return;
    grid.hovered = tile;
    canvas.title = grid.data.labels[tile] || '';
    canvas.style.cursor = tile < 0 ? 'default' : 'pointer';
    draw();
  };
  canvas.onmouseleave = () => { grid.hovered = -1; draw(); };
  canvas.onkeydown = (event) => {
    const across = grid.layout.columns;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across };
    const ends = { Home: 0, End: grid.data.count - 1 };
    if (event.key in steps) choose(grid.chosen + steps[event.key], 200);
    else if (event.key in ends) choose(ends[event.key], 200);
    else return;
    event.preventDefault();
  };
  atlas.onload = draw;
  let width = 0;
  grid.observer = new ResizeObserver(() => {
    if (parent.clientWidth !== width) { width = parent.clientWidth; draw(); }
  });
  grid.observer.observe(parent);
  grid.show = (data) => {
    const same = grid.data && grid.data.atlas === data.atlas;
    grid.data = data;
    grid.chosen = data.chosen;
    grid.observer.observe(parent);
    say();
    if (same) draw();
    else atlas.src = data.atlas;
  };
  return grid;
}
