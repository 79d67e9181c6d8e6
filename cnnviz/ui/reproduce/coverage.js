// The experiments as squares, one row a report: buttons that arrows move between.
export default function ({ parentElement, data, setTriggerValue }) {
  let grid = parentElement.querySelector('.coverage');
  if (!grid) {
    grid = document.createElement('div');
    grid.className = 'coverage';
    grid.setAttribute('role', 'group');
    parentElement.appendChild(grid);
  }
  grid.setAttribute('aria-label', data.label);
  const had = grid.contains(grid.getRootNode().activeElement);
  grid.style.setProperty('--most', Math.max(...data.rows.map((row) => row.squares.length)));
  grid.replaceChildren(...data.rows.map((row) => line(row, data, choose)));
  grid.append(legend(data));
  const squares = [...grid.querySelectorAll('button')];
  const current = squares.find((one) => one.getAttribute('aria-pressed') === 'true');
  (current || squares[0]).tabIndex = 0;
  if (had && current) current.focus();
  grid.onkeydown = (event) => move(event, grid);

  function choose(id) {
    for (const one of squares) one.setAttribute('aria-pressed', String(one.dataset.id === id));
    setTriggerValue('picked', id);
  }
}

function line(row, data, choose) {
  const element = document.createElement('div');
  element.className = 'row';
  element.setAttribute('role', 'group');
  element.setAttribute('aria-label', row.title);
  element.append(...row.squares.map((square) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.tabIndex = -1;
    button.dataset.id = square.id;
    button.className = square.state;
    button.textContent = square.id;
    button.title = square.title;
    button.setAttribute('aria-label', square.title);
    button.setAttribute('aria-pressed', String(square.id === data.chosen));
    button.onclick = () => choose(square.id);
    return button;
  }));
  return element;
}

function legend(data) {
  const element = document.createElement('p');
  element.append(data.ran, ...data.legend.map((one) => {
    const part = document.createElement('span');
    const swatch = document.createElement('i');
    swatch.className = one.state;
    part.append(swatch, one.text);
    return part;
  }));
  return element;
}

function move(event, grid) {
  const rows = [...grid.querySelectorAll('.row')].map((row) => [...row.querySelectorAll('button')]);
  const at = grid.getRootNode().activeElement;
  const y = rows.findIndex((row) => row.includes(at));
  if (y < 0) return;
  const x = rows[y].indexOf(at);
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0],
    Home: [0, -x], End: [0, rows[y].length - 1 - x] }[event.key];
  if (!step) return;
  event.preventDefault();
  const row = rows[Math.min(rows.length - 1, Math.max(0, y + step[0]))];
  const next = row[Math.min(row.length - 1, Math.max(0, x + step[1]))];
  at.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
