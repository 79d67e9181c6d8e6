"""The page Reproduce: choose an experiment of the reports, run it, watch the whole."""

from __future__ import annotations

import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.figures.coverage import coverage_figure
from cnnviz.studies.detached import begin, state_of
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import look
from cnnviz.studies.recipe import SCALES, Recipe, ScaleName, recipes
from cnnviz.studies.timing import TimeLeft
from cnnviz.ui import linked, navigation, show, words
from cnnviz.ui.lab import examples
from cnnviz.ui.reproduce.working import working

EXPERIMENT_KEY, SCALE_KEY = "experiment", "scale"
_SECONDS = 1.5
_SCALE_WORDS = {
    "smoke": "smoke: seconds, a small part",
    "lecture": "lecture: a few minutes",
    "full": "full: as published",
}


def pick() -> tuple[Recipe, ScaleName]:
    """Choose by a click on the coverage or by two select boxes; both stand in the link."""
    known = recipes()
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with right:
        chosen = linked.select(
            "Experiment",
            known.names(),
            key=EXPERIMENT_KEY,
            names=lambda name: f"{name} · {known.get(name).title}",
        )
        wanted = linked.select(
            "Scale", SCALES, key=SCALE_KEY, names=_SCALE_WORDS.__getitem__, default="smoke",
            help="How much of it is run. The scale stands beside every number.",
        )  # fmt: skip
    with left:
        _coverage(chosen)
    return known.get(chosen), next(scale for scale in SCALES if scale == wanted)


def _coverage(chosen: str) -> None:
    known = recipes()
    states = {name: reached(name) for name in known}
    titles = {name: known.get(name).title for name in known}
    show.figure(
        coverage_figure(known.names(), states, titles, chosen, dark=show.dark()), key="coverage",
        on_select=_clicked,
        alt="Which experiments of the five reports have been run here, and at which scale",
    )  # fmt: skip


def reached(recipe_id: str) -> str:
    """The largest scale at which an experiment was run to its end here; "incomplete" where only begun."""
    states = {scale: state_of(StudyDirectory.reproduction(recipe_id, scale)) for scale in SCALES}
    done = [scale for scale in SCALES if states[scale] == "done"]
    return done[-1] if done else "incomplete" if any(states.values()) else ""


def _clicked() -> None:
    points = st.session_state["coverage"]["selection"]["points"]
    if points:
        data = points[0]["customdata"]
        linked.put(EXPERIMENT_KEY, str(data["0"] if isinstance(data, dict) else data[0]))


def controls(recipe: Recipe, scale: ScaleName) -> StudyDirectory:
    """Question, button, and progress of the whole while it works; returns the folder of its results."""
    folder = StudyDirectory.reproduction(recipe.id, scale)
    state = state_of(folder)
    st.markdown(f"**{recipe.id} · {recipe.title}**  \n{recipe.question}")
    _by_hand(recipe)
    if state == "running":
        st.fragment(working, run_every=_SECONDS)(folder)
        return folder
    with st.container(horizontal=True, vertical_alignment="center"):
        label = {"": "Run it", "done": "Run it again"}.get(state, "Go on")
        kind = "secondary" if state == "done" else "primary"
        if st.button(label, type=kind, icon=":material/play_arrow:", key="reproduce"):  # type: ignore[arg-type]
            _begin(recipe, scale)
        st.caption(_consequences(recipe, scale, state))
    return folder


def _by_hand(recipe: Recipe) -> None:
    """Lead to where the experiment can be done by hand, for those that can."""
    if recipe.id in examples.EXAMPLES:
        st.page_link(
            navigation.page("convolution_lab"), label="Try it in the Convolution lab",
            icon=":material/science:", query_params=examples.EXAMPLES[recipe.id],
        )  # fmt: skip


def _begin(recipe: Recipe, scale: ScaleName) -> None:
    try:
        begin(recipe.id, scale)
    except CnnvizError as error:
        show.problem(error)
        return
    st.rerun()


def _consequences(recipe: Recipe, scale: ScaleName, state: str) -> str:
    study = recipe.study(scale)
    if study is None:
        return "Nothing has to be trained for it."
    progress = look(study.members())
    runs = words.plural(progress.total, "training")
    if state == "done" or progress.done == progress.total:
        return f"{runs}, done; what was trained is not trained again."
    done = f", {words.count(progress.done)} of them done before" if progress.done else ""
    left = TimeLeft()(progress)
    about = f", about {words.duration(left)} here" if left is not None else ""
    return f"{runs}{done}{about}. What was trained before is not trained again."
