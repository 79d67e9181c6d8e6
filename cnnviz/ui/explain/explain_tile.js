// One method: its picture and its title, as a button.
export default function ({ parentElement, data, setTriggerValue }) {
  let button = parentElement.querySelector('button');
  if (!button) {
    button = document.createElement('button');
    button.type = 'button';
    button.innerHTML = '<img alt=""><b></b>';
    parentElement.appendChild(button);
  }
  const [picture, title] = button.children;
  if (picture.src !== data.picture) picture.src = data.picture;
  // The height is known before the width is: rows don't move when tiles arrive one after the other.
  const side = data.small || window.innerWidth < 1600 ? 96 : 160;
  const longest = Math.max(data.width, data.height);
  const factor = longest > side ? side / longest : Math.floor(side / longest);
  picture.style.width = data.width * factor + 'px';
  picture.style.height = data.height * factor + 'px';
  title.textContent = data.title;
  button.setAttribute('aria-pressed', String(data.chosen));
  button.onclick = () => {
    button.setAttribute('aria-pressed', 'true');
    setTriggerValue('picked', true);
  };
}
