"""The page Search: choose one and watch it; the best candidate, figures, the table of all."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import datasets, words
from cnnviz.errors import CnnvizError
from cnnviz.figures.search_figures import history_figure, importance_figure, parallel_figure
from cnnviz.jobs.status import JobStatus, State
from cnnviz.studies.search import Candidate, SearchJob, SearchSpec, Tried
from cnnviz.studies.search.sampling import MEDIAN_RULE
from cnnviz.studies.search.search_job import ranked
from cnnviz.studies.search.search_shown import axes_of, in_words, trials_of
from cnnviz.studies.search.search_space import Settings, text, values_text
from cnnviz.ui import jobs, launch, show, state

_METHODS = {"random": "at random", "grid": "a grid", "tpe": "guided (TPE)"}


def pick() -> SearchJob | None:
    """Header, and the choice of a search; None for a new one. The choice stands in the link."""
    return jobs.pick(SearchJob, "Search", "Which settings suit best?")


def live(search: SearchJob) -> None:
    """Progress and results; refreshed by itself while it is at work."""

    def draw(status: JobStatus) -> None:
        tried, spec = search.tried(), search.spec()
        jobs.headline(search, status, text=_summary(spec, tried, status))
        results(search, spec, tried, status.state)

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


_STYLE = "<style>.st-key-search_best h2 { font-size: 1.5rem; padding: 0; }</style>"
_STATES = {"done": "", "pruned": "given up", "failed": "failed", "running": "at work"}


def results(search: SearchJob, spec: SearchSpec, tried: Tried, state: State) -> None:
    """Everything that is known so far, refreshed with the fragment around it."""
    trials = trials_of(spec, tried.candidates)
    if not trials:
        at_work = state in ("running", "waiting")
        st.info(
            "The first candidate is being trained; its accuracy will stand here."
            if at_work
            else "No candidate has been trained to its end yet.",
            icon=":material/hourglass_empty:",
        )
    else:
        chosen = _chosen(tried)
        _best(spec, tried, chosen, over=state == "done")
        _pictures(search, spec, tried)
        show.figure(
            parallel_figure(trials, axes_of(spec, tried.candidates)),
            key="search_parallel",
            alt="Parallel coordinates: one line a candidate through its settings to its accuracy",
        )
    _table(spec, tried.candidates)


def _pictures(search: SearchJob, spec: SearchSpec, tried: Tried) -> None:
    """How it went, and beside it what mattered, once that can be told."""
    names = {one.name: one.label for one in spec.space}
    shares = {names[name]: share for name, share in search.importance().items() if name in names}
    left, right = st.columns([1.7, 1], gap="medium") if shares else (st.container(), None)
    with left:
        show.figure(
            history_figure(trials_of(spec, tried.candidates), spec.folds),
            key="search_history",
            alt="Accuracy of every candidate in the order of trying, and the best so far",
        )
    if right is None:
        return
    with right:
        show.figure(
            importance_figure(shares, _estimated_from(tried)),
            key="search_importance",
            alt="Share of the differences in accuracy that each setting explains",
        )


def _estimated_from(tried: Tried) -> int:
    """How many candidates were trained to their end: the others don't count for what mattered."""
    return sum(one.state == "done" for one in tried.candidates)


# The best, or the row that was clicked -------------------------------------------------------------


def _chosen(tried: Tried) -> Candidate | None:
    """The candidate whose row is selected in the table, if any."""
    event: Any = st.session_state.get("search_table") or {}
    rows = event.get("selection", {}).get("rows", []) if event else []
    order = _order(tried.candidates)
    return order[rows[0]] if rows and rows[0] < len(order) else None


def _best(spec: SearchSpec, tried: Tried, chosen: Candidate | None, *, over: bool) -> None:
    one = chosen or tried.best
    if one is None:
        return
    left, right = st.columns([1.7, 1], vertical_alignment="center")
    title = f"Candidate {one.number}" if chosen else "Best" if over else "Best so far"
    with left, st.container(gap="xsmall", key="search_best"):
        st.html(_STYLE)
        st.markdown(
            f"## {title}: {words.percent(one.mean)}{_plus_minus(one)}  \n{in_words(spec, one.settings)}"
        )
        spread = " ± standard deviation" if one.spread else ""
        st.caption(f"Mean{spread} over {_judged(spec, one)}{_luck(tried, one)}")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        what = "it" if chosen else "the best"
        st.button(
            "Into the sidebar",
            icon=":material/tune:",
            key="search_adopt",
            on_click=_adopt,
            args=(spec, one.settings),
            disabled=_beyond_the_sidebar(spec),
            help="The sidebar can't hold a frozen base."
            if _beyond_the_sidebar(spec)
            else "To be changed there, or trained with another seed.",
        )
        if st.button(
            f"Train {what}",
            type="primary",
            icon=":material/play_arrow:",
            key="search_train",
            help="One run on all training images, judged by the test images at its end.",
        ):
            with show.guard():
                launch.submit(spec.whole(one.settings), name=f"{spec.title} · candidate {one.number}")


def _luck(tried: Tried, one: Candidate) -> str:
    """The winner of many looks a little better than it is."""
    trained = _estimated_from(tried)
    if one is not tried.best or trained < 2:
        return ""
    return f" The best of {trained} owes a part of it to luck: train it, and the test images judge."


def _plus_minus(one: Candidate) -> str:
    return "" if one.spread is None else f" ± {100 * one.spread:.1f}"


def _judged(spec: SearchSpec, one: Candidate) -> str:
    """`3 folds of 479 training images each; test images are not looked at.`"""
    done = len(one.scores)
    share = f"{words.plural(spec.folds, 'fold')}" if done == spec.folds else f"{done} of {spec.folds} folds"
    try:
        held = datasets.facts(spec.experiment(one.settings, 1).dataset).n_validation
        share += f" of {words.count(held)} training images each"
    except CnnvizError:
        share += " of the training images"  # the data set is gone; the accuracies still stand
    base = spec.base.get("training.init_from")
    seen = f" The base comes from run {base}, which has seen these images: compare the candidates with each "
    return f"{share}; test images are not looked at." + (seen + "other only." if base else "")


def _beyond_the_sidebar(spec: SearchSpec) -> bool:
    return bool(spec.base.get("training.freeze") or spec.base.get("training.init_from"))


def _adopt(spec: SearchSpec, settings: Settings) -> None:
    state.into_sidebar(spec.whole(settings))


# All of them ---------------------------------------------------------------------------------------


def _order(candidates: tuple[Candidate, ...]) -> list[Candidate]:
    """Ranked ones first, then those given up, at work and failed, by number."""
    best = ranked(candidates)
    rest = [one for one in candidates if one not in best]
    order = ("running", "pruned", "done", "failed")
    return [*best, *sorted(rest, key=lambda one: (order.index(one.state), one.number))]


def _table(spec: SearchSpec, candidates: tuple[Candidate, ...]) -> None:
    if not candidates:
        return
    rows = _order(candidates)
    places = {one.number: place for place, one in enumerate(ranked(candidates), start=1)}
    data = {
        "Rank": [places.get(one.number) for one in rows],
        "No.": [one.number for one in rows],
        **{one.label: [text(row.settings[one.name]) for row in rows] for one in spec.space},
        "Accuracy": [None if one.mean is None else 100 * one.mean for one in rows],
        "Over folds": ["–" if one.spread is None else f"± {100 * one.spread:.1f}" for one in rows],
        "Folds": [f"{len(one.scores)} of {spec.folds}" for one in rows],
        "Time": [words.duration(one.seconds) for one in rows],
        "State": [_STATES[one.state] + (f": {one.reason}" if one.state == "failed" else "") for one in rows],
    }
    st.dataframe(
        pd.DataFrame(data),
        hide_index=True,
        key="search_table",
        on_select="rerun",
        placeholder="–",
        selection_mode="single-row",
        column_config={
            "Rank": st.column_config.NumberColumn(width=60),
            "No.": st.column_config.NumberColumn(width=60, help="The candidate, in the order of trying."),
            "Folds": st.column_config.TextColumn(width=65),
            "Time": st.column_config.TextColumn(width=75, help="Waiting in the queue included."),
            "Accuracy": st.column_config.ProgressColumn(
                min_value=0,
                max_value=100,
                format="%.1f %%",
                help="Of the images left out, mean over the folds; of a candidate given up, so far.",
            ),
            "Over folds": st.column_config.TextColumn(
                width=85, help="Standard deviation over the folds, in points."
            ),
        },
    )
    st.caption(
        "Candidates that differ by no more than their ± may have changed places by chance. What mattered: "
        "shares by functional ANOVA over a random forest of the candidates trained to their end; below ten "
        "candidates a setting only a hint. Choose a row to train that candidate. Every fold is a run of its "
        "own, on the page Train under the name of the search."
    )
