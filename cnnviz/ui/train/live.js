// The live part of a training. New points are fetched as JSON beside the page and added to the curves; the
// script behind the page runs again only where its own part has to change: buttons, messages, links.
const PERIOD = 1000;      // milliseconds between two questions, until the server says (it does in a full room)
const STEP = 250;         // and between two steps of a curve: as often as the worker writes
const RETRY = 5000;       // between two requests for a rerun, where figures don't come through
const MOST = 800;         // points kept of a curve; beyond, every second one is dropped

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector('.live');
  const live = root.live ??= build(root);
  live.rerun = (why) => setTriggerValue('changed', why);
  live.mount(data);
  return () => live.pause();
}

function build(root) {
  const find = (selector) => root.querySelector(selector);
  const view = { zoom: null, cursor: null, within: [], epochs: [], total: 1, colour: '' };
  const charts = ['accuracy', 'loss'].map((metric) => chart(find(`.${metric}`), metric, view, redraw));
  const live = { data: null, rerun: null };
  let timer = 0, drip = 0, at = '', failures = 0, asked = 0, pending = [], left = PERIOD;

  function redraw() { for (const one of charts) one.draw(); }

  live.mount = (data) => {
    if (live.data?.run !== data.run) view.zoom = view.cursor = null;
    live.data = data;
    view.colour = data.colour;
    asked = 0;
    root.classList.remove('moving');
    take({ ...data.first, whole: true });
    live.pause();
    document.addEventListener('visibilitychange', seen);
    if (data.poll) timer = setTimeout(poll, PERIOD);
  };
  live.pause = () => {
    clearTimeout(timer);
    clearTimeout(drip);
    document.removeEventListener('visibilitychange', seen);
  };

  // A hidden tab asks nothing; it is up to date as soon as it is looked at.
  function seen() { if (!document.hidden && live.data.poll) { clearTimeout(timer); poll(); } }

  async function poll() {
    if (document.hidden || !root.isConnected) return;
    const asking = live.data.run;
    try {
      const answer = await fetch(`${address(live.data)}?at=${at}`, { cache: 'no-store', signal: AbortSignal.timeout(RETRY) });
      if (!answer.ok) throw new Error(answer.status);
      const news = await answer.json();
      if (live.data.run !== asking) return;
      failures = 0;
      root.classList.add('moving');
      take(news);
    } catch {
      failures += 1;
    }
    const late = failures > 2;
    find('.note').hidden = !late;
    if ((late || live.sign !== live.data.sign) && Date.now() - asked > RETRY) {
      asked = Date.now();
      live.rerun(late ? 'late' : live.sign);
    }
    clearTimeout(timer);
    timer = setTimeout(poll, late ? RETRY : live.again ?? PERIOD);
  }

  function take(news) {
    at = news.at;
    live.sign = news.sign;
    live.again = news.again;
    say(news);
    if (news.whole) {
      view.epochs = news.epochs;
      view.within = news.batches;
      pending = [];
      redraw();
      return;
    }
    // Points that came between two questions are drawn one after the other, as they were written.
    for (const point of news.epochs) pending.push(['epochs', point]);
    for (const point of news.batches) pending.push(['within', point]);
    pending.sort((a, b) => a[1][0] - b[1][0]);
    clearTimeout(drip);
    left = live.again;
    grow();
  }

  function grow() {
    if (!pending.length) return;
    const now = document.hidden ? pending.length : Math.ceil(pending.length * STEP / left);
    for (const [name, point] of pending.splice(0, now)) view[name].push(point);
    for (const name of ['epochs', 'within']) {
      if (view[name].length > MOST) view[name] = view[name].filter((_, i, all) => (all.length - 1 - i) % 2 === 0);
    }
    left = Math.max(STEP, left - STEP);
    redraw();
    drip = setTimeout(grow, STEP);
  }

  function say(news) {
    view.total = news.total;
    root.dataset.state = news.state;
    root.classList.toggle('trouble', Boolean(news.trouble));
    find('.state').textContent = news.trouble ? `${news.state}, ${news.trouble}` : news.state;
    find('.words').textContent = news.words;
    find('.times').textContent = news.times;
    find('.hint').textContent = news.hint;
    find('.hint').hidden = !news.hint;
    find('.kind').textContent = news.loss;
    find('.bar i').style.width = 100 * news.share + '%';
    find('.bar').setAttribute('aria-valuenow', Math.round(100 * news.share));
    window.dispatchEvent(new CustomEvent('cnnviz-queue', { detail: news.queue }));
  }

  return live;
}

// Beside the page, as the page's own files are; below the path that the server was told, where it was told one.
function address({ base, run }) {
  return base ? `/${base}/live/${run}` : new URL(`live/${run}`, location.href);
}
