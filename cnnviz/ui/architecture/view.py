"""Architecture page, frame: which view, and which network for which images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import streamlit as st

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, NetworkSummary
from cnnviz.architectures.arithmetic import smallest_side
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.specs import ArchitectureSpec, DatasetSpec, TrainingSpec
from cnnviz.ui import cache, show, state

VIEW_KEY = "view"
#: The titles are also what stands in the link.
LAYERS, COMPARE, COST, CODE = VIEWS = ("Layers", "Beside another", "Cost", "Keras code")


class Subject(NamedTuple):
    """The sidebar's network, worked out for some images (named in words)."""

    architecture: ArchitectureSpec
    training: TrainingSpec
    images: str
    summary: NetworkSummary

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of the images."""
        return self.summary.input_shape

    @property
    def classes(self) -> int:
        """How many classes they have."""
        return self.summary.classes


def header() -> str:
    """Title, question and the choice of the view, which stands in the link."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        show.header("Architecture", "What is it made of?")
        view = st.segmented_control(
            "View",
            VIEWS,
            key=VIEW_KEY,
            default=LAYERS,
            required=True,
            bind="query-params",
            persist_state="session",
            label_visibility="collapsed",
        )
    return str(view or LAYERS)


def subject() -> Subject:
    """The network in the sidebar; where its images are too small, shown for larger ones, saying so.

    Raises:
        CnnvizError: it can't be shown for any images, with the reason.
    """
    draft = state.draft()
    if draft.architecture is None:
        raise SpecError(draft.error or "There is no network in the sidebar.")
    if draft.summary:
        title = datasets.entry(draft.dataset.name).title
        return Subject(draft.architecture, draft.training, title, draft.summary)
    problem = SpecError(draft.error or "This network does not fit the images.")
    for images, summarise in _larger(draft, draft.architecture):
        try:
            found = Subject(draft.architecture, draft.training, images, summarise())
        except CnnvizError:
            continue
        show.problem(problem)
        st.caption(f"Below, the same network for {images}.")
        return found
    raise problem


def _larger(
    draft: state.Draft, architecture: ArchitectureSpec
) -> Iterator[tuple[str, Callable[[], NetworkSummary]]]:
    """Images that it may fit: those of its report, then the smallest that it takes at all."""
    if architecture.name in ARCHITECTURES:
        name = ARCHITECTURES.get(architecture.name).dataset
        usual = datasets.facts(DatasetSpec(name=name))
        yield (
            datasets.entry(name).title,
            lambda: cache.summary(architecture, usual.input_shape, len(usual.class_names)),
        )
    if draft.facts:
        side, channels = smallest_side(architecture), draft.facts.input_shape[2]
        classes = len(draft.facts.class_names)
        yield (f"{side}×{side} images", lambda: cache.summary(architecture, (side, side, channels), classes))
