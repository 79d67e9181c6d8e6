"""How things are shown on every page: headers, figures, sprites, empty states, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.figures import maps, theme
from cnnviz.runs import FINISHED, RunSummary
from cnnviz.ui import cache, linked, navigation
from cnnviz.ui.run_labels import run_lines

_CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg"},
}


def dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def header(title: str, question: str) -> None:
    """Title of the page and the one question it answers."""
    # Text, which Streamlit's first script draws, and no HTML: the title need not wait for another script.
    with st.container(key="cnnviz-header", horizontal=True, vertical_alignment="bottom", gap=None):
        st.title(title, anchor=False, width="content")
        st.markdown(question, width="content")


def figure(
    fig: go.Figure,
    *,
    key: str,
    alt: str,
    height: int | None = None,
    on_select: Callable[[], None] | Literal["rerun", "ignore"] = "ignore",
    selection_mode: Literal["points", "box", "lasso"] = "points",
) -> Any:
    """Show a figure in the visitor's theme; returns the selection where `on_select` asks for one."""
    fig.update_layout(template=theme.template(dark()))
    if height is not None:
        fig.update_layout(height=height)
    return st.plotly_chart(
        fig, theme=None, key=key, alt=alt, config=_CONFIG, on_select=on_select, selection_mode=selection_mode
    )


def sprite(
    png: bytes,
    *,
    key: str,
    alt: str,
    caption: str | None = None,
    width: int | Literal["content", "stretch"] = "content",
) -> None:
    """Show a picture made of small images, enlarged without smoothing."""
    with st.container(key=f"pixels_{key}"):
        st.image(png, alt=alt, caption=caption, width=width)


def colour_bar(signed: bool, limits: Sequence[str], *, width: int | None = None) -> None:
    """The colours of a map, from its lower to its upper colour limit.

    Args:
        signed: diverging around 0, else from 0 up.
        limits: texts below the bar, from left to right.
        width: at most so many CSS pixels; None: as wide as the place.
    """
    stops = maps.palette(signed, dark=dark())[:: maps.LEVELS // 12]
    colours = ",".join(f"rgb({r},{g},{b})" for r, g, b in stops)
    style = f' style="max-width:{width}px"' if width else ""
    st.html(
        f'<div class="cnnviz-scale"{style}><i style="background:linear-gradient(90deg,{colours})"></i>'
        f"<p>{''.join(f'<span>{limit}</span>' for limit in limits)}</p></div>"
    )


def empty(message: str, advice: str, *, page: str | None = None, label: str | None = None) -> None:
    """Say calmly that there is nothing yet, what to do next, and lead there."""
    with st.container(border=True, key=f"empty_{abs(hash((message, advice)))}"):
        st.markdown(f"**{message}**  \n{advice}")
        if page:
            st.page_link(
                navigation.page(page),
                label=label or f"Open {navigation.title(page)}",
                icon=":material/arrow_forward:",
            )


def problem(error: CnnvizError) -> None:
    """Show what a user can mend, beside its cause."""
    st.warning(str(error), icon=":material/info:")


@contextmanager
def guard() -> Iterator[None]:
    """Show a CnnvizError of the block as a calm message in its place, and go on after the block."""
    try:
        yield
    except CnnvizError as error:
        problem(error)


def run_picker(
    label: str,
    *,
    key: str = "run",
    finished: bool = True,
    where: Callable[[RunSummary], bool] | None = None,
    hidden: bool = False,
) -> RunSummary | None:
    """A select box over the runs, newest first, by id in the link; None where there is none.

    Args:
        finished: only runs that have a result to look at.
        hidden: the label is read aloud only.
    """
    choices = {
        run.id: run
        for run in cache.run_list()
        if not run.damaged
        and (not finished or (run.state in FINISHED and run.report and not run.fold))
        and (where is None or where(run))
    }
    if not choices:
        return None
    lines = run_lines(choices.values(), results=finished)
    chosen = linked.select(
        label,
        list(choices),
        key=key,
        names=lines.__getitem__,
        label_visibility="collapsed" if hidden else "visible",
    )
    return choices[chosen]
