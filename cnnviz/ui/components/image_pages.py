"""A long list of images, one page of clickable tiles at a time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnviz.ui.components.tiles import image_grid

#: Tiles shown at once, and how many in a row: two whole rows, however wide the column.
PAGE_SIZE, _COLUMNS = 10, 5
#: Side that tiles come near to, in CSS pixels.
_SIDE = 64


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

    @staticmethod
    def open(name: str, what: Hashable, position: int) -> None:
        """Turn a list, before it is drawn, to an image by its position."""
        page, image, shown = f"{name}_page", f"{name}_image", f"{name}_shown_for"
        st.session_state.update({shown: what, page: position // PAGE_SIZE + 1, image: position})

    def choose(self, position: int) -> None:
        """Choose an image by its position in the whole list."""
        st.session_state[f"{self.name}_image"] = position

    def pagination(self) -> None:
        """The pages to turn, where there is more than one; turning chooses the first image there."""
        key, pages = f"{self.name}_page", -(-self.total // PAGE_SIZE)

        def turned() -> None:
            self.choose((int(st.session_state[key]) - 1) * PAGE_SIZE)

        if pages > 1:
            st.pagination(pages, key=key, on_change=turned, max_visible_pages=5)

    def tiles(self, images: np.ndarray, labels: Sequence[str], *, alt: str) -> None:
        """Show the images of the page on screen; a click chooses one.

        Args:
            images: uint8, shape (N, H, W, C), N ≥ 1.
            labels: N texts, shown on hover and read aloud.
            alt: what the tiles are, together.
        """
        image_grid(
            images,
            labels,
            key=f"{self.name}_tiles",
            label=alt,
            chosen=self.chosen - self.first,
            on_pick=lambda place: self.choose(self.first + place),
            side=_SIDE,
            columns=_COLUMNS,
        )
