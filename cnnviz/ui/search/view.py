"""The page Search: choose a search, watch it as a whole, stop it, let it go on."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.jobs.status import JobStatus
from cnnviz.studies.search import SearchJob, SearchSpec, Tried
from cnnviz.studies.search.dimension import text
from cnnviz.studies.search.median import MEDIAN_RULE
from cnnviz.studies.search.rows import values_text
from cnnviz.ui import jobs
from cnnviz.ui.search import results

_METHODS = {"random": "at random", "grid": "a grid", "tpe": "guided (TPE)"}


def pick() -> SearchJob | None:
    """Header, and the choice of a search; None for a new one. The choice stands in the link."""
    return jobs.pick(SearchJob, "Search", "Which settings suit best?")


def live(search: SearchJob) -> None:
    """Progress and results; refreshed by itself while it is at work."""

    def draw(status: JobStatus) -> None:
        tried, spec = search.tried(), search.spec()
        jobs.headline(search, status, text=_summary(spec, tried, status))
        results.results(search, spec, tried, status.state)

    jobs.live(search, draw)


def _summary(spec: SearchSpec, tried: Tried, status: JobStatus) -> str:
    parts = [
        f"{tried.ended} of {words.plural(tried.planned, 'candidate')}",
        f"{spec.folds} folds each, {_METHODS[spec.method]}",
    ]
    given_up = sum(candidate.state == "pruned" for candidate in tried.candidates)
    parts += [f"{given_up} given up"] if given_up else []
    if status.state == "done":
        parts.append(f"in {words.duration(sum(candidate.seconds for candidate in tried.candidates))}")
    elif status.state == "running":
        left = tried.seconds_left
        parts.append("measuring the time" if left is None else f"about {words.duration(left)} left")
    return " · ".join(parts)


def asked(search: SearchJob) -> None:
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
            st.caption(MEDIAN_RULE)
        jobs.delete(search, "The list of candidates is deleted for good; their runs stay.")
