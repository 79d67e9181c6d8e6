"""Architecture page, frame: which view, and which network for which images."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, NetworkSummary
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.specs import ArchitectureSpec, DatasetSpec, TrainingSpec
from cnnviz.ui import cache, show, state

VIEW_KEY = "view"
#: The titles are also what stands in the link.
LAYERS, COMPARE, COST, CODE = VIEWS = ("Layers", "Beside another", "Cost", "Keras code")


class Subject(NamedTuple):
    """The sidebar's network, worked out for the images of a data set."""

    architecture: ArchitectureSpec
    training: TrainingSpec
    dataset: DatasetSpec
    input_shape: tuple[int, int, int]
    classes: int
    summary: NetworkSummary


def header() -> str:
    """Title, question and the choice of the view, which stands in the link."""
    left, right = st.columns([1, 1.05], vertical_alignment="bottom")
    with left:
        show.header("Architecture", "What is it made of?")
    with right:
        view = st.segmented_control(
            "View", VIEWS, key=VIEW_KEY, default=LAYERS, required=True, bind="query-params",
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    return str(view or LAYERS)


def subject() -> Subject:
    """The network in the sidebar; where its images are too small for it, shown for its usual ones instead.

    Raises:
        CnnvizError: it can't be shown for any images, with the reason.
    """
    draft = state.draft()
    if draft.architecture is None:
        raise SpecError(draft.error or "There is no network in the sidebar.")
    if draft.summary and draft.facts:
        return _subject(draft, draft.dataset, draft.summary)
    problem = SpecError(draft.error or "This network does not fit the images.")
    usual = DatasetSpec(name=_usual_dataset(draft.architecture))
    if draft.facts and usual.name == draft.dataset.name:
        raise problem
    try:
        found = _subject(draft, usual, summary_for(draft.architecture, usual))
    except CnnvizError:
        raise problem from None
    show.problem(problem)
    title, shape = datasets.entry(usual.name).title, "×".join(map(str, found.input_shape))
    st.caption(f"Below, the same network for the {shape} images of {title}.")
    return found


def summary_for(architecture: ArchitectureSpec, dataset: DatasetSpec) -> NetworkSummary:
    """The network worked out for a data set's images.

    Raises:
        CnnvizError: it does not fit them, or the data set is unknown.
    """
    facts = cache.facts(dataset)
    return cache.summary(architecture, facts.input_shape, len(facts.class_names))


def _subject(draft: state.Draft, dataset: DatasetSpec, summary: NetworkSummary) -> Subject:
    assert draft.architecture
    return Subject(draft.architecture, draft.training, dataset, summary.input_shape, summary.classes, summary)


def _usual_dataset(architecture: ArchitectureSpec) -> str:
    known = architecture.name in ARCHITECTURES
    return ARCHITECTURES.get(architecture.name).dataset if known else "cifar10"
