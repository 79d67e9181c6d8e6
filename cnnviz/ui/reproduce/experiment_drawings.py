"""Drawings of an experiment on the page: tables with grouped headings, pictures in pairs, wide ones alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from cnnviz import words
from cnnviz.reports.drawings import Drawing, Table
from cnnviz.ui import show

#: Longer tables scroll.
_ROWS, _HEIGHT = 12, 470
#: Where a column's numbers come from; columns of different origin stand under one heading.
_ORIGINS = {"published", "measured", "counted", "here", "training", "test"}
#: The column of what differs from variant to variant, and cells that hold nothing.
_DIFFERS, _NOTHING = "differs", ("", None, words.NONE)
#: From so much room for labels on, or so many pixels, a picture does not fit into half of the page.
_LABELS, _PIXELS, _HIGH = 130, 420, 700


def tables(drawings: Sequence[Drawing], key: str) -> None:
    """Tables one below the other, each with its title and what has to be known with it."""
    for number, drawing in enumerate(drawings):
        if drawing.table:
            st.markdown(f"**{show.plain(drawing.title)}**")
            narrow, said = narrowed(drawing.table)
            table(narrow, f"{key}_{number}")
            if notes := [*said, *filter(None, [drawing.note])]:
                st.caption("  \n".join(map(show.plain, notes)))


def narrowed(content: Table) -> tuple[Table, list[str]]:
    """A table that fits beside the sidebar, and what is said below it in its stead.

    What differs from variant to variant is a sentence each; counts that are the report's own stand once.
    """
    columns = {heading: [row[at] for row in content.rows] for at, heading in enumerate(content.headings)}
    names, said = next(iter(columns.values())), []
    differs = columns.pop(_DIFFERS, [""] * len(names))
    printed = [
        heading
        for heading in columns
        if heading.endswith(", published") and heading.replace("published", "counted") not in columns
    ]
    for at, (name, text) in enumerate(zip(names, differs, strict=True)):
        # The report's epochs or images, where all its numbers of a row have the same.
        cells = {heading: str(columns[heading][at] or "") for heading in printed}
        of = {cell.partition(" (")[2].removesuffix(")") for cell in cells.values() if cell not in _NOTHING}
        own = of.pop() if len(of) == 1 else ""
        for heading, cell in cells.items() if own else ():
            columns[heading][at] = cell.partition(" (")[0]
        parts = filter(None, [str(text or ""), f"published for {own}" if own else ""])
        said += [f"{name}: {sentence}."] if (sentence := "; ".join(parts)) else []
    for heading in [heading for heading in columns if heading.endswith(", counted")]:
        noun = heading.removesuffix(", counted")
        there = columns.get(f"{noun}, published", [])
        counted = [str(cell).partition(" (")[0] for cell in columns[heading]]
        if any(there) and all(a in (b, *_NOTHING) for a, b in zip(there, counted, strict=True)):
            del columns[f"{noun}, published"]
            said.append(f"{noun.capitalize()}: counted here, and where the report prints them the same.")
    return Table(tuple(columns), tuple(zip(*columns.values(), strict=True))), said


def table(content: Table, key: str) -> None:
    """A table; headings like "accuracy, published" and "accuracy, measured" share their first words.

    What is counted stands right after the first column: behind the wide ones of what is measured it would be
    out of sight. Scale and seeds stand below the table, not in every heading.
    """
    pairs = [_pair(heading) for heading in content.headings]
    counted = {group for group, kind in pairs if kind == "counted"}
    order = sorted(range(len(pairs)), key=lambda place: (place > 0, pairs[place][0] not in counted))
    columns: dict[str, object] = {}
    # By position, which counts the hidden index.
    config: dict[Any, Any] = {}
    for position, place in enumerate(order, start=1):
        cells: list[Any] = [row[place] for row in content.rows]
        known = [cell for cell in cells if cell is not None]
        if known and all(isinstance(cell, int) and not isinstance(cell, bool) for cell in known):
            columns[str(place)] = pd.array(cells, dtype="Int64")
            config[position] = st.column_config.NumberColumn(format="localized")
        else:
            # A column with gaps as texts, so that a gap is empty and no "None".
            gaps = len(known) < len(cells)
            columns[str(place)] = ["" if cell is None else str(cell) for cell in cells] if gaps else cells
    frame = pd.DataFrame(columns)
    if max(Counter(group for group, _ in pairs if group).values(), default=0) > 1:
        frame.columns = pd.MultiIndex.from_tuples([pairs[place] for place in order])
    else:
        frame.columns = pd.Index([content.headings[place] for place in order])
    height = "content" if len(frame) <= _ROWS else _HEIGHT
    with st.container(key=key):
        st.dataframe(
            frame,
            hide_index=True,
            height=height,  # type: ignore[arg-type]
            placeholder="",
            column_config=config,
        )


def _pair(heading: str) -> tuple[str, str]:
    """`test accuracy, published` → `("test accuracy", "published")`; ("", …) where it says no origin."""
    group, _, kind = heading.partition(", ")
    kind = kind.partition(" (")[0]
    return (group, kind) if kind.partition(" ")[0] in _ORIGINS else ("", heading)


def pictures(drawings: Sequence[Drawing], key: str) -> None:
    """Figures and pictures, two in a row where both are narrow and pictures about equally high."""
    rows: list[list[tuple[str, Drawing]]] = []
    for number, drawing in enumerate(drawings):
        last = rows[-1] if rows else []
        heights = [_size(each)[1] for each in (*(each for _, each in last), drawing) if each.png]
        alike = len(heights) < 2 or max(heights) < 2 * min(heights)
        if len(last) == 1 and not wide(last[0][1]) and not wide(drawing) and alike:
            last.append((f"{key}_{number}", drawing))
        else:
            rows.append([(f"{key}_{number}", drawing)])
    for row in rows:
        axes = row[0][1].figure.layout.to_plotly_json() if row[0][1].figure is not None else {}
        square = any(name[1:5] == "axis" and "scaleanchor" in axis for name, axis in axes.items())
        # One alone takes the whole page, unless it is square.
        whole = len(row) == 1 and (wide(row[0][1]) or not square)
        places = [st.container()] if whole else st.columns(2, gap="medium")
        for place, (name, drawing) in zip(places, row, strict=False):
            with place:
                _one(drawing, name)


def _size(drawing: Drawing) -> tuple[int, int]:
    """Width and height of its picture; none where it has none."""
    return Image.open(BytesIO(drawing.png)).size if drawing.png is not None else (0, 0)


def wide(drawing: Drawing) -> bool:
    """Whether half of the page is too narrow for it: several figures in one, long labels, many classes."""
    if drawing.wide:
        return True
    if drawing.figure is not None:
        layout = drawing.figure.layout
        several = "xaxis2" in layout.to_plotly_json()
        return bool(several or (layout.margin.r or 0) > _LABELS or (layout.height or 0) > _HIGH)
    return _size(drawing)[0] > _PIXELS


def _one(drawing: Drawing, key: str) -> None:
    if drawing.figure is not None:
        show.figure(drawing.figure, key=key, alt=drawing.alt or drawing.title)
    else:
        st.markdown(f"**{show.plain(drawing.title)}**")
    if drawing.png is not None:
        show.sprite(drawing.png, key=key, alt=drawing.alt or drawing.title)
    if drawing.note:
        st.caption(show.plain(drawing.note))
