"""Transfer page, first part: which features of which images, and the process that computes them."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from cnnviz import datasets
from cnnviz.datasets import Facts
from cnnviz.datasets.official import missing_message
from cnnviz.errors import DataMissingError
from cnnviz.jobs.status import JobStatus
from cnnviz.runs import RunSummary
from cnnviz.specs import DatasetSpec
from cnnviz.studies.transfer import weights_file
from cnnviz.studies.transfer.extractors import Extractor, extractor, fitting, planned
from cnnviz.studies.transfer.spec import IMAGENET, TransferSpec
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.ui import cache, jobs, linked, navigation, show, state
from cnnviz.ui.jobs import ICONS
from cnnviz.ui.run_labels import run_lines

CLASSIFY, INSIDE = "Classify", "Look inside"
_LOOK_KEY, _EXTRACTOR_KEY, _LAYER_KEY = "view", "extractor", "features_of"
_K_KEY, _C_KEY, _FOLDS_KEY = "k", "c", "folds"
_DEFAULTS = TransferSpec(dataset=DatasetSpec())
_MOST_ASKED = 20  # runs that are looked at to find one in place of ImageNet


def pick_look() -> str:
    """Title, and beside it the choice of the look; it stands in the link."""
    title, looks = st.columns([2.6, 1], vertical_alignment="bottom")
    with title:
        show.header("Transfer", "How far do features get that were learnt elsewhere?")
    with looks:
        return linked.segments("Look", [CLASSIFY, INSIDE], key=_LOOK_KEY, width="stretch")


class Chosen(NamedTuple):
    """What is asked, the place of its results, and the results; None before, or of other weights."""

    spec: TransferSpec
    folder: TransferJob
    results: dict[str, Any] | None
    source: Extractor


def choose() -> Chosen:
    """Extractor, layer and classifier; the images are the sidebar's.

    Raises:
        CnnvizError: what is chosen is impossible, or its images are not on this machine.
    """
    data = state.draft().dataset
    if datasets.availability(data.name) == "download":
        raise DataMissingError(missing_message(datasets.entry(data.name)))
    facts = cache.facts(_DEFAULTS.but(dataset=data).images)
    columns = st.columns([2.3, 1.25, 0.85, 0.85, 0.75], vertical_alignment="bottom")
    with columns[0]:
        source = extractor(_extractor(facts))
    with columns[1]:
        layer = _layer(source)
    width = source.layer(layer).width
    with columns[2]:
        k = _features(width)
    with columns[3]:
        c = st.number_input(
            "SVM's C",
            1e-6,
            1e6,
            _DEFAULTS.C,
            step=0.005,
            format="%.4g",
            key=_C_KEY,
            bind="query-params",
            persist_state="session",
            help="How much the linear support vector machine minds exceptions: small means a wide margin.",
        )
    with columns[4]:
        folds = st.number_input(
            "Folds",
            2,
            20,
            _DEFAULTS.folds,
            key=_FOLDS_KEY,
            bind="query-params",
            persist_state="session",
            help="Cross-validation divides the test images into so many parts, and each is scored once.",
        )
    spec = TransferSpec(dataset=data, extractor=source.id, layer=layer, features=k, C=c, folds=folds)
    whole = planned(spec)
    folder = TransferJob.of(whole)
    results = folder.results()
    current = results is not None and results["extractor"].get("stamp") == source.stamp()
    return Chosen(whole, folder, results if current else None, source)


def _extractor(facts: Facts) -> str:
    runs = fitting(cache.run_list(), facts.input_shape)
    lines = run_lines(runs)
    return linked.select(
        "Features from",
        [IMAGENET, *(run.id for run in runs)],
        key=_EXTRACTOR_KEY,
        default=IMAGENET,
        names=lambda name: weights_file.TITLE if name == IMAGENET else lines[name],
        help="A trained network whose weights stay as they are: VGG16 as trained on ImageNet's photographs, "
        "or one of your finished runs that takes images of this shape.",
    )


def _layer(source: Extractor) -> str:
    names = [layer.name for layer in reversed(source.usable)]
    widths = {layer.name: layer.width for layer in source.usable}
    if not names:
        source.layer("")  # says why there is none
    return linked.select(
        "Layer",
        names,
        key=_LAYER_KEY,
        default=names[0],
        names=lambda name: f"{name} ({widths[name]})",
        help="One feature is the mean of one of its maps, or one of its units; how many, in parentheses. "
        "Layers that can answer below 0 are left out: chi-square can't judge them.",
    )


def _features(width: int) -> int:
    wanted = st.session_state.get(_K_KEY)
    if wanted is not None and not 1 <= int(wanted) <= width:
        st.session_state[_K_KEY] = width
    return st.number_input(
        "Best features",
        1,
        width,
        min(_DEFAULTS.features, width),
        step=10,
        key=_K_KEY,
        bind="query-params",
        persist_state="session",
        help="How many are kept: those that depend most on the class, by chi-square on training images.",
    )


def without_weights(chosen: Chosen) -> None:
    """Where ImageNet's weights are not here: the file and its place, and a run instead by one click."""
    if chosen.source.run is not None or weights_file.find() is not None:
        return
    with st.container(border=True, key="weights_file"):
        st.markdown(
            f"**The weights of VGG16 are not on this machine.** Computing downloads them "
            f"({weights_file.SIZE / 1e6:.0f} MB). Without a network, place `{weights_file.FILE}` in "
            f"`{weights_file.folder()}`, or choose a run of your own as the extractor."
        )
        best = best_run(cache.facts(chosen.spec.images), chosen.spec.dataset.name)
        if best:
            st.button(
                f"Take the features of “{best.title}”",
                key="transfer_instead",
                icon=":material/swap_horiz:",
                on_click=linked.put,
                args=(_EXTRACTOR_KEY, best.id),
            )
        else:
            st.page_link(
                navigation.page("train"),
                label="Train a network on these images",
                icon=":material/arrow_forward:",
            )


def best_run(facts: Facts, dataset: str) -> RunSummary | None:
    """The run in place of ImageNet: trained on these images, with features to choose from, accurate."""
    runs = fitting(cache.run_list(), facts.input_shape)
    ranked = sorted(runs, key=lambda run: (run.dataset == dataset, accuracy_of(run)), reverse=True)
    best = [run for run in ranked if ranked and run.dataset == ranked[0].dataset][:_MOST_ASKED]
    return next((run for run in best if _wide(run)), best[0] if best else None)


def accuracy_of(run: RunSummary) -> float:
    """Its accuracy on the test images; 0 where it has none."""
    return run.figures.test_accuracy or 0.0


def _wide(run: RunSummary) -> bool:
    """Whether more features come out of it than are chosen."""
    usable = extractor(run.id).usable
    return bool(usable) and usable[-1].width > _DEFAULTS.features


def live(chosen: Chosen) -> None:
    """Start, progress, stop and delete; refreshed while it is at work."""
    job, current = chosen.folder, chosen.results is not None

    def draw(status: JobStatus) -> None:
        if current and status.state == "done":
            return
        stopped = "Stopped. What was computed so far is kept: starting again goes on from there."
        jobs.headline(
            job,
            # Done, but with other weights than those that are there now: to be computed anew.
            status.but(state="waiting") if status.state == "done" else status,
            labels=dict.fromkeys(ICONS, "Compute and classify"),
            begin=lambda: TransferJob.create(chosen.spec).start(),
            hint=stopped if status.state == "stopped" else "",
        )

    jobs.live(job, draw)


def delete(chosen: Chosen) -> None:
    """The button that deletes what came out."""
    jobs.delete(chosen.folder, "Its scores and the choice of features are deleted for good; the runs stay.")
