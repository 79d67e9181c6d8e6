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

function tinted(value, high, colours) {
  const levels = colours.length / 3;
  const share = high > 0 ? Math.min(1, Math.max(-1, value / high)) : 0;
  const level = 3 * Math.round(((share + 1) / 2) * (levels - 1));
  const [r, g, b] = colours.slice(level, level + 3);
  return `background: rgb(${r} ${g} ${b}); color: ${0.3 * r + 0.59 * g + 0.11 * b > 128 ? '#1C2127' : '#FFFFFF'}`;
}
