"""The page Sweep: choose one and watch it; verdicts, accuracy and time by setting, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.figures.published import Series, sizes_figure
from cnnviz.figures.sweep_figures import HEIGHT, Unit, sweep_figure
from cnnviz.jobs.status import JobStatus, State
from cnnviz.metrics import METRICS
from cnnviz.studies.intervals import measured_seconds, measured_share
from cnnviz.studies.study_spec import StudySpec
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_question import setting_words, value_words
from cnnviz.studies.sweep.sweep_results import OverSeeds, Pair, RowResult, SweepResults
from cnnviz.studies.sweep.sweep_sentences import (
    advice,
    least,
    pair_numbers,
    seeds,
    time_sentence,
    trend_sentence,
)
from cnnviz.studies.sweep.sweep_shown import csv_text, groups_of, mean_epochs, places_of
from cnnviz.ui import cache, jobs, navigation, run_labels, show
from cnnviz.ui.compare.compare_view import MOST_RUNS

_MORE = "A sweep of its own with two seeds more; what is trained already counts and is not trained again."


def pick() -> SweepJob | None:
    """Header, and the choice of a sweep; None for a new one. The choice stands in the link."""
    return jobs.pick(SweepJob, "Sweep", "Is the difference real?")


def live(sweep: SweepJob) -> None:
    """Progress and results; refreshed by itself while a process is at work on it."""

    def draw(status: JobStatus) -> None:
        found = sweep.results()
        done = status.state == "done"
        summary = "" if status.active else _summary(sweep, found, status.state)
        jobs.headline(
            sweep,
            status,
            text=summary,
            labels={"done": "Two more seeds"},
            begin=(lambda: start(_with_more_seeds(sweep.spec()))) if done else None,
            help=_MORE if done else None,
        )
        results(sweep, found, status.state)

    jobs.live(sweep, draw)


def _summary(sweep: SweepJob, found: SweepResults | None, state: State) -> str:
    progress = sweep.progress()
    runs = f"{progress.done} of {words.plural(progress.total, 'run')}"
    if state != "done":
        # Those that were stopped are no failures; they go on with the rest.
        return runs + (f" · {progress.failed} failed" if progress.failed and state != "stopped" else "")
    seconds = sum(sum(row.values["fit_seconds"].values()) for row in (found.rows if found else ()))
    return f"{runs} · {words.duration(seconds)} of training"


def start(sweep: SweepJob) -> None:
    """Begin a sweep, unless it is at work already, and choose it.

    Raises:
        StorageError: its folder can't be written.
    """
    if not sweep.status().active:
        sweep.start()
    jobs.choose(sweep)


def _with_more_seeds(spec: StudySpec) -> SweepJob:
    first = max(spec.seeds) + 1
    return SweepJob.create(spec.but(seeds=(*spec.seeds, first, first + 1)))


def asked(sweep: SweepJob) -> None:
    """The fold with what was asked, and the button that deletes the sweep."""
    spec = sweep.spec()
    with st.expander("What was asked", icon=":material/tune:"):
        for name in spec.factors:
            values = dict.fromkeys(value_words(name, variant.settings[name]) for variant in spec.variants)
            st.markdown(f"- **{setting_words(name)}** (`{name}`): {', '.join(values)}")
        st.markdown(f"- **seeds**: {', '.join(map(str, spec.seeds))}")
        st.caption(_alike(spec))
        jobs.delete(sweep, "What was asked and its results are deleted for good; its runs stay.")


def _alike(spec: StudySpec) -> str:
    one = spec.variants[0].experiment
    parts = [
        run_labels.dataset_title(one.dataset.name),
        run_labels.network_title(one.architecture.label()),
        words.plural(one.training.epochs, "epoch"),
        f"batch {one.training.batch_size}",
        one.training.optimizer,
        f"augmentation {one.training.augmentation.label()}",
    ]
    return f"The first setting: {' · '.join(parts)}. All else is alike in the others."


#: More curves nobody can tell apart.
_MOST_CURVES = 12
_SIZE = "dataset.train_size"
_FIRST = "The first run is being trained; what it reached will stand here."
_NOTHING_YET = {
    "running": _FIRST,
    "stopping": _FIRST,
    "interrupted": "What its finished runs reached is collected when it goes on.",
}


def results(study: SweepJob, found: SweepResults | None, state: str) -> None:
    """Everything that is known so far, refreshed with the fragment around it."""
    if found is None or not any(row.runs for row in found.rows):
        st.info(_NOTHING_YET.get(state, "No run has ended yet."), icon=":material/hourglass_empty:")
        return
    headline(found)
    _figures(found)
    _table(found)
    links(study, found)
    all_pairs(found)
    reports(found)


def _figures(found: SweepResults) -> None:
    """Accuracy and time by setting; the curves are one click away."""
    choice, measured = st.columns([2.4, 1], vertical_alignment="center")
    look = choice.segmented_control(
        "Figures",
        ["By setting", "Curves: accuracy", "Curves: loss"],
        key="sweep_look",
        required=True,
        default="By setting",
        persist_state="session",
        label_visibility="collapsed",
    )
    if look == "By setting" or look is None:
        with measured:
            metric = _metric(found)
        left, right = st.columns([1.35, 1], gap="medium")
        with left:
            _by_setting(found, metric)
        with right:
            _by_setting(found, "fit_seconds")
    else:
        _curves(found, cast(Metric, look.removeprefix("Curves: ")))


def _metric(found: SweepResults) -> str:
    """What the figure on the left shows; time has its own on the right."""
    known = [name for name in METRICS if any(row.over_seeds(name) for row in found.rows)]
    return st.selectbox(
        "Metric",
        [name for name in known if name != "fit_seconds"] or ["test_accuracy"],
        key="sweep_metric",
        persist_state="session",
        format_func=lambda name: METRICS.get(name).title,
        label_visibility="collapsed",
        help="What is shown by setting. Verdicts and trends go by test accuracy.",
    )


def _by_setting(found: SweepResults, name: str) -> None:
    metric = METRICS.get(name)
    share = metric.unit == "share" and metric.low == 0
    unit: Unit = "accuracy" if share else "seconds" if metric.unit == "s" else "number"
    if name == "fit_seconds" and [factor.name for factor in found.factors] == [_SIZE]:
        _line(found)
        return
    what, by, *_ = (*(factor.words for factor in found.factors), "", "")
    show.figure(
        sweep_figure(groups_of(found, name), what, unit, places_of(found), by, metric.title),
        key="sweep_seconds" if name == "fit_seconds" else "sweep_accuracy",
        alt=f"{metric.title} of every setting: "
        + "; ".join(f"{row.label} {_mean(row, name)}" for row in found.rows),
    )


def _mean(row: RowResult, metric: str) -> str:
    over = row.over_seeds(metric)
    return METRICS.get(metric).text(over.mean) if over else "not known yet"


def _line(found: SweepResults) -> None:
    """Time against training images, with the fitted line."""
    pairs = [
        (size, seconds)
        for row in found.rows
        if isinstance(size := row.settings[_SIZE], int) and size
        for seconds in row.values["fit_seconds"].values()
    ]
    series = Series("measured", [x for x, _ in pairs], [y for _, y in pairs])
    show.figure(
        sizes_figure([series], "seconds"),
        key="sweep_seconds",
        height=HEIGHT,
        alt="Training time against the number of training images, with a straight line through the runs",
    )


def _curves(found: SweepResults, metric: Metric) -> None:
    curves = []
    for place, row in enumerate(found.rows[:_MOST_CURVES]):
        runs = [run for run_id in row.runs.values() if (run := cache.run(run_id))]
        if runs:
            journal = mean_epochs([cache.epochs(run) for run in runs])
            curves.append(Curve(_short(found, row), journal, place))
    show.figure(
        curves_figure(curves, metric),
        key="sweep_curves",
        alt=f"{metric} by epoch of {', '.join(curve.label for curve in curves)}, means over the seeds",
    )
    more = len(found.rows) - _MOST_CURVES
    left = f" {words.plural(more, 'setting')} more in the table." if more > 0 else ""
    st.caption(f"Each line is the mean over the seeds, epoch by epoch.{left}")


def _short(found: SweepResults, row: RowResult) -> str:
    """`40,000 · max`: the values alone, for the ends of lines."""
    return " · ".join(factor.text_of(row) for factor in found.factors) or str(row.label)


def _table(found: SweepResults) -> None:
    rows = found.rows
    accuracy = [row.test_accuracy for row in rows]
    data = {
        **_settings(found),
        "Test accuracy": [100 * over.mean if over else None for over in accuracy],
        "Over seeds": [_spread(over) for over in accuracy],
        "95 % interval": [_interval_text(over) for over in accuracy],
        "Seeds": [f"{len(row.runs)} of {len(found.seeds)}" for row in rows],
        "Training time": [measured_seconds(row.measure("fit_seconds")) for row in rows],
        "Parameters": [words.count(row.params) for row in rows],
    }
    st.dataframe(
        pd.DataFrame(data),
        hide_index=True,
        key="sweep_table",
        placeholder="–",
        column_config={
            "Test accuracy": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%.1f %%", help="Mean over the seeds."
            ),
            "Over seeds": st.column_config.TextColumn(help="Standard deviation over the seeds, in points."),
            "95 % interval": st.column_config.TextColumn(
                help="Of the mean, by Student's t: where the mean of many more seeds would lie."
            ),
            "Seeds": st.column_config.TextColumn(width=70, help="Runs that are done."),
            "Training time": st.column_config.TextColumn(help="Mean ± standard deviation over the seeds."),
        },
    )
    if found.baseline is not None:
        st.caption(f"Always saying the most frequent class: {words.percent(found.baseline)}.")


def _spread(over: OverSeeds | None) -> str:
    return "–" if over is None or over.deviation is None else f"± {100 * over.deviation:.1f}"


def _settings(found: SweepResults) -> dict[str, list[str]]:
    """One column for each setting that varies."""
    columns = {}
    for factor in found.factors:
        texts = [factor.text_of(row) for row in found.rows]
        columns[factor.words.capitalize() if factor.words.islower() else factor.words] = texts
    return columns or {"Setting": [row.label for row in found.rows]}


def _interval_text(over: OverSeeds | None) -> str:
    if over is None or over.low is None or over.high is None:
        return "none: one seed" if over and over.n == 1 else "–"
    # Of few seeds Student's t knows no bounds; a share has them.
    return f"{100 * max(0.0, over.low):.1f} … {100 * min(1.0, over.high):.1f} %"


MARKS = {
    "more than chance": ":green[:material/check_circle: **more than chance**]",
    "could be chance": ":orange[:material/casino: **could be chance**]",
    "not enough evidence": ":gray[:material/help: **not enough evidence**]",
}
#: Sentences shown at once; all pairs are in a table further down.
_MOST_SENTENCES = 3
_HELP = (
    "Both settings were trained with the same seeds on the same images, so they are compared seed by seed. "
    "The 95 % interval says where the difference of many more seeds would lie; p is how often chance alone "
    "gives a difference at least as large. Among several pairs some differ by chance: their p-values are "
    "corrected together (Holm 1979), and the verdict goes by the corrected one. A trend is the mean slope of "
    "straight lines, one through the runs of each seed."
)


def headline(found: SweepResults) -> None:
    """The verdicts that matter most; of repeats, what their spread means."""
    if len(found.rows) == 1:
        _repeats(found)
        return
    pairs = [pair for pair in found.pairs if pair.estimate is not None]
    if pairs and all(pair.n == 1 for pair in pairs) and len(pairs) > 1:
        st.markdown(f"{MARKS['not enough evidence']} · one seed: differences can't be told from chance")
        return
    trends = [trend for trend in found.trends if trend.metric == "test_accuracy"]
    shown = pairs if len(pairs) + len(trends) <= _MOST_SENTENCES else _of_the_best(found, pairs)
    lines = [f":material/trending_up: **trend** · {trend_sentence(trend)}" for trend in trends[:2]]
    lines += [f"{MARKS[pair.verdict]} · {pair_numbers(pair, len(found.pairs))}" for pair in shown]
    if lines:
        st.markdown("  \n".join(lines), help=_HELP)
    notes = list(dict.fromkeys(filter(None, (advice(pair, len(found.pairs)) for pair in shown))))
    if len(pairs) == 1 and (time := time_sentence(pairs[0])):
        notes.append(time)
    if notes:
        st.caption(" ".join(notes))


def _of_the_best(found: SweepResults, pairs: Sequence[Pair]) -> list[Pair]:
    """The most accurate setting against those nearest to it: what a choice depends on."""
    means = {row.label: row.test_accuracy.mean for row in found.rows if row.test_accuracy}
    best = max(means, key=means.__getitem__)
    own = [pair for pair in pairs if best in (pair.first, pair.second)]
    return sorted(own, key=lambda pair: abs(pair.estimate or 0.0))[:2]


def _repeats(found: SweepResults) -> None:
    row = found.rows[0]
    text = f"**{measured_share(row.measure('test_accuracy'))}** of the test images right"
    over = row.test_accuracy
    if over and over.low is not None and over.high is not None:
        text += f", 95 % interval of the mean {100 * over.low:.1f} … {100 * over.high:.1f} %"
    st.markdown(f"{text}. {least(found) or 'One seed shows no spread: repeat with more seeds.'}")


def all_pairs(found: SweepResults) -> None:
    """Every pair in a table, folded; nothing where the sentences say it all."""
    pairs = [pair for pair in found.pairs if pair.estimate is not None]
    if len(pairs) <= _MOST_SENTENCES:
        return
    with st.expander(f"All {len(pairs)} pairs", icon=":material/balance:"):
        data = {
            "Difference": [pair.name for pair in pairs],
            "Points": [words.points(pair.estimate) for pair in pairs],
            "95 %": [_interval(pair) for pair in pairs],
            "p together": [_p(pair.p_together) for pair in pairs],
            "Seeds": [seeds(pair.n) for pair in pairs],
            "Verdict": [pair.verdict for pair in pairs],
            "Time": [_times(pair) for pair in pairs],
        }
        st.dataframe(
            pd.DataFrame(data),
            hide_index=True,
            key="sweep_pairs",
            placeholder="–",
            column_config={
                "p together": st.column_config.TextColumn("p, corrected", help=_HELP),
                "95 %": st.column_config.TextColumn(
                    "95 % interval", help="Of the difference in points, by Student's t, of this pair alone."
                ),
                "Time": st.column_config.TextColumn(
                    help="How often as long the training of the first takes as that of the second."
                ),
            },
        )
        st.caption(
            "Paired t-tests over seeds, corrected together by Holm. Pairs differ in one setting alone."
        )


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _interval(pair: Pair) -> str:
    if pair.low is None or pair.high is None:
        return "–"
    return f"{words.points(pair.low)} … {words.points(pair.high)}"


def _times(pair: Pair) -> str:
    return "–" if pair.times is None else f"{pair.times:.2f} ×"


def links(study: SweepJob, found: SweepResults) -> None:
    """Into Compare with all runs, or with one a setting where they are too many; and all runs as CSV."""
    rows = [row.runs for row in found.rows if row.runs]
    every = [run for of in rows for run in of.values()]
    whole = len(every) <= MOST_RUNS
    seed, *_ = rows[0]
    runs = every if whole or len(rows) == 1 else [next(iter(of.values())) for of in rows]
    with st.container(horizontal=True, vertical_alignment="center", key="sweep_links"):
        st.page_link(
            navigation.page("compare"),
            icon=":material/compare_arrows:",
            width="content",
            label="Open in Compare" + ("" if whole or len(rows) == 1 else f" (seed {seed} of each)"),
            query_params={"runs": ",".join(runs[:MOST_RUNS])},
        )
        st.download_button(
            "CSV",
            data=lambda: csv_text(found),
            file_name=f"{study.id}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="sweep_csv",
            on_click="ignore",
            help="One line a run: settings, seed, accuracy, seconds, parameters.",
        )


def reports(found: SweepResults) -> None:
    """A link to the report of every run, folded."""
    rows = [(row.label, row.runs) for row in found.rows if row.runs]
    number = sum(len(of) for _, of in rows)
    with st.expander(f"Reports of the {words.plural(number, 'run')}", icon=":material/grading:"):
        for label, of in rows:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(label, width="content")
                for seed, run in of.items():
                    st.page_link(
                        navigation.page("report"),
                        label=f"seed {seed}",
                        query_params={"run": run},
                        help=f"Report of {label}, seed {seed}",
                    )
