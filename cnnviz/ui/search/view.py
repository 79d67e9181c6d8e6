"""The page Search: choose a search, watch it as a whole, stop it, let it go on."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.engine import processes
from cnnviz.studies.search import Progress, SearchDirectory, SearchSpec, list_searches, process
from cnnviz.studies.search.dimension import text
from cnnviz.studies.search.median import RULE
from cnnviz.studies.search.rows import values_text
from cnnviz.ui import linked, show, study_lines
from cnnviz.ui.search import results
from cnnviz.ui.study_lines import ICONS

SEARCH_KEY, NEW = "search", "new"
_SECONDS = 2.0
_METHODS = {"random": "at random", "grid": "a grid", "tpe": "guided (TPE)"}


def pick() -> SearchDirectory | None:
    """Header, and the choice of a search; None for a new one. The choice stands in the link."""
    searches = {search.id: search for search in list_searches()}
    title, chooser, button = st.columns([1.5, 2, 0.75], vertical_alignment="bottom")
    with title:
        show.header("Search", "Which settings suit best?")
    if not searches:
        return None
    lines = {
        search_id: study_lines.line(search_id, search.spec) for search_id, search in searches.items()
    } | {NEW: "a new search"}
    with chooser:
        chosen = linked.select(
            "Search", [*searches, NEW], key=SEARCH_KEY, names=lines.__getitem__, label_visibility="collapsed"
        )
    with button:
        st.button(
            "New search",
            icon=":material/add:",
            width="stretch",
            key="search_new",
            disabled=chosen == NEW,
            on_click=linked.put,
            args=(SEARCH_KEY, NEW),
        )
    return searches.get(chosen)


def live(search: SearchDirectory) -> None:
    """Progress and results; refreshed by itself while it is at work."""
    active = search.progress().state in ("running", "stopping")
    st.fragment(_live, run_every=_SECONDS if active else None)(search, active)


def _live(search: SearchDirectory, was_active: bool) -> None:
    processes.reap()
    with show.guard():
        progress, spec = search.progress(), search.spec()
        active = progress.state in ("running", "stopping")
        if was_active and not active:
            st.rerun()  # the whole page: the timer ends
        _headline(search, spec, progress)
        results.results(search, spec, progress)


def _headline(search: SearchDirectory, spec: SearchSpec, progress: Progress) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left, st.container(gap="xsmall", key="search_headline"):
        st.markdown(f"{ICONS[progress.state]} **{progress.state}** · {_told(spec, progress)}")
        if progress.state != "done":
            st.progress(progress.ended / max(1, progress.planned))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        if progress.state == "running":
            st.button(
                "Stop",
                icon=":material/stop:",
                key="search_stop",
                on_click=process.stop,
                args=(search,),
                help="The run at work stops within a batch. The search can go on later.",
            )
        elif progress.state not in ("done", "stopping"):
            label = "Start" if progress.state == "waiting" else "Go on"
            if st.button(label, icon=":material/play_arrow:", key="search_resume", type="primary"):
                process.begin(search)
                st.rerun()
    if progress.state == "failed":
        st.warning(progress.problem, icon=":material/info:")
    if progress.state == "interrupted":
        st.warning(
            "Its process is gone: it was killed, or the machine was restarted. Nothing finished is lost; "
            "press Go on.",
            icon=":material/info:",
        )


def _told(spec: SearchSpec, progress: Progress) -> str:
    parts = [
        f"{progress.ended} of {words.plural(progress.planned, 'candidate')}",
        f"{spec.folds} folds each, {_METHODS[spec.method]}",
    ]
    given_up = sum(one.state == "pruned" for one in progress.candidates)
    parts += [f"{given_up} given up"] if given_up else []
    if progress.state == "done":
        parts.append(f"in {words.duration(sum(one.seconds for one in progress.candidates))}")
    elif progress.state == "running":
        left = progress.seconds_left
        parts.append("measuring the time" if left is None else f"about {words.duration(left)} left")
    return " · ".join(parts)


def asked(search: SearchDirectory) -> None:
    """The fold with what is searched, how, and what stays; and the button that deletes the search."""
    spec = search.spec()
    with st.expander("What was asked", icon=":material/tune:"):
        for dimension in spec.space:
            kind = ", by magnitude" if dimension.log else ""
            st.markdown(f"- **{dimension.label}** (`{dimension.name}`): {values_text(dimension)}{kind}")
        varied = {dimension.name for dimension in spec.space}
        fixed = [f"{name} {text(value)}" for name, value in spec.base.items() if name not in varied]
        st.caption(f"All else alike: {' · '.join(fixed)}. Seed of the search: {spec.seed}.")
        if spec.pruning:
            st.caption(RULE)
        if not search.working:
            with st.popover("Delete the search", icon=":material/delete:"):
                st.markdown("The list of candidates is deleted for good; their runs stay.")
                st.button("Delete it", key="search_delete", type="primary", on_click=_delete, args=(search,))


def _delete(search: SearchDirectory) -> None:
    search.delete()
    st.session_state.pop(SEARCH_KEY, None)
    st.query_params.pop(SEARCH_KEY, None)
