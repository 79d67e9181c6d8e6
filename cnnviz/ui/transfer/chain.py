"""Transfer page, before the first click: what will happen, as a picture made of the settings themselves.

Image → frozen network → its answers as numbers → the best of them → a line. Bars and cells are counted
from the chosen network and settings; no number is drawn that was not computed.
"""

from __future__ import annotations

import base64
import html
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnviz import datasets, words
from cnnviz.datasets.statistics import nth_of_each_class
from cnnviz.figures.sprites import grid_png
from cnnviz.specs import DatasetSpec
from cnnviz.studies.transfer import weights_file
from cnnviz.studies.transfer.extractors import Extractor, adaptation
from cnnviz.studies.transfer.spec import TransferSpec
from cnnviz.ui import cache
from cnnviz.ui.run_labels import short

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


class _Step(NamedTuple):
    picture: str  # HTML
    title: str
    text: str


def render(data: DatasetSpec, source: Extractor, spec: TransferSpec) -> None:
    """Draw the five steps, with the data set's own images."""
    width = source.layer(spec.layer).width
    steps = (
        _images(data, spec, source),
        _network(source, spec.layer),
        _Step(_cells(width, 0), f"{words.count(width)} numbers", f"an image: the answers of {spec.layer}"),
        _Step(
            _cells(width, spec.features),
            f"the best {words.count(spec.features)}",
            "that depend most on the class, by chi-square on training images alone",
        ),
        _Step(
            '<div class="line"></div>',
            "a straight line",
            f"between each class and the rest: linear SVM, C = {spec.C:g}; {spec.folds} folds",
        ),
    )
    arrow = '<div class="arrow" aria-hidden="true">→</div>'
    st.html(f'{_STYLE}<div class="cnnviz-chain">{arrow.join(map(_html, steps))}</div>')


def _html(step: _Step) -> str:
    title, text = html.escape(step.title), html.escape(step.text)
    return f'<div><div class="picture">{step.picture}</div><b>{title}</b><p>{text}</p></div>'


def _images(data: DatasetSpec, spec: TransferSpec, source: Extractor) -> _Step:
    facts = cache.facts(spec.images)
    counts = f"{words.count(facts.n_train)} training and {words.count(facts.n_test)} test images"
    title = datasets.entry(data.name).title
    png = base64.b64encode(_sprite(data.to_json(), datasets.stamp(data))).decode()
    picture = (
        f'<img src="data:image/png;base64,{png}" alt="Training images of {html.escape(title, quote=True)}">'
    )
    steps = adaptation(facts.input_shape)[1] if source.run is None else ""
    return _Step(picture, title, f"{counts}, as in the sidebar{f'; {steps}' if steps else ''}")


@st.cache_data(max_entries=16, show_spinner=False)
def _sprite(data_json: str, stamp: str) -> bytes:
    """The first training image of the first classes; `stamp` changes with the files."""
    data = cache.dataset(DatasetSpec.from_json(data_json))
    found = nth_of_each_class(data.full_train, 1, data.facts.classes)
    images = data.full_train.images_at(found[found >= 0][:_IMAGES])
    return grid_png(np.asarray(images), 4, max(1, _SIDE // images.shape[1]), 2)


def _network(source: Extractor, layer: str) -> _Step:
    names = [one.name for one in source.layers]
    until = source.layers[: names.index(layer) + 1]
    widest = max(one.width for one in until)
    bars = "".join(
        f'<span class="layer" style="height:{max(6, round(80 * (one.width / widest) ** 0.5))}px" '
        f'title="{one.name}: {one.width}"></span>'
        for one in until
    )
    here = "its weights stay as they are"
    if source.run is None and weights_file.find() is None:
        here = f"its weights ({weights_file.SIZE / 1e6:.0f} MB) are not on this machine yet"
    return _Step(bars, short(source.title, _TITLE), f"{len(until)} layers up to {layer}; {here}")


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
