// Tiles: small pictures, or squares with a word, that are looked at and chosen. Together they are one stop of
// the Tab key; arrows, Home and End go from tile to tile, and choose at once where `follow` is set.
export default function ({ parentElement, data, setTriggerValue }) {
  const view = (parentElement.tiles ||= create(parentElement));
  view.send = (tile) => setTriggerValue('picked', tile);
  view.show(data);
  return view.rest;
}

function node(tag, parent, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
}

function create(parent) {
  const frame = node('div', parent, 'frame'), box = node('div', frame);
  box.setAttribute('role', 'group');
  const view = { frame, box, data: null, tiles: [], at: 0, groups: '' };
  let wanted = null, loaded = '', loading = '', size = '', timer = 0;

  // A sheet is shown once it has been decoded: until then the tiles before it stay, without a flash.
  view.show = (data) => {
    const url = data.sheet ? data.sheet.url : '';
    wanted = data;
    if (url === loaded) {
      loading = '';
      present();
    } else if (url !== loading) {
      loading = url;
      decoded(url).then((address) => {
        if (loading !== url) return;
        if (view.address) URL.revokeObjectURL(view.address);
        view.address = address;
        loaded = url;
        loading = '';
        present();
      });
    }
    observer.observe(frame);
    window.addEventListener('resize', again);
  };
  view.rest = () => {
    observer.disconnect();
    window.removeEventListener('resize', again);
  };

  function present() {
    const data = (view.data = wanted), count = data.tiles.length;
    const groups = data.kind === 'rows' ? data.tiles.map((tile) => tile.group).join('\n') : '';
    if (!box.classList.contains(data.kind)) box.className = data.kind; // arrange() adds to it
    box.classList.toggle('edged', Boolean(data.edged));
    box.setAttribute('aria-label', data.label);
    if (view.address) frame.style.setProperty('--sheet', `url(${view.address})`);
    if (groups !== view.groups) {
      box.replaceChildren();
      view.tiles = [];
      view.groups = groups;
    }
    while (view.tiles.length > count) view.tiles.pop().outer.remove();
    while (view.tiles.length < count) view.tiles.push(made(view, data));
    const focused = view.tiles.findIndex((tile) => tile.button === box.getRootNode().activeElement);
    view.tiles.forEach((tile, i) => fill(tile, data, i));
    if (!timer) mark(data.chosen);
    turn(focused >= 0 ? focused : data.chosen ?? Math.min(view.at, count - 1));
    if (data.legend) legend(view, data.legend);
    // Other pictures of the same sizes, as while somebody draws, lie where those before them lay.
    const form = JSON.stringify(data, (key, value) => (LOOKS.has(key) ? 0 : value));
    if (form !== view.form || size !== extent()) arrange();
    view.form = form;
  }

  function arrange() {
    size = extent();
    ARRANGE[view.data.kind](view);
  }
  const extent = () => `${frame.clientWidth} ${window.innerHeight}`;
  const again = () => {
    if (view.data && size !== extent()) arrange();
  };
  const observer = new ResizeObserver(again);

  // Which one is chosen, −1: none; null: these are not to be chosen, and none says that it is not.
  function mark(chosen) {
    view.tiles.forEach(({ button }, i) => {
      if (chosen === null) button.removeAttribute('aria-pressed');
      else button.setAttribute('aria-pressed', String(i === chosen));
    });
  }

  // The tile that the Tab key stops at.
  function turn(at) {
    view.at = Math.max(at, 0);
    view.tiles.forEach(({ button }, i) => { button.tabIndex = i === view.at ? 0 : -1; });
  }

  function pick(at, pause) {
    if (!view.data.pick) return;
    if (view.data.chosen !== null) mark(at);
    clearTimeout(timer);
    const send = () => {
      timer = 0;
      view.send([view.data.tiles[at].name, at]);
    };
    if (pause) timer = setTimeout(send, pause);
    else send();
  }

  const place = (event) => view.tiles.findIndex((tile) => tile.button === event.target.closest('.tile'));
  box.onclick = (event) => {
    const at = place(event);
    if (at >= 0) pick(at, 0);
  };
  // There is no `onfocusin`; the box is made once, so listeners don't add up.
  box.addEventListener('focusin', (event) => {
    const at = place(event);
    if (at >= 0) turn(at);
  });
  box.onkeydown = (event) => {
    const { key } = event, rows = view.data.kind === 'rows';
    if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(key)) return;
    if (view.data.kind === 'strip' && /Up|Down/.test(key)) return;
    event.preventDefault();
    const next = target(key, view.tiles.map((tile) => tile.button.getBoundingClientRect()), view.at, rows);
    if (next === view.at) return;
    view.tiles[next].button.focus();
    if (view.data.follow) pick(next, 200);
  };
  return view;
}

// Where a key leads from a tile. Left and right count on through all lines; among `rows` they stay in one.
function target(key, boxes, at, rows) {
  const last = boxes.length - 1, here = boxes[at], line = (i) => Math.round(boxes[i].top);
  const within = boxes.map((_, i) => i).filter((i) => !rows || line(i) === line(at));
  const first = within[0], end = within[within.length - 1];
  if (key === 'Home') return first;
  if (key === 'End') return end;
  if (key === 'ArrowLeft') return Math.max(at - 1, rows ? first : 0);
  if (key === 'ArrowRight') return Math.min(at + 1, rows ? end : last);
  const down = key === 'ArrowDown', lines = boxes.map((_, i) => line(i));
  const beyond = lines.filter((top) => (down ? top > lines[at] : top < lines[at]));
  if (!beyond.length) return at;
  const next = down ? Math.min(...beyond) : Math.max(...beyond);
  return boxes.reduce(
    (best, { left }, i) => (lines[i] === next && (lines[best] !== next ||
      Math.abs(left - here.left) < Math.abs(boxes[best].left - here.left)) ? i : best), at);
}

async function decoded(url) {
  const address = URL.createObjectURL(await (await fetch(url)).blob());
  const image = new Image();
  image.src = address;
  await image.decode();
  return address;
}

// A tile's elements. A gallery's captions stand below the picture that is clicked, else all is one button.
function made(view, data) {
  const tile = {};
  const parent = data.kind === 'rows' ? rowOf(view, data) : view.box;
  tile.outer = data.kind === 'gallery' ? node('figure', parent) : null;
  tile.button = node(data.pick ? 'button' : 'div', tile.outer || parent, 'tile');
  tile.outer ||= tile.button;
  if (data.pick) tile.button.type = 'button';
  else tile.button.setAttribute('role', 'img');
  tile.picture = tile.button;
  if (data.kind === 'strip') tile.group = node('i', tile.button);
  if (data.kind === 'strip' || data.kind === 'card') {
    tile.picture = node('img', node('span', tile.button, 'box'));
    tile.picture.alt = '';
  }
  const caption = data.kind === 'gallery' ? node('figcaption', tile.outer) : tile.button;
  if (data.kind !== 'sheet') [tile.title, tile.line] = [node('b', caption), node('small', caption)];
  return tile;
}

function fill(tile, data, i) {
  const { title = '', line = '', hint, group = '', picture, fill: colours } = data.tiles[i];
  tile.button.title = hint;
  tile.button.setAttribute('aria-label', hint);
  if (tile.title) [tile.title.textContent, tile.line.textContent] = [title, line];
  if (data.kind === 'gallery') [tile.title.title, tile.line.title] = [title, line];
  if (picture && tile.picture.src !== picture) tile.picture.src = picture;
  if (tile.group) {
    const before = i && data.tiles[i - 1].group;
    tile.group.textContent = group && group !== before ? group : '\u00a0';
    tile.group.className = group && (group === before ? 'on' : 'first');
  }
  if (colours) coloured(tile.button, colours);
}

// A ground, and a bar at the foot that says the same as the colour.
function coloured(element, { ground, ink, share }) {
  Object.assign(element.style, { backgroundColor: ground, color: ink, backgroundSize: `${100 * share}% 3px` });
}

// The row of the tile that is made next: a new one where another group begins.
function rowOf(view, data) {
  const { group } = data.tiles[view.tiles.length];
  const last = view.box.querySelector('.row:last-of-type');
  if (last && last.ariaLabel === group) return last;
  const row = node('div', view.box, 'row');
  row.setAttribute('role', 'group');
  row.setAttribute('aria-label', group);
  return row;
}

function legend(view, { before, entries }) {
  view.legend ||= node('p', view.frame);
  view.legend.replaceChildren(before, ...entries.map(({ text, fill: colours }) => {
    const entry = node('span');
    coloured(node('i', entry), colours);
    entry.append(text);
    return entry;
  }));
}

// What changes no place and no size.
const LOOKS = new Set(['url', 'picture', 'hint', 'fill']);
const ARRANGE = { sheet, strip, gallery, rows, card };

// Sizes in CSS pixels; the part of the sheet that is tile i.
function cut({ data, tiles }, width, height) {
  const { across } = data.sheet, down = Math.ceil(tiles.length / across);
  tiles.forEach(({ picture: { style } }, i) => {
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.backgroundSize = `${width * across}px ${height * down}px`;
    style.backgroundPosition = `${-(i % across) * width}px ${-Math.floor(i / across) * height}px`;
  });
}

// All tiles, each pixel enlarged by the same whole number of the screen's own pixels, as large as the window
// allows; rather a little to scroll than stamps.
function sheet(view) {
  const { sheet: { width, height }, most, share, gap, padding, columns: asked, factor: fixed } = view.data;
  const ratio = window.devicePixelRatio || 1, count = view.tiles.length, space = Math.round(gap * ratio), edge = Math.round(padding * ratio);
  const room = Math.max(view.frame.clientWidth, 60) * ratio - 2 * edge + space;
  const tall = Math.max(300, window.innerHeight - 415) * ratio * share;
  let factor = fixed ? fixed * ratio : Math.max(1, Math.round(most * ratio)), columns = 1, rows = count;
  for (; factor >= 1; factor--) {
    columns = Math.min(count, asked || count, Math.floor(room / (width * factor + space)));
    if (columns < 1 && factor > 1 && !fixed) continue;
    columns = Math.max(1, columns);
    rows = Math.ceil(count / columns);
    const needed = rows * (height * factor + space);
    const stamps = Math.max(width, height) * (factor - 1) < 44 * ratio;
    if (fixed || needed <= tall || (stamps && needed <= 1.5 * tall)) break;
  }
  if (!asked) columns = Math.ceil(count / rows); // rows of equal length, as far as they go
  const wide = (width * factor) / ratio;
  Object.assign(view.box.style, {
    gap: `${space / ratio}px`, padding: `${edge / ratio}px`, gridTemplateColumns: `repeat(${columns}, ${wide}px)`,
  });
  cut(view, wide, (height * factor) / ratio);
}

// One row: the largest pictures with which all are seen; where even small ones are too many it scrolls
// sideways, with an arrow at each end that hides some.
function strip(view) {
  const { box, data } = view, { boxes } = data, last = boxes.length - 1;
  view.arrows ||= ['‹', '›'].map((sign, i) => {
    const arrow = node('span', view.frame, 'go');
    arrow.setAttribute('aria-hidden', 'true');
    arrow.textContent = sign;
    arrow.onclick = () => box.scrollBy({ left: (i ? 0.8 : -0.8) * box.clientWidth, behavior: 'smooth' });
    return arrow;
  });
  const ends = () => {
    view.arrows[0].hidden = box.scrollLeft < 2;
    view.arrows[1].hidden = box.scrollLeft + box.clientWidth > box.scrollWidth - 2;
  };
  const fits = (step) => {
    view.tiles.forEach(({ picture }, i) => {
      const [width, height] = data.tiles[i].sizes[step];
      picture.style.width = `${width}px`;
      picture.style.height = `${height}px`;
    });
    box.style.setProperty('--box', `${boxes[step]}px`);
    box.classList.toggle('compact', boxes[step] < 64);
    return box.scrollWidth <= box.clientWidth;
  };
  box.classList.toggle('grouped', data.tiles.some((tile) => tile.group));
  // Large pictures only where they take nothing from what stands below.
  let step = boxes.findIndex((side, i) => i === last || 8 * side < window.innerHeight - 60);
  while (!fits(step) && step < last) step++;
  const chosen = view.tiles[data.chosen];
  if (chosen && view.shown !== data.chosen) {
    const left = chosen.button.offsetLeft - box.offsetLeft, width = chosen.button.offsetWidth;
    const hidden = left < box.scrollLeft || left + width > box.scrollLeft + box.clientWidth;
    if (hidden) box.scrollLeft = left - box.clientWidth / 2 + width / 2;
    view.shown = data.chosen;
  }
  box.onscroll = ends;
  ends();
}

const GAP = 12, ROW_GAP = 10, LEAST = 8;
// Many images: tiles of about 64 pixels in cells wide enough for their captions; the page scrolls.
const CELL = 78, SMALL = 64;

function gallery(view) {
  const { box, data } = view;
  const { columns, factor, cell } = data.columns ? large(view, data.columns) : dense(view);
  const width = Math.round(data.sheet.width * factor), height = Math.round(data.sheet.height * factor);
  box.style.gridTemplateColumns = `repeat(${columns}, ${Math.max(width, cell)}px)`;
  box.style.columnGap = data.columns ? `${GAP}px` : '9px';
  box.style.fontSize = width < 80 ? '12px' : width < 110 ? '13px' : '15px';
  box.style.setProperty('--rendering', factor >= 1 ? 'pixelated' : 'auto');
  cut(view, width, height);
}

function dense({ box, data: { sheet: { width } }, tiles }) {
  const factor = Math.max(1, Math.round(SMALL / width)) * Math.min(1, CELL / width);
  const fit = Math.max(1, Math.floor((box.clientWidth - 6 + 9) / (CELL + 9)));
  const columns = tiles.length <= 20 ? Math.min(fit, 10) : fit;
  return { columns, factor: factor >= 1 ? Math.floor(factor) : factor, cell: CELL };
}

// As many columns as asked for, or half as many in more rows, where the images become larger so.
function large(view, columns) {
  const { data: { rows }, tiles } = view, half = Math.ceil(columns / 2), usual = fitted(view, columns, rows);
  if (rows > 1 || half < 2) return usual;
  const folded = fitted(view, half, Math.ceil(tiles.length / half));
  return folded.factor > usual.factor ? folded : usual;
}

function fitted({ box, data, tiles }, most, allRows) {
  const { width, height } = data.sheet, free = box.clientWidth - 6;
  const captions = ['title', 'line'].filter((part) => data.tiles.some((tile) => tile[part])).length;
  const text = captions * 19 + (captions ? 3 : 0), room = Math.max(160, window.innerHeight - data.above - 20);
  let columns = most, side = 0;
  for (; columns >= 1; columns--) {
    const wide = (free - GAP * (columns - 1)) / columns / width;
    const rows = Math.min(allRows, Math.ceil(tiles.length / columns));
    const high = ((room - ROW_GAP * (rows - 1)) / rows - text) / height;
    side = Math.min(wide, Math.max(high, 40 / height));
    if (side * width >= Math.min(LEAST * 4, width)) break;
  }
  // Whole factors keep every pixel the same size; only images larger than their place are shrunk.
  return { columns: Math.max(columns, 1), factor: side >= 1 ? Math.floor(side) : side, cell: 0 };
}

// Squares with a word, as wide in every row.
// One square below the other; a row with a longer word has tiles as wide as their words, in as many lines as needed.
function rows({ box }) {
  const groups = [...box.children];
  for (const row of groups) {
    row.classList.toggle('worded', [...row.children].some((tile) => tile.textContent.length > 4));
  }
  const lengths = groups.filter((row) => !row.classList.contains('worded')).map((row) => row.children.length);
  box.style.setProperty('--most', Math.max(1, ...lengths));
}

// One picture with its title. Its height is known before its width is: nothing moves when tiles arrive one by one.
function card({ data, tiles }) {
  const side = data.small || window.innerWidth < 1600 ? 96 : 160;
  tiles.forEach(({ picture }, i) => {
    const [width, height] = data.tiles[i].sizes[0], longest = Math.max(width, height);
    const factor = longest > side ? side / longest : Math.floor(side / longest);
    picture.style.width = `${width * factor}px`;
    picture.style.height = `${height * factor}px`;
  });
}
