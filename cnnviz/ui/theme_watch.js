// Figures are coloured by the script behind the page: it runs again when the theme changes under them, by the
// menu or by the system.
export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.host ?? parentElement;
  const dark = () => {
    const colour = getComputedStyle(place).getPropertyValue('--st-background-color').trim();
    const [red, green, blue] = colour.startsWith('#')
      ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
      : (colour.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
    return red + green + blue < 3 * 128;
  };
  place.dataset.dark = data.dark; // what the figures of this page are coloured for
  let asked = data.dark;
  const look = () => {
    if (dark() === asked) return;
    asked = dark();
    setTriggerValue('changed', true);
  };
  const watch = new MutationObserver(() => requestAnimationFrame(look));
  const app = document.querySelector('.stApp');
  if (app) watch.observe(app, { attributes: true, attributeFilter: ['class', 'style'] });
  requestAnimationFrame(look);
  return () => watch.disconnect();
}
