// A kernel typed or pasted as text: one row a line, or rows that end with a semicolon.

function parsed(text) {
  const plain = text.trim().replace('−', '-').replace(',', '.');
  const parts = plain.split('/').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = parts.length === 2 ? parts[0] / parts[1] : parts.length === 1 ? parts[0] : NaN;
  return Math.abs(value) <= 1e6 ? Number(value.toPrecision(6)) : NaN;
}

// {square} or {why}. Brackets, as Python writes lists, are taken too.
function readMatrix(text) {
  const lines = text.replace(/\]\s*,?/g, ';').replace(/[[()]/g, ' ').split(/[;\n]+/);
  const rows = lines.map((line) => line.split(/[\s,]+/).filter(Boolean)).filter((row) => row.length);
  if (!rows.length) return { why: 'Type one row a line, with spaces between the numbers.' };
  const odd = rows.findIndex((row) => row.length !== rows[0].length);
  if (odd > 0) return { why: `Row ${odd + 1} has ${plural(rows[odd].length, 'number')}, row 1 has ${rows[0].length}.` };
  if (rows.length !== rows[0].length) return { why: `A kernel is square; this has ${plural(rows.length, 'row')} of ${plural(rows[0].length, 'number')}.` };
  if (rows.length > MOST) return { why: `A kernel has at most ${MOST} rows here.` };
  const square = rows.map((row) => row.map(parsed));
  const wrong = rows.flat().find((_, i) => Number.isNaN(square.flat()[i]));
  return wrong === undefined ? { square } : { why: `“${wrong}” is no number up to a million.` };
}

const spelled = (square) => square.map((row) => row.map((w) => String(Number(w.toPrecision(6)))).join(' ')).join('\n');

// `put(square)` takes what was typed, or returns why it can't.
function matrixText({ put }) {
  const area = make('textarea', { 'aria-label': 'All weights, one row a line', spellcheck: 'false', wrap: 'off' });
  const why = make('small', { class: 'why', role: 'alert' });
  const root = make('div', { class: 'matrix' }, area, why);
  area.oninput = () => {
    const { square, why: wrong } = readMatrix(area.value);
    const problem = wrong || put(square) || '';
    why.textContent = problem;
    area.setAttribute('aria-invalid', String(Boolean(problem)));
  };
  const show = (square) => {
    if (area.getRootNode().activeElement === area) return;
    area.value = spelled(square);
    why.textContent = '';
    area.setAttribute('aria-invalid', 'false');
  };
  return { root, area, show };
}
