// What of the lab's state is shown where: windows, receptive fields, headings. Views are counted 0 (the
// image), 1 and 2 (the outputs); step i slides over view i.

function views(lab) {
  function count(step) {
    const place = lab.places[step];
    return place && lab.outputs[step] ? place.rows.count * place.columns.count : 0;
  }
  function place(step) {
    const { columns } = lab.places[step];
    return { row: Math.floor(lab.at[step] / columns.count), column: lab.at[step] % columns.count };
  }
  function windowOn(step) {
    const { rows, columns } = lab.places[step], at = place(step), { stride, dilation } = lab.steps[step];
    return { row: at.row * stride - rows.before, column: at.column * stride - columns.before, reach: rows.reach, step: dilation };
  }
  // The part of the image that the second window sees through the first kernel.
  function through() {
    const second = windowOn(1), { rows, columns } = lab.places[0], { stride } = lab.steps[0];
    return {
      row: second.row * stride - rows.before, column: second.column * stride - columns.before,
      reach: (second.reach - 1) * stride + rows.reach, step: 1, dashed: true,
    };
  }
  function marks(view) {
    const ready = count(lab.look) > 0;
    if (!ready) return [];
    const found = [];
    if (view === lab.look) found.push(windowOn(lab.look));
    if (view === lab.look && lab.spot) found.push({ ...lab.spot, reach: 1, step: 1 });
    if (view === lab.look + 1) found.push({ ...place(lab.look), reach: 1, step: 1 });
    if (view === 0 && lab.look === 1) found.push(through());
    return found;
  }
  function shown(view) {
    if (!lab.fill || view <= lab.look) return Infinity;
    return view === lab.look + 1 ? lab.at[lab.look] + 1 : 0;
  }

  function sight(view) {
    if (lab.steps.length < 2 || !lab.fields[view]) return '';
    if (view === 2) return `each sees ${through().reach} × ${through().reach} of the input`;
    return view === 1 ? `each sees ${lab.places[0].rows.reach} × ${lab.places[0].rows.reach} of the input` : '';
  }
  function names(step) {
    return step > 0 && (lab.fields[step]?.channels ?? 1) === 1 ? ['first output'] : lab.data.channels;
  }
  function around(view) {
    const at = lab.places[view];
    if (!at) return { top: 0, left: 0, bottom: 0, right: 0 };
    return { top: at.rows.before, bottom: at.rows.after, left: at.columns.before, right: at.columns.after };
  }
  function heading(view) {
    const field = lab.fields[view];
    const pooled = lab.steps.length > 1 && view > 0 && !lab.steps[view - 1].weights;
    const name = view === 0 ? 'Input' : pooled ? lab.steps[view - 1].title
      : lab.steps.length > 1 ? ['First output', 'Second output'][view - 1] : 'Output';
    if (!field) return `${name}: impossible`;
    const depth = field.channels > 1 ? ` × ${field.channels}` : '';
    return `${name} ${field.height} × ${field.width}${depth}`;
  }
  function where() {
    const at = place(lab.look);
    return `${figure(lab.at[lab.look] + 1, 9)} of ${figure(count(lab.look), 9)} · row ${at.row + 1}, column ${at.column + 1}`;
  }
  return { count, place, marks, shown, sight, names, around, heading, where };
}
