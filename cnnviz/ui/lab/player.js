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
