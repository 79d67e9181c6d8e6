// Numbers and sentences as people read them.

function figure(value, digits = 4) {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) < 1e-9) return '0'; // what rounding left of a sum that vanishes
  const rounded = Number(value.toPrecision(digits));
  const text = Math.abs(rounded) >= 1000
    ? Math.round(value).toLocaleString('en-GB')
    : String(Math.abs(rounded) < 1e-4 && rounded !== 0 ? rounded.toExponential(1) : rounded);
  return text.replace('-', '−');
}

// For tight places: whole numbers whole, others with two digits, small ones with three places.
function brief(value) {
  if (Number.isInteger(value)) return figure(value, 9);
  const places = Number(value.toFixed(3));
  return Math.abs(value) < 0.1 && places !== 0 ? figure(places, 9) : figure(value, Math.abs(value) < 0.1 ? 1 : 2);
}

function bracketed(value, digits) {
  return value < 0 ? `(${figure(value, digits)})` : figure(value, digits);
}

// The size of the output, with the numbers filled in.
function sizes(step, side) {
  const p = side.before + side.after;
  const general = `⌊(<i>n</i> + <i>p</i> − <i>d</i>·(<i>m</i> − 1) − 1) / <i>s</i>⌋ + 1`;
  const filled = `⌊(${side.n} + ${p} − ${step.dilation}·(${step.size} − 1) − 1) / ${step.stride}⌋ + 1`;
  return { general, filled, result: side.count };
}

function plural(count, word) {
  return `${figure(count, 9)} ${word}${count === 1 ? '' : 's'}`;
}

// A small element maker: tag, attributes, children.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element[name] = value;
    else if (name === 'html') element.innerHTML = value;
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

// Numbers as colours: the theme's diverging colours around 0, from −high to high.

const CHOSEN = '#D55E00';

function decoded(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function extremes(field) {
  let low = Infinity, high = -Infinity;
  for (const value of field.values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

function coloured(value, high, colours) {
  const levels = colours.length / 3;
  const share = high > 0 ? Math.min(1, Math.max(-1, value / high)) : 0;
  const level = 3 * Math.round(((share + 1) / 2) * (levels - 1));
  return colours.slice(level, level + 3);
}

// Black or white, whichever has more contrast: one of them always has 4.5:1 (WCAG's relative luminance).
function ink(r, g, b) {
  const [red, green, blue] = [r, g, b].map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#FFFFFF';
}

function tinted(value, high, colours) {
  const [r, g, b] = coloured(value, high, colours);
  return `background: rgb(${r} ${g} ${b}); color: ${ink(r, g, b)}`;
}

// Squares of numbers as a picture of one pixel each, enlarged without smoothing by what shows it.
function stamped(canvas, m, values, high, colours) {
  canvas.width = canvas.height = m;
  const pixels = new ImageData(m, m);
  const top = colours.length / 3 - 1;
  for (let i = 0; i < m * m; i++) { // as `coloured`, without making a list for each of thousands
    const share = high > 0 ? Math.min(1, Math.max(-1, values[i] / high)) : 0;
    const level = 3 * Math.round(((share + 1) / 2) * top);
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = colours[level + c];
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d').putImageData(pixels, 0, 0);
}

// Step, play, pause and scrub; the clock is the browser's own, one look a frame.

const ICONS = {
  start: 'M5 4v12M16 4 8 10l8 6z', back: 'M14 4 6 10l8 6z', play: 'M6 3.5 16 10 6 16.5z', pause: 'M6 4h3v12H6zM11 4h3v12h-3z',
  next: 'M6 4l8 6-8 6z', end: 'M15 4v12M4 4l8 6-8 6z',
};
const SPEEDS = { 2: '2 a second', 8: '8 a second', 40: '40 a second', 200: '200 a second' };

function icon(name) {
  return `<svg viewBox="0 0 20 20" width="20" height="20" fill="currentColor" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"><path d="${ICONS[name]}"/></svg>`;
}

// `go(position)` moves; `playing(on)` is told; `total()` and `position()` say where things are.
function playerBar({ go, total, position, played, filling, speed = 8 }) {
  let on = false, last = 0, owed = 0;
  const button = (name, hint, act) => make('button', { type: 'button', title: hint, 'aria-label': hint, onclick: act, html: icon(name) });
  const play = button('play', 'Play (space)', () => toggle());
  const scrub = make('input', { type: 'range', min: 0, step: 1, 'aria-label': 'Position of the window' });
  scrub.oninput = () => { toggle(false); go(Number(scrub.value)); };
  const pace = make('select', { 'aria-label': 'Speed', title: 'Speed' },
    ...Object.entries(SPEEDS).map(([value, text]) => make('option', { value, selected: Number(value) === speed }, text)));
  pace.onchange = () => { speed = Number(pace.value); owed = 0; };
  const fill = make('input', { type: 'checkbox', onchange: () => filling(fill.checked) });
  const fills = make('label', { class: 'check', title: 'Show only the outputs that the window has reached.' }, fill, 'fill as it goes');
  const label = make('output', { class: 'where' });
  const root = make('div', { class: 'player' }, make('div', { class: 'buttons' },
    button('start', 'To the first (Home)', () => { toggle(false); go(0); }),
    button('back', 'Step back (left)', () => { toggle(false); go(position() - 1); }), play,
    button('next', 'Step (right)', () => { toggle(false); go(position() + 1); }),
    button('end', 'To the last (End)', () => { toggle(false); go(total() - 1); })), scrub, label, pace, fills);

  function tick(now) {
    if (!on || !root.isConnected) return;
    owed += ((now - last) * speed) / 1000;
    last = now;
    const steps = Math.floor(owed);
    if (steps > 0) {
      owed -= steps;
      go(Math.min(position() + steps, total() - 1));
      if (position() >= total() - 1) return toggle(false);
    }
    requestAnimationFrame(tick);
  }
  function toggle(wanted = !on) {
    if (wanted === on || (wanted && total() < 1)) return;
    on = wanted;
    play.innerHTML = icon(on ? 'pause' : 'play');
    const hint = on ? 'Pause (space)' : 'Play (space)';
    play.title = hint;
    play.setAttribute('aria-label', hint);
    played(on);
    if (!on) return;
    if (position() >= total() - 1) go(0);
    owed = 0;
    last = performance.now();
    requestAnimationFrame(tick);
  }
  const show = (text, fillOn) => {
    scrub.max = Math.max(total() - 1, 0);
    scrub.value = position();
    scrub.style.setProperty('--done', `${total() > 1 ? (100 * position()) / (total() - 1) : 0}%`);
    scrub.disabled = total() < 1;
    for (const one of root.querySelectorAll('button')) one.disabled = total() < 1;
    fill.checked = fillOn;
    fills.hidden = fillOn === null;
    label.textContent = text;
  };
  return { root, show, toggle, get on() { return on; } };
}
