// Convolution and pooling as cnnviz/convolution.py writes them out: the same sizes, padding and numbers.
// A field is {channels, height, width, values}: one channel after the other, row by row.

const MOST = 63; // rows of a kernel: pictures have at most 64

function along(n, step) {
  const { size: m, stride: s, dilation: d } = step;
  const reach = d * (m - 1) + 1;
  if (step.padding === 'valid') {
    const count = Math.floor((n - reach) / s) + 1;
    return { n, reach, before: 0, after: 0, count, spare: n - reach - (count - 1) * s };
  }
  const count = Math.ceil(n / s);
  const total = Math.max((count - 1) * s + reach - n, 0);
  return { n, reach, before: Math.floor(total / 2), after: Math.ceil(total / 2), count, spare: 0 };
}

// What is wrong with the settings: {on: which control, why}; null where nothing is.
function impossible(step, field, first) {
  const named = { size: step.operation === 'convolve' ? 'kernel' : 'window', stride: 'stride', dilation: 'dilation' };
  for (const [on, name] of Object.entries(named)) {
    if (!(Number.isInteger(step[on]) && step[on] >= 1)) return { on, why: `The ${name} must be a whole number from 1 on.` };
  }
  // Learned or typed weights may be of even size; growing or cutting the grid keeps a middle pixel.
  if (step.operation === 'convolve' && step.size % 2 === 0 && step.weights[0].length !== step.size) {
    return { on: 'size', why: `A ${step.size}×${step.size} kernel has no middle pixel. Use ${step.size - 1} or ${step.size + 1}.` };
  }
  const most = step.operation === 'convolve' ? MOST : 64;
  if (step.size > most) return { on: 'size', why: `More than ${most}×${most} can't be shown here.` };
  const side = Math.min(field.height, field.width);
  const reach = step.dilation * (step.size - 1) + 1;
  if (reach > side && step.padding === 'valid') {
    const sum = step.dilation > 1 ? ` ${step.dilation} · (${step.size} − 1) + 1 =` : '';
    const on = step.dilation > 1 && step.size <= side ? 'dilation' : 'size';
    const what = first ? 'image' : 'first output';
    return { on, why: `The window reaches over${sum} ${reach} pixels, the ${what} has only ${side}. Make it smaller, or pad with 'same'.` };
  }
  return null;
}

function geometry(step, field) {
  return { rows: along(field.height, step), columns: along(field.width, step) };
}

// The values below the window at one output, channel by channel: {value, weight, product, inside, y, x}.
function below(step, field, place, row, column) {
  const top = row * step.stride - place.rows.before, left = column * step.stride - place.columns.before;
  const all = [];
  for (let c = 0; c < field.channels; c++) {
    const terms = [];
    for (let i = 0; i < step.size; i++) {
      for (let j = 0; j < step.size; j++) {
        const y = top + i * step.dilation, x = left + j * step.dilation;
        const inside = y >= 0 && x >= 0 && y < field.height && x < field.width;
        const value = inside ? field.values[(c * field.height + y) * field.width + x] : 0;
        const weight = step.weights ? step.weights[c][i][j] : 1;
        terms.push({ value, weight, product: value * weight, inside, y, x });
      }
    }
    all.push(terms);
  }
  return all;
}

function pooled(operation, terms) {
  let sum = 0, most = -Infinity, count = 0;
  for (const term of terms) {
    if (!term.inside) continue; // padding takes no part in pooling
    sum += term.value;
    most = Math.max(most, term.value);
    count++;
  }
  return operation === 'max' ? most : sum / count;
}

// The numbers that come out of one window: one, or one a channel for pooling.
function answer(step, terms) {
  if (step.operation !== 'convolve') return terms.map((channel) => pooled(step.operation, channel));
  let sum = 0;
  for (const channel of terms) for (const term of channel) sum += term.product;
  sum += step.bias;
  return [step.relu ? Math.max(0, sum) : sum];
}

// The whole output as a field.
function slide(step, field, place) {
  const height = place.rows.count, width = place.columns.count;
  if (step.operation === 'convolve') return folded(step, field, place, height, width);
  const channels = field.channels;
  const values = new Float64Array(channels * height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      answer(step, below(step, field, place, row, column)).forEach((value, c) => {
        values[(c * height + row) * width + column] = value;
      });
    }
  }
  return { channels, height, width, values };
}

// The sums of `answer` without keeping the terms: a large kernel has millions of them. One weight after
// the other is added to all outputs that it reaches; what lies in the padding adds 0.
function folded(step, field, place, height, width) {
  const { stride: s, dilation: d, size: m } = step, values = new Float64Array(height * width);
  for (let c = 0; c < field.channels; c++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        const weight = step.weights[c][i][j];
        if (weight === 0) continue;
        const top = i * d - place.rows.before, left = j * d - place.columns.before;
        const first = Math.max(0, Math.ceil(-left / s)), last = Math.min(width - 1, Math.floor((field.width - 1 - left) / s));
        for (let row = 0; row < height; row++) {
          const y = top + row * s;
          if (y < 0 || y >= field.height) continue;
          const from = (c * field.height + y) * field.width + left;
          for (let column = first; column <= last; column++) values[row * width + column] += weight * field.values[from + column * s];
        }
      }
    }
  }
  for (let i = 0; i < values.length; i++) values[i] = step.relu ? Math.max(0, values[i] + step.bias) : values[i] + step.bias;
  return { channels: 1, height, width, values };
}
