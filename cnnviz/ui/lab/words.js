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
