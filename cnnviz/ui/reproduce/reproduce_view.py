"""The page Reproduce: choose an experiment of the reports, run it, watch the whole."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.jobs.status import JobStatus, State
from cnnviz.reports.drawings.search_candidates import SearchOptions
from cnnviz.reports.library import library, recipes
from cnnviz.reports.overview import best_scale, most_telling, overview, reached
from cnnviz.reports.recipe import SCALES, Recipe, ScaleName, read_options
from cnnviz.reports.reproduction_job import ReproductionJob, ReproductionSpec
from cnnviz.studies.study import TimeLeft, look
from cnnviz.ui import jobs, linked, navigation, show
from cnnviz.ui.lab import lab_links
from cnnviz.ui.reproduce import coverage

EXPERIMENT_KEY, SCALE_KEY, _LOOK_KEY = "experiment", "scale", "view"
ONE, ALL = "One experiment", "All experiments"
#: Opened where nothing was run here yet: a question, two networks, a table, a figure, three claims.
_FIRST = "E8"
_SCALE_WORDS = {
    "smoke": "smoke: seconds, a small part",
    "lecture": "lecture: a few minutes",
    "full": "full: as published",
}
_OWN_SCALE_WORDS = {**_SCALE_WORDS, "full": "full: all of it"}


def pick_look() -> str:
    """Title, and beside it the choice of the look; it stands in the link."""
    title, looks = st.columns([2.1, 1], vertical_alignment="bottom")
    with title:
        show.header("Reproduce", "Does it come out as published?")
    with looks:
        look = linked.segments("Look", [ONE, ALL], key=_LOOK_KEY, width="stretch")
    for problem in library().problems:
        show.problem(problem)
    return look


def all_experiments() -> None:
    """Every experiment in one table; a click opens one."""

    def open_one(name: str) -> None:
        linked.put(_LOOK_KEY, ONE, leave_out=ONE)
        _choose(name)

    lines = overview()
    st.caption(coverage.counted({line.id: line.state for line in lines}))
    coverage.table(lines, open_one)


def pick() -> tuple[Recipe, ScaleName]:
    """Choose by a square of the coverage or by two select boxes; both stand in the link."""
    known = recipes()
    # Where neither link nor session says what: what tells most of all that was run here.
    if linked.value(EXPERIMENT_KEY) not in known:
        telling = most_telling(overview())
        linked.put(EXPERIMENT_KEY, telling.id if telling else _FIRST)
    if linked.value(SCALE_KEY) not in SCALES:
        linked.put(SCALE_KEY, best_scale(linked.current(EXPERIMENT_KEY, known.names())) or SCALES[0])
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="top")
    with right:
        chosen = linked.select(
            "Experiment",
            known.names(),
            key=EXPERIMENT_KEY,
            names=lambda name: f"{name} · {known.get(name).title}",
            on_change=lambda: _choose(st.session_state[EXPERIMENT_KEY]),
        )
        wanted = linked.select(
            "Scale",
            SCALES,
            key=SCALE_KEY,
            names=(_SCALE_WORDS if library().report_of[chosen].key else _OWN_SCALE_WORDS).__getitem__,
            help="How much of it is run. The scale stands beside every number.",
        )
    with left:
        coverage.coverage_squares({name: reached(name) for name in known}, chosen, _choose)
    return known.get(chosen), next(scale for scale in SCALES if scale == wanted)


def _choose(name: str) -> None:
    """Open an experiment; where it was not run at the scale that is looked at, at one that has results."""
    linked.put(EXPERIMENT_KEY, name)
    scale = str(st.session_state.get(SCALE_KEY, SCALES[0]))
    if ReproductionJob.at(name, scale).status().state == "waiting":
        linked.put(SCALE_KEY, best_scale(name) or scale)


def controls(recipe: Recipe, scale: ScaleName) -> ReproductionJob:
    """Question, button, and progress of the whole while it works; returns the job."""
    job = ReproductionJob.at(recipe.id, scale)
    st.markdown(f"**{recipe.id} · {show.plain(recipe.title)}**  \n{show.plain(recipe.question)}")
    if by_hand := lab_links.EXAMPLES.get(recipe.id):
        navigation.link(
            "convolution_lab", "Try it in the Convolution lab", by_hand, icon=":material/science:"
        )

    def begin() -> None:
        ReproductionJob.create(ReproductionSpec(recipe=recipe.id, scale=scale)).start()

    def draw(status: JobStatus) -> None:
        jobs.headline(
            job,
            status,
            labels={"waiting": "Run it", "done": "Run it again"},
            begin=begin,
            hint="" if status.active else _consequences(recipe, scale, status.state),
        )

    jobs.live(job, draw)
    return job


def _consequences(recipe: Recipe, scale: ScaleName, state: State) -> str:
    study = recipe.study(scale)
    if study is None:
        return "Nothing has to be trained for it."
    progress = look(study.members())
    runs = words.plural(progress.total, "training")
    if progress.done == progress.total and state not in ("waiting", "done"):
        return f"{runs}, done; what comes after them is still to do."
    if state == "done" or progress.done == progress.total:
        return f"{runs}, done; what was trained is not trained again."
    done = f", {words.count(progress.done)} of them done before" if progress.done else ""
    left = TimeLeft()(progress)
    about = f", about {words.duration(left)} here" if left is not None else ""
    options, then = recipe.options_at(scale), ""
    if recipe.kind == "search":
        search = read_options(SearchOptions, options)
        folds, epochs = words.plural(search.folds, "fold"), words.plural(search.epochs, "epoch")
        then = f", then {search.trials} candidates, each with {folds} of {epochs}"
    elif "features" in options:
        then = ", then the features of every image"
    return f"{runs}{done}{about}{then}. What was trained before is not trained again."
