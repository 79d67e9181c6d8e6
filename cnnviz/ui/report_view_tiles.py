"""Small images that can be clicked: one strip of pixels, one button a tile, usable by keyboard.

A custom component, because `st.image` reports no click and a chart would smooth or stretch pixels:
each tile is enlarged by a whole factor, tells its image to a screen reader and takes the focus.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from cnnviz.figures.sprites import grid_png

#: Side that tiles come near to, in CSS pixels.
SIDE = 64

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


def tiles(
    images: np.ndarray,
    labels: Sequence[str],
    *,
    key: str,
    alt: str,
    chosen: int | None,
    on_pick: Callable[[int], None],
) -> None:
    """Show images as clickable tiles.

    Args:
        images: uint8, shape (N, H, W, C), N ≥ 1.
        labels: N texts, shown on hover and read aloud.
        key: of the widget; let it name what the tiles are, so that a new set starts anew.
        alt: what the tiles are, together.
        chosen: position of the marked tile.
        on_pick: called with the position of a clicked tile, before the page runs again.
    """
    n, height, width = images.shape[:3]
    factor = max(1, round(SIDE / max(height, width)))
    strip = base64.b64encode(grid_png(images, columns=n, scale=1, gap=0)).decode()

    def picked() -> None:
        place = getattr(st.session_state[key], "picked", None)
        if place is not None:
            on_pick(int(place))

    _component(
        key=key,
        data={
            "strip": f"data:image/png;base64,{strip}", "labels": list(labels), "alt": alt, "chosen": chosen,
            "width": width * factor, "height": height * factor,
        },
        on_picked_change=picked,
    )  # fmt: skip
