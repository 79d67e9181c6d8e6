"""The page Reproduce: choose an experiment of the reports, run it, watch the whole."""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.reports.drawings.search_candidates import SearchOptions
from cnnviz.reports.library import library, recipes
from cnnviz.reports.overview import best_scale, most_telling, overview, reached
from cnnviz.reports.recipe import SCALES, Recipe, ScaleName, read_options
from cnnviz.studies import runner
from cnnviz.studies.detached import begin, stage_of, stage_seconds_left, state_of
from cnnviz.studies.folder import Progress, StudyDirectory
from cnnviz.studies.progress import look
from cnnviz.studies.timing import TimeLeft, share_done
from cnnviz.ui import linked, navigation, show
from cnnviz.ui.lab import lab_links
from cnnviz.ui.reproduce import coverage

EXPERIMENT_KEY, SCALE_KEY, _LOOK_KEY = "experiment", "scale", "view"
ONE, ALL = "One experiment", "All experiments"
#: Opened where nothing was run here yet: a question, two networks, a table, a figure, three claims.
_FIRST = "E8"
_SECONDS = 1.5
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
        st.warning(problem, icon=":material/rule:")
    return look


def all_experiments() -> None:
    """Every experiment in one table."""
    lines = overview()
    st.caption(coverage.counted({line.id: line.state for line in lines}))
    coverage.table(lines, _open)


def _open(name: str) -> None:
    linked.put(_LOOK_KEY, ONE, leave_out=ONE)
    _choose(name)


def pick() -> tuple[Recipe, ScaleName]:
    """Choose by a square of the coverage or by two select boxes; both stand in the link."""
    known = recipes()
    _begin_somewhere()
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
        states = {name: reached(name) for name in known}
        coverage.squares(states, chosen, _choose)
    return known.get(chosen), next(scale for scale in SCALES if scale == wanted)


def _begin_somewhere() -> None:
    """Where neither link nor session says what: open what tells most of all that was run here."""
    if st.query_params.get(EXPERIMENT_KEY, st.session_state.get(EXPERIMENT_KEY)) not in recipes():
        telling = most_telling(overview())
        linked.put(EXPERIMENT_KEY, telling.id if telling else _FIRST)
    if st.query_params.get(SCALE_KEY, st.session_state.get(SCALE_KEY)) not in SCALES:
        linked.put(SCALE_KEY, best_scale(linked.current(EXPERIMENT_KEY, recipes().names())) or SCALES[0])


def _choose(name: str) -> None:
    """Open an experiment; where it was not run at the scale that is looked at, at one that has results."""
    linked.put(EXPERIMENT_KEY, name)
    scale = str(st.session_state.get(SCALE_KEY, SCALES[0]))
    if not state_of(StudyDirectory.reproduction(name, scale)):
        linked.put(SCALE_KEY, best_scale(name) or scale)


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
    if recipe.id in lab_links.EXAMPLES:
        st.page_link(
            navigation.page("convolution_lab"),
            label="Try it in the Convolution lab",
            icon=":material/science:",
            query_params=lab_links.EXAMPLES[recipe.id],
        )


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
    if progress.done == progress.total and state not in ("", "done"):
        return f"{runs}, done; what comes after them is still to do."
    if state == "done" or progress.done == progress.total:
        return f"{runs}, done; what was trained is not trained again."
    done = f", {words.count(progress.done)} of them done before" if progress.done else ""
    left = TimeLeft()(progress)
    about = f", about {words.duration(left)} here" if left is not None else ""
    return f"{runs}{done}{about}{_afterwards(recipe, scale)}. What was trained before is not trained again."


def _afterwards(recipe: Recipe, scale: ScaleName) -> str:
    """What takes time after the trainings, where anything does."""
    options = recipe.options_at(scale)
    if recipe.kind == "search":
        search = read_options(SearchOptions, options)
        folds, epochs = words.plural(search.folds, "fold"), words.plural(search.epochs, "epoch")
        return f", then {search.trials} candidates, each with {folds} of {epochs}"
    return ", then the features of every image" if "features" in options else ""


def working(folder: StudyDirectory) -> None:
    """One look at it; a fragment calls this again and again until it has ended."""
    if state_of(folder) != "running":
        st.rerun()
    progress, stopping = _progress(folder), folder.stop_wished()
    bar, button = st.columns([6, 1], vertical_alignment="center")
    with button:
        pressed = st.button(
            "Stop", icon=":material/stop:", key="stop_reproduction", disabled=stopping, width="stretch"
        )
    with bar:
        if progress and progress.done + progress.failed < progress.total:
            _training(progress, str(folder.path))
        else:
            _preparing(folder, stopping)
    if pressed:
        with show.guard():
            _stop(folder, progress)
        st.rerun(scope="fragment")


def _stop(folder: StudyDirectory, progress: Progress | None) -> None:
    """Its trainings keep what they have; what is prepared after them ends with the part at work."""
    if progress:
        runner.stop(folder)
    else:
        folder.wish_stop()


def _progress(folder: StudyDirectory) -> Progress | None:
    try:
        return folder.progress()
    except CnnvizError:
        return None  # between its first and its second file, or nothing is trained


def _preparing(folder: StudyDirectory, stopping: bool) -> None:
    stage, left = stage_of(folder), stage_seconds_left(folder)
    text = "stopping after the part at work" if stopping else stage.text
    text += f" · about {words.duration(left)} left" if left is not None and not stopping else ""
    st.progress(stage.share or 0.0, text=text[0].upper() + text[1:])


def _training(progress: Progress, path: str) -> None:
    at_work = [(member, run) for member, run in progress.members if run and run.state == "running"]
    within = sum(share_done(run.status) for _, run in at_work)
    left = None if progress.stopped else _clock(path)(progress)
    doing = "Stopping training" if progress.stopped else "Training"
    text = f"{doing} {min(progress.done + 1, progress.total)} of {progress.total}"
    text += f" · about {words.duration(left)} left" if left is not None else ""
    for member, run in at_work[:1]:
        if run.status:
            epoch = f"epoch {max(run.status.epoch, 1)} of {run.status.epochs}"
            text += f" · {member.name}, seed {member.seed}: {epoch}"
    st.progress(min(1.0, (progress.done + within) / progress.total), text=text)


@st.cache_resource(max_entries=16)
def _clock(path: str) -> TimeLeft:
    """Keeps its guesses for one folder until another run has finished."""
    return TimeLeft()
