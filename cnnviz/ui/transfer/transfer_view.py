"""The page Transfer: which features of which images, what is done with them, and the job that does it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import NamedTuple, cast

import numpy as np
import streamlit as st

from cnnviz import datasets, words
from cnnviz.datasets import Facts
from cnnviz.datasets.official import missing_message
from cnnviz.datasets.statistics import nth_of_each_class
from cnnviz.errors import DataMissingError
from cnnviz.figures.sprites import grid_png
from cnnviz.jobs.status import JobStatus
from cnnviz.runs import RunSummary
from cnnviz.specs import DatasetSpec
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.studies.transfer.transfer_spec import (
    CLASSIFIER_TITLES,
    CLASSIFIERS,
    IMAGENET,
    Classifier,
    Extractor,
    TransferResults,
    TransferSpec,
    extractor,
    fitting,
    planned,
)
from cnnviz.ui import cache, jobs, linked, navigation, show, state
from cnnviz.ui.component import data_url
from cnnviz.ui.run_labels import run_lines, run_title, short

CLASSIFY, INSIDE = "Classify", "Look inside"
_LOOK_KEY, _EXTRACTOR_KEY, _LAYER_KEY = "view", "extractor", "features_of"
_K_KEY, _C_KEY, _FOLDS_KEY, _CLASSIFIER_KEY = "k", "c", "folds", "classifier"
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
    job: TransferJob
    results: TransferResults | None
    source: Extractor


def choose() -> Chosen:
    """Extractor, layer and classifier; the images are the sidebar's.

    Raises:
        CnnvizError: what is chosen is impossible, or its images are not on this machine.
    """
    data = state.draft().dataset
    if datasets.availability(data.name) == "download":
        raise DataMissingError(missing_message(datasets.entry(data.name)))
    runs = fitting(cache.run_list(), datasets.facts(_DEFAULTS.but(dataset=data).images).input_shape)
    columns = st.columns([2.0, 1.2, 0.85, 1.15, 0.8, 0.7], vertical_alignment="bottom")
    with columns[0]:
        lines = {IMAGENET: vgg16_weights.TITLE, **run_lines(runs)}
        name = linked.select(
            "Features from",
            list(lines),
            key=_EXTRACTOR_KEY,
            default=IMAGENET,
            names=lines.__getitem__,
            help="A trained network whose weights stay as they are: VGG16 as trained on ImageNet's "
            "photographs, or one of your finished runs that takes images of this shape.",
        )
        source = extractor(name)
    with columns[1]:
        widths = {layer.name: layer.width for layer in reversed(source.usable)}
        if not widths:
            source.layer("")  # says why there is none
        layer = linked.select(
            "Layer",
            list(widths),
            key=_LAYER_KEY,
            default=next(iter(widths)),
            names=lambda name: f"{name} ({widths[name]})",
            help="One feature is the mean of one of its maps, or one of its units; how many, in parentheses. "
            "Layers that can answer below 0 are left out: chi-square can't judge them.",
        )
    with columns[2]:
        k = linked.number(
            "Best features",
            1,
            widths[layer],
            default=min(_DEFAULTS.features, widths[layer]),
            beyond=widths[layer],
            step=10,
            key=_K_KEY,
            help="How many are kept: those that depend most on the class, by chi-square on training images.",
        )
    with columns[3]:
        classifier = linked.select(
            "Classifier",
            list(CLASSIFIERS),
            key=_CLASSIFIER_KEY,
            default=_DEFAULTS.classifier,
            help="Two linear support vector machines, whose scores differ with the same C. "
            f"{'. '.join(CLASSIFIER_TITLES.values())}, and much slower with many images.",
        )
    with columns[4]:
        c = st.number_input(
            "SVM's C",
            1e-6,
            1e6,
            _DEFAULTS.C,
            step=0.005,
            format="%.4g",
            key=_C_KEY,
            **linked.IN_LINK,
            help="How much the linear support vector machine minds exceptions: small means a wide margin.",
        )
    with columns[5]:
        folds = linked.number(
            "Folds",
            2,
            20,
            default=_DEFAULTS.folds,
            key=_FOLDS_KEY,
            help="Cross-validation divides the test images into so many parts, and each is scored once.",
        )
    spec = TransferSpec(
        dataset=data,
        extractor=source.id,
        layer=layer,
        features=k,
        C=c,
        folds=folds,
        classifier=cast(Classifier, classifier),
    )
    whole = planned(spec)
    job = TransferJob.of(whole)
    results = job.results()
    current = results is not None and results.extractor.stamp == source.stamp()
    return Chosen(whole, job, results if current else None, source)


def without_weights(chosen: Chosen) -> None:
    """Where ImageNet's weights are not here: the file and its place, and a run instead by one click."""
    if chosen.source.run is not None or vgg16_weights.find() is not None:
        return
    with st.container(border=True, key="weights_file"):
        st.markdown(
            f"**The weights of VGG16 are not on this machine.** Computing downloads them "
            f"({vgg16_weights.SIZE / 1e6:.0f} MB). Without a network, place `{vgg16_weights.FILE}` in "
            f"`{vgg16_weights.folder()}`, or choose a run of your own as the extractor."
        )
        if best := best_run(datasets.facts(chosen.spec.images), chosen.spec.dataset.name):
            st.button(
                f"Take the features of “{show.plain(run_title(best))}”",
                key="transfer_instead",
                icon=":material/swap_horiz:",
                on_click=linked.put,
                args=(_EXTRACTOR_KEY, best.id),
            )
        else:
            navigation.link("train", "Train a network on these images")


def best_run(facts: Facts, dataset: str) -> RunSummary | None:
    """The run in place of ImageNet: trained on these images, with features to choose from, accurate."""
    ranked = by_likeness(fitting(cache.run_list(), facts.input_shape), dataset)
    best = [run for run in ranked if run.dataset == ranked[0].dataset][:_MOST_ASKED]
    for run in best:
        usable = extractor(run.id).usable
        if usable and usable[-1].width > _DEFAULTS.features:
            return run
    return best[0] if best else None


def by_likeness(runs: Iterable[RunSummary], dataset: str) -> list[RunSummary]:
    """Runs on these images first, the most accurate first."""
    return sorted(runs, key=lambda run: (run.dataset != dataset, -(run.figures.test_accuracy or 0.0)))


def live(chosen: Chosen) -> None:
    """Start, progress, stop and delete; refreshed while it is at work."""
    current = chosen.results is not None

    def draw(status: JobStatus) -> None:
        if current and status.state == "done":
            return
        stopped = "What was computed so far is kept: it goes on from there."
        jobs.headline(
            chosen.job,
            # Done, but with other weights than those that are there now: to be computed anew.
            status.but(state="waiting") if status.state == "done" else status,
            labels={"waiting": "Compute and classify"},
            begin=lambda: TransferJob.create(chosen.spec).start(),
            hint=stopped if status.state == "stopped" else "",
        )

    jobs.live(chosen.job, draw)


_IMAGES, _SIDE = 8, 34  # images shown, and the pixels that one is enlarged to, about
_TITLE = 34  # letters of a network's name
_BOX = 132  # widest picture of cells, in pixels
_STYLE = """<style>
  .cnnviz-chain { display: grid; grid-template-columns: 1.15fr auto 1.15fr auto 1fr auto 1fr auto 1fr;
    gap: 0 0.55rem; margin: 0.2rem 0 0.4rem; }
  .cnnviz-chain > * { min-width: 0; }
  .cnnviz-chain .picture { height: 84px; display: flex; align-items: center; gap: 2px; }
  .cnnviz-chain .arrow { height: 84px; display: flex; align-items: center; opacity: 0.6; font-size: 1.3rem; }
  .cnnviz-chain img { image-rendering: pixelated; max-width: 100%; border-radius: 3px; }
  .cnnviz-chain b { display: block; font-weight: 650; line-height: 1.3; }
  .cnnviz-chain p { margin: 0.1rem 0 0; font-size: 0.875rem; line-height: 1.35;
    color: light-dark(#5B636B, #A7AFB7); overflow-wrap: anywhere; }
  .cnnviz-chain .layer { flex: 1 1 0; max-width: 9px; background: light-dark(#8A9199, #6F7A84);
    border-radius: 1px; }
  .cnnviz-chain .cells { position: relative; }
  .cnnviz-chain .cells i { position: absolute; left: 0; top: 0; background-image:
    linear-gradient(to right, currentColor 75%, transparent 75%); background-size: var(--cell) 100%;
    -webkit-mask-image: linear-gradient(to bottom, black 75%, transparent 75%);
    mask-image: linear-gradient(to bottom, black 75%, transparent 75%);
    -webkit-mask-size: 100% var(--cell); mask-size: 100% var(--cell); }
  .cnnviz-chain .all { color: light-dark(#B4BBC2, #4A535C); }
  .cnnviz-chain .best { color: light-dark(#0B63A5, #4FA3DC); }
  .cnnviz-chain .line { width: 84px; height: 84px; border-radius: 3px; background: linear-gradient(125deg,
    light-dark(#DCEAF4, #173A56) 0 48%, light-dark(#1C2127, #E6EAEE) 48% 51%,
    light-dark(#FBE6D6, #5A2E0A) 51% 100%); }
</style>"""


def _step(picture: str, title: str, text: str) -> str:
    """One part of the chain: its picture as HTML, and its words."""
    title, text = html.escape(title), html.escape(text)
    return f'<div><div class="picture">{picture}</div><b>{title}</b><p>{text}</p></div>'


def chain_of(chosen: Chosen) -> None:
    """Draw the five steps, with the data set's own images."""
    spec, source = chosen.spec, chosen.source
    facts, data = datasets.facts(spec.images), datasets.entry(spec.dataset.name).title
    images = f"{words.count(facts.n_train)} training and {words.count(facts.n_test)} test images"
    adapted = vgg16_weights.adaptation(facts.input_shape)[1] if source.run is None else ""
    adapted = f"; {adapted}" if adapted else ""
    alt = f"Training images of {html.escape(data, quote=True)}"
    png = _sprite(spec.dataset.to_json(), datasets.stamp(spec.dataset))
    until = source.layers[: [layer.name for layer in source.layers].index(spec.layer) + 1]
    widest = max(layer.width for layer in until)
    bars = "".join(
        f'<span class="layer" style="height:{max(6, round(80 * (layer.width / widest) ** 0.5))}px" '
        f'title="{layer.name}: {layer.width}"></span>'
        for layer in until
    )
    weights = "its weights stay as they are"
    if source.run is None and vgg16_weights.find() is None:
        weights = f"its weights ({vgg16_weights.SIZE / 1e6:.0f} MB) are not on this machine yet"
    width = source.layer(spec.layer).width
    against = "each class and the rest" if spec.classifier == "LinearSVC" else "every two classes"
    steps = (
        _step(f'<img src="{data_url(png)}" alt="{alt}">', data, f"{images}, as in the sidebar{adapted}"),
        _step(bars, short(source.title, _TITLE), f"{len(until)} layers up to {spec.layer}; {weights}"),
        _step(_cells(width, 0), f"{words.count(width)} numbers", f"an image: the answers of {spec.layer}"),
        _step(
            _cells(width, spec.features),
            f"the best {words.count(spec.features)}",
            "that depend most on the class, by chi-square on training images alone",
        ),
        _step(
            '<div class="line"></div>',
            "a straight line",
            f"between {against}: {spec.classifier}, C = {spec.C:g}; {spec.folds} folds",
        ),
    )
    arrow = '<div class="arrow" aria-hidden="true">→</div>'
    st.html(f'{_STYLE}<div class="cnnviz-chain">{arrow.join(steps)}</div>')


@st.cache_data(max_entries=16, show_spinner=False)
def _sprite(data_json: str, stamp: str) -> bytes:
    """The first training image of the first classes; `stamp` changes with the files."""
    data = cache.dataset(DatasetSpec.from_json(data_json))
    firsts = nth_of_each_class(data.full_train, 1, data.facts.classes)
    images = data.full_train.images_at(firsts[firsts >= 0][:_IMAGES])
    return grid_png(np.asarray(images), 4, max(1, _SIDE // images.shape[1]), 2)


def _cells(width: int, best: int) -> str:
    """One cell a feature, the best ones first and coloured."""
    columns = 32 if width >= 256 else 16 if width >= 64 else 8
    rows = -(-width // columns)
    cell = max(1, min(_BOX // columns, 80 // rows))
    parts = [("all", _rows(width, columns, cell)), ("best", _rows(best, columns, cell))]
    drawn = "".join(
        f'<i class="{name}" style="top:{top}px;width:{wide}px;height:{high}px;--cell:{cell}px"></i>'
        for name, boxes in parts
        for top, wide, high in boxes
    )
    return f'<div class="cells" style="width:{columns * cell}px;height:{rows * cell}px">{drawn}</div>'


def _rows(number: int, columns: int, cell: int) -> list[tuple[int, int, int]]:
    """Top, width and height of the full rows of cells, and of the last row."""
    full, rest = divmod(number, columns)
    whole = [(0, columns * cell, full * cell)] if full else []
    return whole + ([(full * cell, rest * cell, cell)] if rest else [])
