"""Architecture page, frame: which view, and which network for which images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import streamlit as st

from cnnviz import datasets, words
from cnnviz.architectures import ARCHITECTURES, NetworkSummary, explained, keras_code
from cnnviz.architectures.arithmetic import smallest_side
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.figures.architecture_figures import cost_figure
from cnnviz.specs import ArchitectureSpec, DatasetSpec, TrainingSpec
from cnnviz.ui import cache, linked, show, state

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
        return linked.segments("View", VIEWS, key=VIEW_KEY)


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
            subject = Subject(draft.architecture, draft.training, images, summarise())
        except CnnvizError:
            continue
        show.problem(problem)
        st.caption(f"Below, the same network for {images}.")
        return subject
    raise problem


def _larger(
    draft: state.Draft, architecture: ArchitectureSpec
) -> Iterator[tuple[str, Callable[[], NetworkSummary]]]:
    """Images that it may fit: those of its report, then the smallest that it takes at all."""
    if architecture.name in ARCHITECTURES:
        name = ARCHITECTURES.get(architecture.name).dataset
        usual = DatasetSpec(name=name)
        yield datasets.entry(name).title, lambda: cache.summary_on(architecture, usual)
    if draft.facts:
        side, channels = smallest_side(architecture), draft.facts.input_shape[2]
        classes = len(draft.facts.class_names)
        yield f"{side}×{side} images", lambda: cache.summary(architecture, (side, side, channels), classes)


def costs(subject: Subject) -> None:
    """What is learned, and what it takes in memory as 32-bit numbers; bars; where most of it is."""
    summary = subject.summary
    busiest = max(summary.layers, key=lambda layer: layer.macs)
    kept = summary.total_params > summary.trainable_params
    trained = f"{words.count(summary.trainable_params)} trained" if kept else "all trained"
    st.markdown(
        f"**{words.count(summary.total_params)}** parameters, {trained} · "
        f"**{words.size(summary.parameter_bytes)}** of weights (× 4 while training with Adam) · "
        f"**{words.size(summary.activation_bytes)}** of maps an image"
    )
    show.figure(
        cost_figure(summary),
        key="cost",
        alt=f"Bars by layer: {explained.largest_layer(summary).name} has most parameters, "
        f"{busiest.name} most multiply-adds.",
    )
    st.caption(
        f"{explained.largest_sentence(summary)} Most of the work is done by {busiest.name}: "
        f"{words.count(busiest.macs)} of {words.count(summary.macs)} multiply-adds an image "
        f"({words.percent(busiest.macs / max(1, summary.macs))})."
    )


_CODE_STYLE = """
<style>
  .st-key-keras_code code { font-size: 0.78rem; }
  .st-key-keras_code :is(.token.keyword, .token.function) { color: light-dark(#0B63A5, #79C0F2); }
  .st-key-keras_code > div { height: max(20rem, calc(100vh - 13.5rem)); }  /* as far as the window goes */
  @media (min-width: 1700px) { .st-key-keras_code code { font-size: 0.9rem; } }
</style>
"""


def keras_script(subject: Subject) -> None:
    """Show the script, to copy or to download."""
    left, right = st.columns([2.4, 1], vertical_alignment="center")
    with left:
        complete = st.toggle(
            "With the settings of the sidebar",
            value=True,
            key="code_training",
            **linked.IN_LINK,
            help="Optimizer, learning rate, penalties, augmentation and a function that trains.",
        )
    code = keras_code(
        subject.architecture, subject.input_shape, subject.classes, subject.training if complete else None
    )
    name = f"{subject.architecture.name.replace('-', '_')}.py"
    with right:
        show.download(f"Download {name}", code, name, "text/x-python", width="stretch")
    st.html(_CODE_STYLE)
    with st.container(key="keras_code"):
        st.code(code, language="python", height="stretch")
