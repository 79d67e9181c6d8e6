"""Home, second part: what can be done here, as cards that lead there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from cnnviz.ui import navigation


class Way(NamedTuple):
    """A card: the page that it opens, one word or two, and what a person does there."""

    page: str
    name: str
    what: str
    query: Mapping[str, str] = {}


#: In the order of a first hour.
STEPS = (
    Way("data", "Look", "the images, class by class"),
    Way("architecture", "Build", "layers, and what each costs"),
    Way("train", "Train", "curves that grow while it learns"),
    Way("report", "Judge", "what it confuses, image by image"),
    Way("feature_maps", "Open", "what every layer sees"),
    Way("compare", "Compare", "3×3 with 5×5, devices, times"),
)
#: What goes beyond training one network.
BEYOND = (
    Way("convolution_lab", "Convolution lab", "slide a kernel over an image"),
    Way("feature_maps", "Explain", "which pixels made the answer", {"look": "explain"}),
    Way("feature_maps", "Time-lapse", "kernels and maps, epoch by epoch", {"look": "time"}),
    Way("sweep", "Sweep", "is the difference real?"),
    Way("transfer", "Transfer", "what ImageNet taught"),
    Way("reproduce", "Reproduce", "published beside measured"),
)


def ways() -> None:
    """Two rows of cards; each card as a whole is a link."""
    _row("From images to answers", "home_steps", STEPS)
    _row("Beyond training", "home_beyond", BEYOND)


def _row(title: str, key: str, cards: tuple[Way, ...]) -> None:
    with st.container(key=key, gap="xsmall"):
        st.html(f'<h2 class="cnnviz-part">{title}</h2>')
        for card in cards:
            st.page_link(
                navigation.page(card.page),
                label=f"**{card.name}** {card.what}",
                query_params=dict(card.query) or None,
            )
