// The queue's lines, up to date without a rerun. On the page Train its curves bring them; elsewhere they are
// asked for here.
const PERIOD = 3000;

export default function ({ parentElement, data, setTriggerValue }) {
  const queue = parentElement.queue ??= build(parentElement);
  queue.trigger = setTriggerValue;
  queue.mount(data);
  return () => queue.pause();
}

function build(parent) {
  const nav = document.createElement('nav');
  nav.setAttribute('aria-label', 'Trainings at work and waiting');
  parent.appendChild(nav);
  const queue = { trigger: null };
  let timer = 0, data;

  const brought = (event) => take(event.detail);
  const seen = () => { if (!document.hidden) ask(); };

  queue.mount = (mounted) => {
    queue.pause();
    data = mounted;
    window.addEventListener('cnnviz-queue', brought);
    document.addEventListener('visibilitychange', seen);
    take(data.lines);
  };
  queue.pause = () => {
    clearTimeout(timer);
    window.removeEventListener('cnnviz-queue', brought);
    document.removeEventListener('visibilitychange', seen);
  };

  async function ask() {
    clearTimeout(timer);
    if (document.hidden || !nav.isConnected) return;
    try {
      const answer = await fetch(data.base ? `/${data.base}/live` : new URL('live', location.href), { cache: 'no-store', signal: AbortSignal.timeout(3 * PERIOD) });
      if (!answer.ok) throw new Error(answer.status);
      take((await answer.json()).queue);
    } catch {
      timer = setTimeout(ask, 3 * PERIOD);
    }
  }

  function take(lines) {
    clearTimeout(timer);
    // An empty queue: the page Train, which sees the end of its run itself, may have run again by then.
    timer = lines.length ? setTimeout(ask, PERIOD) : setTimeout(() => queue.trigger('empty', true), 1500);
    if (!lines.length) return;
    nav.replaceChildren(...lines.map((line) => {
      const words = [line.title, line.words].filter(Boolean).join(' · ');
      const shown = document.createElement(line.id ? 'a' : 'span');
      shown.textContent = shown.title = words;
      if (line.id) {
        shown.href = new URL(`train?run=${line.id}`, data.base ? `${location.origin}/${data.base}/` : location.href);
        shown.className = line.words === 'waiting' ? '' : 'works';
        shown.onclick = (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          queue.trigger('open', line.id);
        };
      }
      return shown;
    }));
  }

  return queue;
}
