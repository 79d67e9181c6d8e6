"""Small images that can be clicked: one strip of pixels, one button a tile, usable by keyboard.

A custom component, because `st.image` reports no click and a chart would smooth or stretch pixels:
each tile is enlarged by a whole factor, tells its image to a screen reader and takes the focus.
"""

from __future__ import annotations

import base64
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnviz.figures.sprites import grid_png

#: Side that tiles come near to, in CSS pixels.
SIDE = 64
#: Tiles shown at once, and how many in a row: two whole rows, however wide the column.
PAGE_SIZE, _ACROSS = 10, 5

_CSS = """
.tiles { display: flex; flex-wrap: wrap; gap: 6px; padding: 3px; }
.tiles button { padding: 0; border: 0; border-radius: 3px; cursor: pointer; image-rendering: pixelated;
  background-color: transparent; background-repeat: no-repeat; outline: 1px solid var(--st-border-color); }
.tiles button:hover { outline: 2px solid var(--st-primary-color); }
.tiles button[aria-pressed="true"] { outline: 3px solid #D55E00; }
.tiles button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
"""

_JS = """
export default function({ parentElement, data, setTriggerValue }) {
  let box = parentElement.querySelector('.tiles');
  if (!box) {
    box = document.createElement('div');
    box.className = 'tiles';
    box.setAttribute('role', 'group');
    parentElement.appendChild(box);
  }
  box.setAttribute('aria-label', data.alt);
  box.style.maxWidth = data.across * (data.width + 6) + 'px';
  while (box.children.length > data.labels.length) box.lastChild.remove();
  while (box.children.length < data.labels.length) box.appendChild(document.createElement('button'));
  data.labels.forEach((label, i) => {
    const b = box.children[i];
    b.type = 'button';
    b.title = label;
    b.setAttribute('aria-label', label);
    b.setAttribute('aria-pressed', String(i === data.chosen));
    b.style.width = data.width + 'px';
    b.style.height = data.height + 'px';
    b.style.backgroundImage = 'url(' + data.strip + ')';
    b.style.backgroundSize = data.width * data.labels.length + 'px ' + data.height + 'px';
    b.style.backgroundPosition = -i * data.width + 'px 0';
    b.onclick = () => setTriggerValue('picked', i);
    b.onkeydown = (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      const next = step && box.children[i + step];
      if (next) { next.focus(); e.preventDefault(); }
    };
  });
}
"""

_component = st.components.v2.component("cnnviz_tiles", css=_CSS, js=_JS)


@dataclass(frozen=True)
class Pages:
    """Which images of a long list are on screen, and which one is chosen. Kept in the visit, by name."""

    name: str
    total: int
    first: int  # position of the first image on screen
    chosen: int  # position of the chosen image

    @classmethod
    def of(cls, name: str, total: int, what: Hashable) -> Pages:
        """Where the list `name` stands; it starts anew whenever `what` it lists has changed."""
        page, image, shown = f"{name}_page", f"{name}_image", f"{name}_shown_for"
        if st.session_state.get(shown) != what:
            st.session_state.update({shown: what, page: 1, image: 0})
        pages = -(-total // PAGE_SIZE)
        # Set before the widget: a page beyond the last one would be refused.
        st.session_state[page] = max(1, min(int(st.session_state.get(page, 1)), pages))
        chosen = max(0, min(int(st.session_state.get(image, 0)), total - 1))
        return cls(name, total, (st.session_state[page] - 1) * PAGE_SIZE, chosen)

    def choose(self, position: int) -> None:
        """Choose an image by its position in the whole list."""
        st.session_state[f"{self.name}_image"] = position

    def pagination(self, visible: int = 5) -> None:
        """The pages to turn, where there is more than one; turning chooses the first image there."""
        pages = -(-self.total // PAGE_SIZE)
        if pages > 1:
            st.pagination(pages, key=f"{self.name}_page", on_change=self._turned, max_visible_pages=visible)

    def _turned(self) -> None:
        self.choose((int(st.session_state[f"{self.name}_page"]) - 1) * PAGE_SIZE)


def tiles(images: np.ndarray, labels: Sequence[str], pages: Pages, *, alt: str) -> None:
    """Show the images of one page as clickable tiles.

    Args:
        images: uint8, shape (N, H, W, C), N ≥ 1.
        labels: N texts, shown on hover and read aloud.
        pages: where the list stands; a click chooses an image there.
        alt: what the tiles are, together.
    """
    n, height, width = images.shape[:3]
    factor = max(1, round(SIDE / max(height, width)))
    strip = base64.b64encode(grid_png(images, columns=n, scale=1, gap=0)).decode()
    key = f"{pages.name}_tiles"

    def picked() -> None:
        place = getattr(st.session_state[key], "picked", None)
        if place is not None:
            pages.choose(pages.first + int(place))

    _component(
        key=key,
        data={
            "strip": f"data:image/png;base64,{strip}",
            "labels": list(labels),
            "alt": alt,
            "chosen": pages.chosen - pages.first,
            "width": width * factor,
            "height": height * factor,
            "across": _ACROSS,
        },
        on_picked_change=picked,
    )
