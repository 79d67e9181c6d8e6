"""Architecture page, first view: the diagram, the table of layers, and the working of the chosen one."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.architectures import LayerSummary, NetworkSummary, explained
from cnnviz.figures.architecture_figures import clickable, diagram, diagram_figure, shape_of
from cnnviz.figures.theme import letters
from cnnviz.ui import linked, run_labels, show
from cnnviz.ui.architecture.architecture_page import Subject

LAYER_KEY, _DIAGRAM_KEY, _TABLE_KEY, _GENERATION = "layer", "diagram", "layers", "layers_generation"
_HEAD, _ROW, _TALLEST = 40, 30, 760
_STYLE = """
<style>
  .st-key-layer_table:not(:hover) [data-testid="stElementToolbar"] { visibility: hidden; }
  .cnnviz-steps { border-collapse: collapse; width: 100%; font-size: 0.88rem; line-height: 1.35; }
  .cnnviz-steps td { padding: 0.14rem 0; border-bottom: 1px solid rgba(128,128,128,0.25); }
  .cnnviz-steps .what { font-weight: 600; }
  .cnnviz-steps .general { opacity: 0.72; float: right; font-style: italic; }
  .cnnviz-steps .worked { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
  .cnnviz-reason { font-size: 0.86rem; line-height: 1.35; margin: 0.5rem 0 0; opacity: 0.85; }
  @media (min-width: 1700px) { .cnnviz-steps, .cnnviz-reason { font-size: 1rem; } }
</style>
"""


@st.fragment
def render(subject: Subject) -> None:
    """Draw the view; a click on a block or a row, or the select box, chooses the layer."""
    summary, title = subject.summary, run_labels.network_title(subject.architecture.name)
    names = [layer.name for layer in summary.layers]
    largest = explained.largest_layer(summary).name
    chosen = linked.current(LAYER_KEY, names, largest)
    plan = diagram(summary)
    figure = diagram_figure(plan, selected=chosen, dark=show.dark())
    images = letters(subject.images)
    figure.update_layout(
        title=f"{title} on {images} · {words.count(summary.total_params)} parameters · "
        f"{words.short(summary.macs)} multiply-adds"
    )

    def clicked() -> None:
        name = block_of(_selection(_DIAGRAM_KEY), clickable(plan))
        if name in names:
            linked.put(LAYER_KEY, str(name))
            _moved()

    chain = ", ".join(f"{layer.name} {shape_of(layer.output_shape)}" for layer in summary.layers)
    alt = f"Diagram of {summary.name}: image {shape_of(summary.input_shape)}, {chain}."
    show.figure(figure, key=_DIAGRAM_KEY, alt=alt, on_select=clicked)
    left, right = st.columns([2.6, 1], gap="medium")
    with left, st.container(key="layer_table"):
        _table(summary, names, chosen)
    with right:
        linked.select(
            "Layer",
            names,
            key=LAYER_KEY,
            default=largest,
            on_change=_moved,
            hidden=True,
            help="Choose a layer here, or click it in the picture or the table.",
        )
        _working(summary, chosen)
    st.caption(explained.largest_sentence(summary))


def _table(summary: NetworkSummary, names: list[str], chosen: str) -> None:
    """The chosen layer is marked. Widths in pixels are 606 in all: the page at 1280 with its sidebar."""
    key = f"{_TABLE_KEY}_{st.session_state.setdefault(_GENERATION, 0)}"

    def clicked() -> None:
        cells = _selection(key).get("cells") or []
        if cells and int(cells[0][0]) < len(names):
            linked.put(LAYER_KEY, names[int(cells[0][0])])

    marked = (names.index(chosen), "Layer")
    column = st.column_config.TextColumn
    st.dataframe(
        table(summary),
        hide_index=True,
        key=key,
        row_height=_ROW,
        height=min(_TALLEST, _HEAD + _ROW * len(names)),
        selection_mode="single-cell",
        selection_default={"selection": {"rows": [], "columns": [], "cells": [marked]}},
        on_select=clicked,
        alt=f"Layers of {summary.name}",
        column_config={
            "Layer": column(width=116),
            "Settings": column(width=172),
            "Output": column(width=82, help="Shape of what the layer hands on, without the batch."),
            "Parameters": column(width=86, alignment="right", help="Numbers that training changes or keeps."),
            "Multiply-adds": column(
                width=98, alignment="right", help="Multiplications, each with an addition, for one image."
            ),
            "Sees": column(
                width=52,
                alignment="right",
                help="Receptive field: side of the square of input pixels that one value of the output sees.",
            ),
        },
    )


def _of_all(layer: LayerSummary) -> str:
    return "all" if layer.seen == 1 else f"{100 * layer.seen:.0f} % of all"


def table(summary: NetworkSummary) -> pd.DataFrame:
    """One row a layer, numbers as people read them (report A6)."""
    return pd.DataFrame(
        {
            "Layer": layer.name,
            "Settings": layer.settings,
            "Output": shape_of(layer.output_shape),
            "Parameters": words.count(layer.params) if layer.params else "",
            "Multiply-adds": words.short(layer.macs) if layer.macs else "",
            "Sees": f"{layer.receptive_field} px" if layer.receptive_field else _of_all(layer),
        }
        for layer in summary.layers
    )


def _working(summary: NetworkSummary, name: str) -> None:
    rows = "".join(
        f'<tr><td><span class="what">{html.escape(step.what)}</span> '
        f'<span class="general">{html.escape(step.formula)}</span><br>'
        f'<span class="worked">{html.escape(step.worked)}</span></td></tr>'
        for step in explained.steps(summary, name)
    )
    most = "<b>Most parameters of all layers.</b> " if name == explained.largest_layer(summary).name else ""
    reason = f'<p class="cnnviz-reason">{most}{html.escape(explained.reason(summary, name))}</p>'
    st.html(f'{_STYLE}<table class="cnnviz-steps">{rows}</table>{reason}')


def _moved() -> None:
    """The choice came from elsewhere than the table, whose marked row must follow."""
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1


def block_of(selection: dict[str, Any], blocks: list[str]) -> str | None:
    """The layer behind a click in the diagram, whose first trace's points are `blocks`; None: beside all."""
    for point in selection.get("points") or []:
        index = point.get("point_index")
        if point.get("curve_number") == 0 and isinstance(index, int) and index < len(blocks):
            return blocks[index]
    return None


def _selection(key: str) -> dict[str, Any]:
    return dict((st.session_state.get(key) or {}).get("selection") or {})
