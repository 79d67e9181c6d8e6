// Copies the address of the view, as it is when the button is pressed; over plain http there is no clipboard
// of the page's own, and the browser's old way is taken.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(document.createElement('textarea'), { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export default function({ parentElement, data }) {
  if (parentElement.querySelector('button')) return;
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: data.label });
  button.title = data.help;
  button.onclick = async () => {
    button.textContent = (await copied(window.location.href)) ? data.done : window.location.href;
    setTimeout(() => { button.textContent = data.label; }, 2500);
  };
  parentElement.append(button);
}
