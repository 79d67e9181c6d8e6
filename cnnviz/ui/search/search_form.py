"""The page Search, a new one: the space, the way to search it, and what it will cost."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd
import streamlit as st

from cnnviz import metrics, words
from cnnviz.architectures import ARCHITECTURES, find_setting
from cnnviz.engine import estimate
from cnnviz.errors import CnnvizError, SpecError
from cnnviz.metrics import METRICS
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.search import Method, SearchJob, SearchSpec, settings_of
from cnnviz.studies.search.search_space import presets, read_row, setting_names, values_text
from cnnviz.training import checks
from cnnviz.ui import cache, jobs, linked, run_labels, show, state

_PRESETS = {"training": "optimizer and rate", "network": "the network", "report": "report B", "own": "own"}
_METHODS = {"random": "random", "grid": "grid", "tpe": "guided (TPE)"}
_METHOD_HELP = (
    "Random: points drawn by chance (Bergstra and Bengio 2012). Grid: every combination, in random order. "
    "Guided: TPE draws more often where it went well (Bergstra 2011); it needs about ten candidates to begin."
)
#: The report trained every candidate so long.
_REPORT_EPOCHS = 20
_SEARCHED_RUNS = 60


def form() -> None:
    """Rows of the space on the left, the rest on the right; Start below."""
    draft = state.draft()
    if draft.experiment is None or draft.architecture is None:
        show.problem(draft.error or "Choose a network in the sidebar.")
        return
    name, images = draft.architecture.name, show.plain(run_labels.dataset_title(draft.dataset.name))
    st.caption(
        f"What is not searched stays as in the sidebar: {images}, "
        f"{ARCHITECTURES.get(name).title.lower()}, {draft.training.optimizer}, batch "
        f"{draft.training.batch_size}. Candidates are judged on training images alone, each fold in turn."
    )
    left, right = st.columns([1.55, 1], gap="large")
    with left:
        preset = _preset(name)
        table = _rows(name, preset)
    with right:
        how = _how(draft.experiment, preset)
    with show.guard():
        _start(_spec(draft.experiment, name, table, how))


def _preset(architecture: str) -> str:
    known = [*presets(architecture), "own"]
    chosen = st.segmented_control(
        "Space",
        [preset for preset in _PRESETS if preset in known or preset == "report"],
        key="search_preset",
        default=known[0],
        required=True,
        format_func=_PRESETS.__getitem__,
        persist_state="session",
        help="A space to begin with; every row can be changed. Report B: optimizer, second dense layer and "
        "activation, for the dense part behind a frozen base.",
    )
    if chosen == "report" and "report" not in known:
        st.info("Report B's space needs a network with a second dense layer.", icon=":material/info:")
        st.button(
            "Choose Deep blocks in the sidebar",
            key="search_deep",
            on_click=linked.put,
            args=(state.ARCHITECTURE_KEY, "deep-pairs"),
        )
        return "own"
    return str(chosen or known[0])


def _rows(architecture: str, preset: str) -> pd.DataFrame:
    """The space as an editable table: setting, values, whether by magnitude."""

    def setting_words(name: object) -> str:
        group, _, field = str(name).partition(".")
        known = find_setting(str(name))
        where = {"architecture": "network", "dataset": "data"}.get(group, group)
        return f"{known.noun if known else field} ({where})"

    space = presets(architecture).get(preset, ())
    table = [(dimension.name, values_text(dimension), dimension.log) for dimension in space]
    types = {"setting": "object", "values": "object", "log": "bool"}
    edited: pd.DataFrame = st.data_editor(
        pd.DataFrame(table, columns=list(types)).astype(types),
        num_rows="dynamic",
        hide_index=True,
        key=f"search_rows_{architecture}_{preset}",
        column_config={
            "setting": st.column_config.SelectboxColumn(
                "Setting",
                options=list(setting_names(architecture)),
                required=True,
                width="medium",
                format_func=setting_words,
            ),
            "values": st.column_config.TextColumn(
                "Values",
                required=True,
                width="medium",
                help="Choices: Adam, SGD. A range: 0.0001 … 0.1 (two dots do as well). "
                "Lists of numbers: 32, 64; 64, 128.",
            ),
            "log": st.column_config.CheckboxColumn(
                "Log",
                default=False,
                width="small",
                help="Draw a range evenly by its powers of ten, as learning rates should be.",
            ),
        },
    )
    return edited


def _how(experiment: ExperimentSpec, preset: str) -> dict[str, Any]:
    """Method, candidates, folds, epochs, the base, and whether poor ones are given up."""
    method = st.segmented_control(
        "Method",
        list(_METHODS),
        key="search_method",
        default="random",
        required=True,
        format_func=_METHODS.__getitem__,
        persist_state="session",
        help=_METHOD_HELP,
    )
    left, middle, right = st.columns(3)
    epochs = _REPORT_EPOCHS if preset == "report" else experiment.training.epochs
    numbers = {
        "candidates": left.number_input(
            "Candidates",
            2,
            500,
            12,
            key="search_candidates",
            persist_state="session",
            help="How many points of the space are tried at most.",
        ),
        "folds": middle.number_input(
            "Folds",
            2,
            10,
            3,
            key="search_folds",
            persist_state="session",
            help="Each candidate is trained so often, each time judged on another part of the images.",
        ),
        "epochs": right.number_input(
            "Epochs", 1, 10_000, epochs, key=f"search_epochs_{preset}_{epochs}", help="Of every training."
        ),
    }
    base = _base(experiment)
    objective = st.selectbox(
        "Judged by",
        metrics.objectives(),
        key="search_objective",
        persist_state="session",
        format_func=lambda name: METRICS.get(name).title,
        help="Of the images that each fold leaves out, mean over the folds. Test images choose nothing.",
    )
    pruning = st.toggle(
        "Give poor candidates up early",
        value=True,
        key="search_pruning",
        persist_state="session",
        help="By the median rule; the page of the search states it.",
    )
    name = st.text_input(
        "Name", key="search_name", max_chars=80, placeholder="optional", persist_state="session"
    )
    return {
        **numbers,
        "method": method or "random",
        "pruning": pruning,
        "objective": objective,
        "base": base,
        "title": name or "",
    }


def _base(experiment: ExperimentSpec) -> str | None:
    """The run whose convolutions are used, frozen; None: they are trained with the rest."""
    fitting = {}
    for run in cache.run_list()[:_SEARCHED_RUNS]:
        other = run.experiment if run.state == "done" and run.report else None
        if other is None or other.dataset.folds is not None:
            continue  # not finished, or one fold of a search
        try:
            fits = checks.same_base(experiment, other)
        except CnnvizError:
            continue  # its data set is gone
        if fits:
            fitting[run.id] = run
    lines = {"": "trained with the rest", **run_labels.run_lines(fitting.values())}
    chosen = linked.select(
        "Convolutions",
        list(lines),
        key="search_base",
        default="",
        names=lambda run_id: f"frozen, from {lines[run_id]}" if run_id else lines[run_id],
        help="Frozen: taken from a finished run with the same convolutions, and left as they are.",
    )
    return chosen or None


def _spec(
    experiment: ExperimentSpec, architecture: str, table: pd.DataFrame, how: dict[str, Any]
) -> SearchSpec:
    rows = [row for row in table.to_dict("records") if row["setting"] and row["values"]]
    if not rows:
        raise SpecError("The space is empty. Add a row: a setting, and the values to try.")
    space = [
        read_row(architecture, str(row["setting"]), str(row["values"]), log=bool(row["log"])) for row in rows
    ]
    base = {**settings_of(experiment), "training.epochs": int(how["epochs"])}
    if how["base"]:
        base |= {"training.init_from": how["base"], "training.freeze": "base"}
    searched = ", ".join(dimension.label for dimension in space)
    title = how["title"].strip() or f"{searched} · {run_labels.dataset_title(experiment.dataset.name)}"
    spec = SearchSpec.parse(
        {
            "title": title[:80],
            "base": base,
            "space": space,
            "method": cast(Method, how["method"]),
            "candidates": int(how["candidates"]),
            "folds": int(how["folds"]),
            "pruning": how["pruning"],
            "objective": how["objective"],
            "seed": experiment.training.seed,
        }
    )
    spec.check()
    checks.check(spec.experiment({}, 1))
    return spec


def _start(spec: SearchSpec) -> None:
    left, right = st.columns([3, 1], vertical_alignment="center")
    runs = spec.planned * spec.folds
    epochs = cast(int, spec.base["training.epochs"])
    guess = estimate.training_seconds(spec.experiment({}, 1))
    time = ""
    if guess:
        low, most, high = (words.duration(runs * part) for part in (guess.low, guess.seconds, guess.high))
        time = f" · about {most} here ({low} to {high})"
    fewer = f" (the space has no more than {spec.planned})" if spec.planned < spec.candidates else ""
    left.markdown(
        f"{words.plural(spec.planned, 'candidate')}{fewer} × {spec.folds} folds = **{runs} trainings** of "
        f"{words.plural(epochs, 'epoch')}{time}"
    )
    if right.button(
        "Start the search", type="primary", icon=":material/play_arrow:", key="search_start", width="stretch"
    ):
        search = SearchJob.create(spec)
        if not search.status().active and search.status().state != "done":
            search.start()
        jobs.choose(search)
        st.rerun()
