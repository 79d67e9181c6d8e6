"""Drawings of an experiment on the page: tables with grouped headings, pictures in pairs, wide ones alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from cnnviz.reports.drawings import Cell, Drawing, Table
from cnnviz.ui import show

#: Longer tables scroll.
_ROWS, _HEIGHT = 12, 470
#: Where a column's numbers come from; columns of different origin stand under one heading.
_ORIGINS = {"published", "measured", "counted", "here", "training", "test"}
#: From so much room for labels on, or so many pixels, a picture does not fit into half of the page.
_LABELS, _PIXELS, _HIGH = 130, 420, 700


def tables(drawings: Sequence[Drawing], key: str) -> None:
    """Tables one below the other, each with its title and what has to be known with it."""
    for number, drawing in enumerate(drawings):
        if drawing.table:
            st.markdown(f"**{drawing.title}**")
            table(drawing.table, f"{key}_{number}")
            if drawing.note:
                st.caption(drawing.note)


def table(content: Table, key: str) -> None:
    """A table; headings like "accuracy, published" and "accuracy, measured" share their first words."""
    columns = [list(column) for column in zip(*content.rows, strict=True)]
    counts = [_counts(column) for column in columns]
    frame = pd.DataFrame(
        {
            str(place): pd.array(column, dtype="Int64") if whole else _filled(column)
            for place, (column, whole) in enumerate(zip(columns, counts, strict=True))
        }
    )
    frame.columns = _columns(content.headings)
    height = "content" if len(frame) <= _ROWS else _HEIGHT
    number = st.column_config.NumberColumn(format="localized")
    # By position, which counts the hidden index.
    config: dict[Any, Any] = {place: number for place, whole in enumerate(counts, start=1) if whole}
    with st.container(key=key):
        st.dataframe(
            frame,
            hide_index=True,
            height=height,  # type: ignore[arg-type]
            placeholder="",
            column_config=config,
        )


def _counts(column: Sequence[Cell]) -> bool:
    """Whether a column holds whole numbers and gaps alone."""
    known = [cell for cell in column if cell is not None]
    return bool(known) and all(isinstance(cell, int) and not isinstance(cell, bool) for cell in known)


def _filled(column: Sequence[Cell]) -> Sequence[Cell]:
    """A column with gaps as texts, so that a gap is empty and no "None"."""
    return column if None not in column else ["" if cell is None else str(cell) for cell in column]


def _columns(headings: Sequence[str]) -> pd.Index:
    """One row of headings, or two where some have a group in common."""
    pairs = [_pair(heading) for heading in headings]
    groups = Counter(group for group, _ in pairs)
    if not any(group and count > 1 for group, count in groups.items()):
        return pd.Index(headings)
    return pd.MultiIndex.from_tuples(
        [
            (group, kind) if group and groups[group] > 1 else ("", heading)
            for (group, kind), heading in zip(pairs, headings, strict=True)
        ]
    )


def _pair(heading: str) -> tuple[str, str]:
    """`test accuracy, published` → `("test accuracy", "published")`; ("", …) where it says no origin."""
    group, _, kind = heading.partition(", ")
    return (group, kind) if kind.partition(" ")[0] in _ORIGINS else ("", heading)


def pictures(drawings: Sequence[Drawing], key: str) -> None:
    """Figures and pictures, two in a row where both fit."""
    rows: list[list[tuple[str, Drawing]]] = []
    for number, drawing in enumerate(drawings):
        last = rows[-1] if rows else []
        if len(last) == 1 and _pair_up(last[0][1], drawing):
            last.append((f"{key}_{number}", drawing))
        else:
            rows.append([(f"{key}_{number}", drawing)])
    for row in rows:
        _row(row)


def _pair_up(left: Drawing, right: Drawing) -> bool:
    """Whether two drawings stand well side by side: narrow, and pictures about equally high."""
    if wide(left) or wide(right):
        return False
    heights = [Image.open(BytesIO(one.png)).height for one in (left, right) if one.png]
    return len(heights) < 2 or max(heights) < 2 * min(heights)


def wide(drawing: Drawing) -> bool:
    """Whether half of the page is too narrow for it: several figures in one, long labels, many classes."""
    if drawing.wide:
        return True
    if drawing.figure is not None:
        layout = drawing.figure.layout
        several = "xaxis2" in layout.to_plotly_json()
        return bool(several or (layout.margin.r or 0) > _LABELS or (layout.height or 0) > _HIGH)
    return drawing.png is not None and Image.open(BytesIO(drawing.png)).width > _PIXELS


def _row(drawings: Sequence[tuple[str, Drawing]]) -> None:
    """One or two side by side; one alone takes the whole page, unless it is square."""
    if len(drawings) == 1 and (wide(drawings[0][1]) or not _square(drawings[0][1])):
        _one(drawings[0][1], drawings[0][0])
    else:
        for column, (key, drawing) in zip(st.columns(2, gap="medium"), drawings, strict=False):
            with column:
                _one(drawing, key)


def _square(drawing: Drawing) -> bool:
    return drawing.figure is not None and any(
        "scaleanchor" in axis
        for name, axis in drawing.figure.layout.to_plotly_json().items()
        if name.startswith(("xaxis", "yaxis"))
    )


def _one(drawing: Drawing, key: str) -> None:
    if drawing.figure is not None:
        show.figure(drawing.figure, key=key, alt=drawing.alt or drawing.title)
    else:
        st.markdown(f"**{drawing.title}**")
    if drawing.png is not None:
        show.sprite(drawing.png, key=key, alt=drawing.alt or drawing.title)
    if drawing.note:
        st.caption(drawing.note)
