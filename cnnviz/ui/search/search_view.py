"""The page Search: choose one and watch it; the best candidate, figures, the table of all."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import datasets, words
from cnnviz.errors import CnnvizError
from cnnviz.figures.search_figures import history_figure, importance_figure, parallel_figure
from cnnviz.jobs.status import JobStatus
from cnnviz.studies.search import Candidate, SearchJob, SearchSpec, Tried
from cnnviz.studies.search.sampling import MEDIAN_RULE
from cnnviz.studies.search.search_job import ranked
from cnnviz.studies.search.search_shown import axes_of, in_words, judged_by, trials_of
from cnnviz.studies.search.search_space import ACCURACY, text, values_text
from cnnviz.ui import jobs, launch, show, state

_METHODS = {"random": "at random", "grid": "a grid", "tpe": "guided (TPE)"}


def draw(search: SearchJob, status: JobStatus) -> None:
    """How it stands, and everything that is known so far."""
    tried, spec = search.tried(), search.spec()
    jobs.headline(search, status, text=_summary(spec, tried, status))
    trials = trials_of(spec, tried.candidates)
    if not trials:
        st.info(
            "The first candidate is being trained; its score will stand here."
            if status.state in ("running", "waiting")
            else "No candidate has been trained to its end yet.",
            icon=":material/hourglass_empty:",
        )
    else:
        _best(spec, tried, over=status.state == "done")
        _pictures(search, spec, tried)
        show.figure(
            parallel_figure(trials, axes_of(spec, tried.candidates), judged_by(spec)),
            key="search_parallel",
            alt="Parallel coordinates: one line a candidate through its settings to its accuracy",
        )
    if tried.candidates:
        _table(spec, tried.candidates)


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
    """What is searched, how, and what stays."""
    spec = search.spec()
    for dimension in spec.space:
        kind = ", by magnitude" if dimension.log else ""
        st.markdown(
            f"- **{dimension.label}** (`{dimension.name}`): {show.plain(values_text(dimension))}{kind}"
        )
    varied = {dimension.name for dimension in spec.space}
    fixed = [f"{name} {text(value)}" for name, value in spec.base.items() if name not in varied]
    st.caption(f"All else alike: {show.plain(' · '.join(fixed))}. Seed of the search: {spec.seed}.")
    if spec.objective != ACCURACY:
        st.caption(f"Judged by: {spec.metric.noun} of the images left out. {spec.metric.help}")
    if spec.pruning:
        st.caption(MEDIAN_RULE)


_STYLE = "<style>.st-key-search_best h2 { font-size: 1.5rem; padding: 0; }</style>"
_STATES = {"done": "", "pruned": "given up", "running": "at work"}


def _pictures(search: SearchJob, spec: SearchSpec, tried: Tried) -> None:
    """How it went, and beside it what mattered, once that can be told."""
    names = {dimension.name: dimension.label for dimension in spec.space}
    shares = {names[name]: share for name, share in search.importance().items() if name in names}
    left, right = st.columns([1.7, 1], gap="medium") if shares else (st.container(), None)
    with left:
        show.figure(
            history_figure(trials_of(spec, tried.candidates), spec.folds, judged_by(spec)),
            key="search_history",
            alt=f"{judged_by(spec).heading} of every candidate in the order of trying, and the best so far",
        )
    if right:
        with right:
            show.figure(
                importance_figure(shares, _estimated_from(tried)),
                key="search_importance",
                alt=f"Share of the differences in {judged_by(spec).noun} that each setting explains",
            )


def _estimated_from(tried: Tried) -> int:
    """How many candidates were trained to their end: the others don't count for what mattered."""
    return sum(candidate.state == "done" for candidate in tried.candidates)


def _best(spec: SearchSpec, tried: Tried, *, over: bool) -> None:
    """The best candidate, or the one whose row is selected in the table, and the way on with it."""
    event: Any = st.session_state.get("search_table") or {}
    selected = event.get("selection", {}).get("rows", [])
    order = _order(tried.candidates)
    chosen = order[selected[0]] if selected and selected[0] < len(order) else None
    shown: Candidate | None = chosen or tried.best
    if shown is None:
        return
    left, right = st.columns([1.7, 1], vertical_alignment="center")
    title = f"Candidate {shown.number}" if chosen else "Best" if over else "Best so far"
    with left, st.container(gap="xsmall", key="search_best"):
        st.html(_STYLE)
        score = judged_by(spec).text(shown.mean, shown.spread)
        st.markdown(f"## {title}: {score}  \n{in_words(spec, shown.settings)}")
        spread = "" if spec.objective == ACCURACY else f" {judged_by(spec).noun}"
        spread += " ± standard deviation" if shown.spread else ""
        trained, luck = _estimated_from(tried), ""
        if shown is tried.best and trained > 1:
            luck = f" The best of {trained} owes a part of it to luck: train it, and the test images judge."
        st.caption(f"Mean{spread} over {_judged(spec, shown)}{luck}")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        frozen = bool(spec.base.get("training.freeze") or spec.base.get("training.init_from"))
        st.button(
            "Into the sidebar",
            icon=":material/tune:",
            key="search_adopt",
            on_click=lambda: state.into_sidebar(spec.whole(shown.settings)),
            disabled=frozen,
            help="The sidebar can't hold a frozen base."
            if frozen
            else "To be changed there, or trained with another seed.",
        )
        if st.button(
            "Train it" if chosen else "Train the best",
            type="primary",
            icon=":material/play_arrow:",
            key="search_train",
            help="One run on all training images, judged by the test images at its end.",
        ):
            with show.guard():
                launch.submit(spec.whole(shown.settings), name=f"{spec.title} · candidate {shown.number}")


def _judged(spec: SearchSpec, candidate: Candidate) -> str:
    """`3 folds of 479 training images each; test images are not looked at.`"""
    done = len(candidate.scores)
    share = words.plural(spec.folds, "fold") if done == spec.folds else f"{done} of {spec.folds} folds"
    try:
        held = datasets.facts(spec.experiment(candidate.settings, 1).dataset).n_validation
        share += f" of {words.count(held)} training images each"
    except CnnvizError:
        share += " of the training images"  # the data set is gone; the accuracies still stand
    base = spec.base.get("training.init_from")
    seen = f" The base comes from run {base}, which has seen these images: compare the candidates with each "
    return f"{share}; test images are not looked at." + (seen + "other only." if base else "")


def _order(candidates: tuple[Candidate, ...]) -> list[Candidate]:
    """Ranked ones first, then those at work, given up and failed, by number."""
    best = ranked(candidates)
    states = ("running", "pruned", "done", "failed")
    rest = [candidate for candidate in candidates if candidate not in best]
    return [*best, *sorted(rest, key=lambda other: (states.index(other.state), other.number))]


def _table(spec: SearchSpec, candidates: tuple[Candidate, ...]) -> None:
    judged = judged_by(spec)
    left_out = "Of the images left out, mean over the folds; of a candidate given up, so far."
    ranks = {candidate.number: rank for rank, candidate in enumerate(ranked(candidates), start=1)}
    rows = [
        {
            "Rank": ranks.get(candidate.number),
            "No.": candidate.number,
            **{dimension.label: text(candidate.settings[dimension.name]) for dimension in spec.space},
            judged.heading: candidate.mean and (100 if judged.share else 1) * candidate.mean,
            "Over folds": judged.plus_minus(candidate.spread).strip() or "–",
            "Folds": f"{len(candidate.scores)} of {spec.folds}",
            "Time": words.duration(candidate.seconds),
            "State": f"failed: {candidate.reason}"
            if candidate.state == "failed"
            else _STATES[candidate.state],
        }
        for candidate in _order(candidates)
    ]
    st.dataframe(
        pd.DataFrame(rows),
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
            judged.heading: st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%.1f %%", help=left_out
            )
            if judged.share
            else st.column_config.NumberColumn(format="%.4g", help=left_out),
            "Over folds": st.column_config.TextColumn(
                width=85, help=f"Standard deviation over the folds{', in points' if judged.share else ''}."
            ),
        },
    )
    st.caption(
        "Candidates that differ by no more than their ± may have changed places by chance. What mattered: "
        "shares by functional ANOVA over a random forest of the candidates trained to their end; below ten "
        "candidates a setting only a hint. Choose a row to train that candidate. Every fold is a run of its "
        "own, on the page Train under the name of the search."
    )
