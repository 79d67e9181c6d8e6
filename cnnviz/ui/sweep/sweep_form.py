"""The page Sweep, a new one: what varies, how often it is repeated, and what that will cost."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.engine import estimate
from cnnviz.errors import CnnvizError
from cnnviz.figures.sweep_figures import Group, Setting, sweep_figure
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.search.search_space import Dimension
from cnnviz.studies.study import Progress, look
from cnnviz.studies.study_spec import StudySpec
from cnnviz.studies.sweep import sweep_question
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_shown import NEEDED
from cnnviz.ui import cache, linked, run_labels, show, state
from cnnviz.ui.sweep.sweep_view import MARKS, start

_FIRST_KEY, _SECOND_KEY, _NOTHING = "vary", "vary_also", "nothing"
#: More settings than this are not listed before the start, and their time is not guessed.
_MOST_LISTED = 24
_VALUES_HELP = (
    "Separated by commas: 3, 5, 7. Lists of numbers, such as the filters of several blocks, are separated "
    "by semicolons: 16, 32; 32, 64."
)


def form() -> None:
    """What varies on the left, what it makes of the network and what it costs on the right."""
    draft = state.draft()
    experiment = draft.experiment
    if experiment is None:
        show.problem(draft.error or "Choose a network in the sidebar.")
        return
    network = run_labels.network_title(experiment.architecture.name).lower()
    images = show.plain(run_labels.dataset_title(experiment.dataset.name))
    st.caption(
        f"What does not vary stays as in the sidebar: {images}, "
        f"{network}, {words.plural(experiment.training.epochs, 'epoch')}, {experiment.training.optimizer}. "
        "Each setting is trained once a seed; the split of the images stays the same."
    )
    left, right = st.columns([1, 1.3], gap="large")
    study: StudySpec | None = None  # stays so where the block ends with a message
    with left, show.guard():
        study = _ask(experiment)
    if study is None:
        return
    with right, show.guard():
        _consequences(study, look(study.members()))
        _meanings()
    with left:
        figure = sweep_figure([Group("", _EXAMPLE)], "", "accuracy", _EXAMPLE)
        figure.update_layout(title={"text": "An example: made-up numbers"}, margin={"b": 28})
        show.figure(
            figure,
            key="sweep_sketch",
            height=_HEIGHT,
            alt="Example with made-up numbers: three dots for three seeds at each of two values, and their "
            "means with 95 % intervals.",
        )


def _ask(experiment: ExperimentSpec) -> StudySpec | None:
    names = sweep_question.suggested_settings(experiment)
    first = _choice(experiment, "What varies", _FIRST_KEY, [*names, _NOTHING], (*names, _NOTHING)[0])
    factors = [_values(experiment, first)] if first != _NOTHING else []
    if first != _NOTHING:
        others = [_NOTHING, *(name for name in names if name != first)]
        second = _choice(experiment, "And also", _SECOND_KEY, others, _NOTHING)
        factors += [_values(experiment, second)] if second != _NOTHING else []
    left, right = st.columns([1, 2])
    seeds = left.number_input(
        "Seeds",
        1,
        20,
        3,
        key="sweep_seeds",
        persist_state="session",
        help="How often each setting is trained, each time from other random weights. Two or more show how "
        "much is chance; three to five make a fair comparison.",
    )
    name = right.text_input(
        "Name", key="sweep_name", max_chars=80, placeholder="optional", persist_state="session"
    )
    if seeds == 1:
        st.caption("One seed: a difference can't be told from chance, and no interval is shown.")
    if any(factor is None for factor in factors):
        return None
    start = experiment.training.seed
    known = [factor for factor in factors if factor is not None]
    study = sweep_question.study_of(experiment, known, range(start, start + int(seeds)), (name or "").strip())
    sweep_question.check(study)
    return study


def _choice(experiment: ExperimentSpec, label: str, key: str, options: list[str], default: str) -> str:
    def named(name: str) -> str:
        if name != _NOTHING:
            return sweep_question.suggested_title(experiment, name)
        return "Nothing: repeat it with other seeds" if key == _FIRST_KEY else "nothing else"

    return linked.select(label, options, key=key, names=named, default=default)


def _values(experiment: ExperimentSpec, name: str) -> Dimension | None:
    """The values of one setting; a mistake is told right under them."""
    network = experiment.architecture.name
    typed = st.text_input(
        f"Values of {_lower(sweep_question.suggested_title(experiment, name))}",
        sweep_question.suggested_values(experiment, name),
        key=f"sweep_values_{network}_{name}",
        persist_state="session",
        help=_VALUES_HELP,
    )
    try:
        return sweep_question.read_factor(network, name, typed or "")
    except CnnvizError as error:
        st.caption(f":orange[{error}]")
        return None


def _lower(title: str) -> str:
    """`Kernel size` → `kernel size`; `L1 penalty` and `CPU threads` stay."""
    return title if title[1:2].isupper() or title[1:2].isdigit() else title[0].lower() + title[1:]


def _consequences(study: StudySpec, progress: Progress) -> None:
    """One row a setting: what it makes of the network, how long a run takes, what is there; and the start."""
    done = Counter(member.label for member, run in progress.members if run and run.state == "done")
    seconds = 0.0  # of what is not trained yet; 0 where it can't be guessed
    if len(study.variants) > _MOST_LISTED:
        st.caption(f"{len(study.variants)} settings, too many to list them here.")
    else:
        rows = []
        guesses = [estimate.training_seconds(variant.experiment) for variant in study.variants]
        for variant, guess in zip(study.variants, guesses, strict=True):
            network = cache.summary_on(variant.experiment.architecture, variant.experiment.dataset)
            rows.append(
                {
                    "Setting": variant.label,
                    "Parameters": words.count(network.total_params),
                    "A run": f"about {words.duration(guess.seconds)}" if guess else "–",
                    "Done": f"{done[variant.label]} of {len(study.seeds)}",
                }
            )
            if guess and None not in guesses:
                seconds += (len(study.seeds) - done[variant.label]) * guess.seconds
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            key="sweep_preview",
            column_config={
                "A run": st.column_config.TextColumn(help="Training time here, guessed from earlier runs."),
                "Done": st.column_config.TextColumn(
                    help="Seeds that are trained already; they are not again."
                ),
            },
        )
    settings = words.plural(len(study.variants), "setting")
    st.markdown(
        f"**{words.plural(progress.total, 'run')}** ({settings} × {words.plural(len(study.seeds), 'seed')})"
        + (f" · {progress.done} trained already" if progress.done else "")
        + (f" · about {words.duration(seconds)} here" if seconds else "")
    )
    st.button(
        "Start the sweep" if study.factors else "Start repeating",
        type="primary",
        key="sweep_start",
        icon=":material/play_arrow:",
        on_click=show.guarded(lambda: start(SweepJob.create(study))),
    )


#: Made-up accuracies of three seeds, and their mean with its 95 % interval by Student's t.
_EXAMPLE = (
    Setting(0, "one value", (0, 1, 2), (0.655, 0.661, 0.667), 0.661, 0.6461, 0.6759),
    Setting(1, "another", (0, 1, 2), (0.698, 0.702, 0.713), 0.7043, 0.6851, 0.7236),
)
_HEIGHT = 250
_MEANINGS = {
    "more than chance": "the seeds agree; chance alone would give such a difference in fewer than 5 of 100 "
    "sweeps.",
    "could be chance": "the seeds disagree too much. It does not mean that there is no difference.",
    "not enough evidence": "one seed, or seeds that can't be compared.",
}


def _meanings() -> None:
    """What each verdict means, and what more seeds can show."""
    with st.container(gap="xsmall", key="sweep_meanings"):
        st.markdown("**How the answer will read**")
        for verdict, meaning in _MEANINGS.items():
            st.markdown(f"{MARKS[verdict]}: {meaning}")
        steps = ", ".join(f"{n} seeds {NEEDED[n]:.1f} times" for n in (2, 3, 5, 10))
        st.caption(
            "More seeds show smaller differences. To be more than chance, a difference must be so many times "
            f"its spread over the seeds: {steps}.",
            help="Paired t-test, 5 %: the mean difference, over the standard deviation of the differences.",
        )
