"""How things are shown on every page: headers, figures, sprites, empty states, errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.errors import CnnvizError
from cnnviz.evaluation import data_changed, trouble_of
from cnnviz.figures import maps, theme
from cnnviz.runs import FINISHED, RunSummary
from cnnviz.ui import cache, linked, navigation
from cnnviz.ui.run_labels import run_lines, run_title

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
    on_select: Callable[[], None] | Literal["ignore"] = "ignore",
) -> None:
    """Show a figure in the visitor's theme; `on_select` is called when a point is clicked."""
    fig.update_layout(template=theme.template(dark()))
    if height is not None:
        fig.update_layout(height=height)
    st.plotly_chart(
        fig, theme=None, key=key, alt=alt, config=_CONFIG, on_select=on_select, selection_mode="points"
    )


def sprite(png: bytes, *, key: str, alt: str, caption: str | None = None) -> None:
    """Show a picture made of small images, enlarged without smoothing."""
    with st.container(key=f"pixels_{key}"):
        st.image(png, alt=alt, caption=caption, width="content")


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


def row(gap: Literal["xsmall", "small"] = "small") -> DeltaGenerator:
    """One line of controls, level with each other."""
    return st.container(horizontal=True, vertical_alignment="center", gap=gap)


def download(
    label: str,
    data: str | Callable[[], str | bytes],
    name: str,
    mime: str,
    *,
    key: str | None = None,
    help: str | None = None,
    width: Literal["content", "stretch"] = "content",
    disabled: bool = False,
) -> None:
    """A button that saves a file; what makes it is called when it is asked for."""
    st.download_button(
        label,
        data,
        name,
        mime,
        key=key,
        help=help,
        on_click="ignore",
        icon=":material/download:",
        width=width,
        disabled=disabled,
    )


def runs_by_seed(label: str, runs: Mapping[int, str] | Mapping[str, str], icon: str | None = None) -> None:
    """One row: a setting, and a link to the report of each of its runs.

    Args:
        runs: ids by seed.
    """
    with row():
        st.markdown(label, width="content")
        for seed, run in runs.items():
            about = f"Report of {label}, seed {seed}"
            navigation.link("report", f"seed {seed}", {"run": run}, icon=icon, help=about)


def empty(message: str, advice: str, *, page: str | None = None) -> None:
    """Say calmly that there is nothing yet, what to do next, and lead there."""
    with st.container(border=True, key=f"empty_{abs(hash((message, advice)))}"):
        st.markdown(f"**{message}**  \n{advice}")
        if page:
            navigation.link(page, f"Open {navigation.title(page)}")


def plain(text: str) -> str:
    """A name or message for a place that reads Markdown: shown letter by letter, whatever it looks like."""
    return re.sub(r"([\\`*_{}\[\]()#+!|$:~<>&-])", r"\\\1", text)


def problem(error: CnnvizError | str, *, of: str = "") -> None:
    """Show what a user can mend, beside its cause; no Markdown, for it quotes people's names and links.

    Args:
        of: what it is about, before it in bold.
    """
    st.warning((f"**{plain(of)}** " if of else "") + plain(str(error)), icon=":material/info:")


def changed_data(run: RunSummary) -> None:
    """Say of a run whose images have changed since that they have, wherever it is looked at."""
    with guard():
        if changed := data_changed(run.directory):
            st.warning(
                f"**{plain(run_title(run))}**: {plain(changed)}", icon=":material/published_with_changes:"
            )


@contextmanager
def guard() -> Iterator[None]:
    """Show a CnnvizError of the block as a calm message in its place, and go on after the block."""
    try:
        yield
    except CnnvizError as error:
        problem(error)


def failed_training(run: RunSummary) -> None:
    """In a calm sentence why a finished training is no success, with what to try; nothing where it is one."""
    if found := trouble_of(run):
        problem(found.sentence)


def guarded(act: Callable[[], object]) -> Callable[[], None]:
    """For a button's callback: what `act` can't do is shown as a calm message."""

    def guarded_act() -> None:
        with guard():
            act()

    return guarded_act


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
    chosen = linked.select(label, list(choices), key=key, names=lines.__getitem__, hidden=hidden)
    return choices[chosen]
