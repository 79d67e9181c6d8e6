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
