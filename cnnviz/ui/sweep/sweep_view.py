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
from cnnviz.studies.search.search_space import setting_words
from cnnviz.studies.study_spec import StudySpec
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_question import value_words
from cnnviz.studies.sweep.sweep_results import OverSeeds, Pair, SweepResults
from cnnviz.studies.sweep.sweep_shown import (
    advice,
    csv_text,
    groups_of,
    highest,
    images_sentence,
    least,
    mean_epochs,
    pair_numbers,
    places_of,
    seeds,
    time_sentence,
    trend_sentence,
    unjudged,
)
from cnnviz.ui import cache, jobs, navigation, run_labels, show
from cnnviz.ui.compare.compare_view import MOST_RUNS

_MORE = "A sweep of its own with two seeds more; what is trained already counts and is not trained again."


def draw(sweep: SweepJob, status: JobStatus) -> None:
    """How it stands, and everything that is known so far."""
    results, done = sweep.results(), status.state == "done"
    jobs.headline(
        sweep,
        status,
        text="" if status.active else _summary(sweep, results, status.state),
        labels={"done": "Two more seeds"},
        begin=(lambda: start(_with_more_seeds(sweep.spec()))) if done else None,
        help=_MORE if done else None,
    )
    if results is None or not any(row.runs for row in results.rows):
        text = _NOTHING_YET.get(status.state, "No run has ended yet.")
        st.info(text, icon=":material/hourglass_empty:")
        return
    _verdicts(results)
    _figures(results)
    if results.lacking:
        st.caption(show.plain(results.lacking))
    _table(results)
    _links(sweep, results)
    _all_pairs(results)
    _reports(results)


def _summary(sweep: SweepJob, results: SweepResults | None, state: State) -> str:
    progress = sweep.progress()
    runs = f"{progress.done} of {words.plural(progress.total, 'run')}"
    if state != "done":
        # Those that were stopped are no failures; they go on with the rest.
        return runs + (f" · {progress.failed} failed" if progress.failed and state != "stopped" else "")
    seconds = sum(sum(row.values["fit_seconds"].values()) for row in (results.rows if results else ()))
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
    """What varied, over which seeds, and what is alike in all runs."""
    spec = sweep.spec()
    for name in spec.factors:
        values = dict.fromkeys(value_words(name, variant.settings[name]) for variant in spec.variants)
        st.markdown(f"- **{setting_words(name)}** (`{name}`): {show.plain(', '.join(values))}")
    st.markdown(f"- **seeds**: {', '.join(map(str, spec.seeds))}")
    first = spec.variants[0].experiment
    parts = [
        run_labels.dataset_title(first.dataset.name),
        run_labels.network_title(first.architecture.label()),
        words.plural(first.training.epochs, "epoch"),
        f"batch {first.training.batch_size}",
        first.training.optimizer,
        f"augmentation {first.training.augmentation.label()}",
    ]
    st.caption(f"The first setting: {show.plain(' · '.join(parts))}. All else is alike in the others.")


#: More curves nobody can tell apart.
_MOST_CURVES = 12
_SIZE = "dataset.train_size"
_FIRST = "The first run is being trained; what it reached will stand here."
_NOTHING_YET = {
    "running": _FIRST,
    "stopping": _FIRST,
    "interrupted": "What its finished runs reached is collected when it goes on.",
}


def _figures(results: SweepResults) -> None:
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
    if look and look != "By setting":
        _curves(results, cast(Metric, look.removeprefix("Curves: ")))
        return
    known = [name for name in METRICS if any(row.over_seeds(name) for row in results.rows)]
    metric = measured.selectbox(
        "Metric",
        # Time has a figure of its own, on the right.
        [name for name in known if name != "fit_seconds"] or ["test_accuracy"],
        key="sweep_metric",
        persist_state="session",
        format_func=lambda name: METRICS.get(name).title,
        label_visibility="collapsed",
        help="What is shown by setting. Verdicts and trends go by test accuracy.",
    )
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        _by_setting(results, metric)
    with right:
        if [factor.name for factor in results.factors] == [_SIZE]:
            _time_by_size(results)
        else:
            _by_setting(results, "fit_seconds")


def _by_setting(results: SweepResults, name: str) -> None:
    metric = METRICS.get(name)
    share = metric.unit == "share" and metric.low == 0
    unit: Unit = "accuracy" if share else "seconds" if metric.unit == "s" else "number"
    what, by, *_ = (*(factor.words for factor in results.factors), "", "")
    means = [(row.label, row.over_seeds(name)) for row in results.rows]
    texts = (f"{label} {metric.text(over.mean) if over else 'not known yet'}" for label, over in means)
    show.figure(
        sweep_figure(groups_of(results, name), what, unit, places_of(results), by, metric.title),
        key="sweep_seconds" if name == "fit_seconds" else "sweep_accuracy",
        alt=f"{metric.title} of every setting: {'; '.join(texts)}",
    )


def _time_by_size(results: SweepResults) -> None:
    """Time against training images, with the fitted line."""
    pairs = [
        (size, seconds)
        for row in results.rows
        if isinstance(size := row.settings[_SIZE], int) and size
        for seconds in row.values["fit_seconds"].values()
    ]
    series = Series("measured", [size for size, _ in pairs], [seconds for _, seconds in pairs])
    show.figure(
        sizes_figure([series], "seconds"),
        key="sweep_seconds",
        height=HEIGHT,
        alt="Training time against the number of training images, with a straight line through the runs",
    )


def _curves(results: SweepResults, metric: Metric) -> None:
    curves = []
    for place, row in enumerate(results.rows[:_MOST_CURVES]):
        runs = [run for run_id in row.runs.values() if (run := cache.run(run_id))]
        if runs:
            # `40,000 · max`: the values alone, for the ends of lines.
            label = " · ".join(factor.text_of(row) for factor in results.factors) or str(row.label)
            curves.append(Curve(label, mean_epochs([cache.epochs(run) for run in runs]), place))
    show.figure(
        curves_figure(curves, metric),
        key="sweep_curves",
        alt=f"{metric} by epoch of {', '.join(curve.label for curve in curves)}, means over the seeds",
    )
    more = len(results.rows) - _MOST_CURVES
    left = f" {words.plural(more, 'setting')} more in the table." if more > 0 else ""
    st.caption(f"Each line is the mean over the seeds, epoch by epoch.{left}")


def _table(results: SweepResults) -> None:
    data: dict[str, Sequence[object]] = {}
    for factor in results.factors:
        title = factor.words.capitalize() if factor.words.islower() else factor.words
        data[title] = [factor.text_of(row) for row in results.rows]
    if not data:
        data["Setting"] = [row.label for row in results.rows]
    accuracy = [row.test_accuracy for row in results.rows]
    data |= {
        "Test accuracy": [100 * over.mean if over else None for over in accuracy],
        "Over seeds": [
            "–" if over is None or over.deviation is None else f"± {100 * over.deviation:.1f}"
            for over in accuracy
        ],
        "95 % interval": [_interval(over) or ("none: one seed" if over else "–") for over in accuracy],
        "Seeds": [f"{len(row.runs)} of {len(results.seeds)}" for row in results.rows],
        "Training time": [measured_seconds(row.measure("fit_seconds")) for row in results.rows],
        "Parameters": [words.count(row.params) for row in results.rows],
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
    if results.baseline is not None:
        st.caption(f"Always saying the most frequent class: {words.percent(results.baseline)}.")


def _interval(over: OverSeeds | None) -> str:
    """Of the mean. Empty for one seed."""
    if over is None or over.low is None or over.high is None:
        return ""
    return words.percent_range(over.low, over.high)


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
    "corrected together (Holm 1979), and the verdict goes by the corrected one. All of that speaks of other "
    "seeds on these same test images; the interval over other images as well is wider. A trend is the mean "
    "slope of straight lines, one through the runs of each seed. The page Compare asks another question of "
    "two runs: whether these two networks, with their one seed, would differ on other images."
)


def _verdicts(results: SweepResults) -> None:
    """Those that matter most; of repeats, what their spread means."""
    if len(results.rows) == 1:
        row = results.rows[0]
        text = f"**{measured_share(row.measure('test_accuracy'))}** of the test images right"
        text += (
            f", 95 % interval of the mean {interval}" if (interval := _interval(row.test_accuracy)) else ""
        )
        st.markdown(f"{text}. {least(results) or 'One seed shows no spread: repeat with more seeds.'}")
        return
    pairs = [pair for pair in results.pairs if pair.estimate is not None]
    if pairs and all(pair.n == 1 for pair in pairs) and len(pairs) > 1:
        st.markdown(f"{MARKS['not enough evidence']} · one seed: differences can't be told from chance")
        return
    trends = [trend for trend in results.trends if trend.metric == "test_accuracy"]
    shown = pairs
    if len(pairs) + len(trends) > _MOST_SENTENCES:
        # The most accurate setting against those nearest to it: what a choice depends on.
        means = {row.label: row.test_accuracy.mean for row in results.rows if row.test_accuracy}
        best = max(means, key=means.__getitem__)
        own = [pair for pair in pairs if best in (pair.first, pair.second)]
        shown = sorted(own, key=lambda pair: abs(pair.estimate or 0.0))[:2]
    lines = [f":material/trending_up: **trend** · {trend_sentence(trend)}" for trend in trends[:2]]
    lines += [f"{MARKS[pair.verdict]} · {pair_numbers(pair, len(results.pairs))}" for pair in shown]
    if lines:
        st.markdown("  \n".join(lines), help=_HELP)
    if results.preliminary and lines:
        st.markdown(f":orange[:material/hourglass_top:] {results.preliminary}")
    notes = list(dict.fromkeys(filter(None, (advice(pair, len(results.pairs)) for pair in shown))))
    if len(pairs) == 1:
        notes.append(images_sentence(pairs[0]))
    notes = list(filter(None, [*notes, highest(results), unjudged(results)]))
    if len(pairs) == 1 and (time := time_sentence(pairs[0])):
        notes.append(time)
    if notes:
        st.caption(" ".join(notes))


def _other_images(pair: Pair) -> str:
    if pair.images_low is None or pair.images_high is None:
        return "–"
    return f"{words.points(pair.images_low)} … {words.points(pair.images_high)}"


def _all_pairs(results: SweepResults) -> None:
    """Every pair in a table, folded; nothing where the sentences say it all."""
    pairs = [pair for pair in results.pairs if pair.estimate is not None]
    if len(pairs) <= _MOST_SENTENCES:
        return

    def row(pair: Pair) -> dict[str, str]:
        low, high, p = pair.low, pair.high, pair.p_together
        known = low is not None and high is not None
        return {
            "Difference": pair.name,
            "Points": words.points(pair.estimate),
            "95 %": f"{words.points(low)} … {words.points(high)}" if known else "–",
            "Other images too": _other_images(pair),
            "p together": "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
            "Seeds": seeds(pair.n),
            "Verdict": pair.verdict,
            "Time": "–" if pair.times is None else f"{pair.times:.2f} ×",
        }

    with st.expander(f"All {len(pairs)} pairs", icon=":material/balance:"):
        st.dataframe(
            pd.DataFrame(map(row, pairs)),
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


def _links(sweep: SweepJob, results: SweepResults) -> None:
    """Into Compare with all runs, or with one a setting where they are too many; and all runs as CSV."""
    rows = [row.runs for row in results.rows if row.runs]
    every = [run for by_seed in rows for run in by_seed.values()]
    whole = len(every) <= MOST_RUNS or len(rows) == 1
    runs = every if whole else [next(iter(by_seed.values())) for by_seed in rows]
    with st.container(horizontal=True, vertical_alignment="center", key="sweep_links"):
        navigation.link(
            "compare",
            "Open in Compare" + ("" if whole else f" (seed {next(iter(rows[0]))} of each)"),
            {"runs": ",".join(runs[:MOST_RUNS])},
            icon=":material/compare_arrows:",
        )
        show.download(
            "CSV",
            lambda: csv_text(results),
            f"{sweep.id}.csv",
            "text/csv",
            key="sweep_csv",
            help="One line a run: settings, seed, accuracy, seconds, parameters.",
        )


def _reports(results: SweepResults) -> None:
    """A link to the report of every run, folded."""
    rows = [row for row in results.rows if row.runs]
    number = sum(len(row.runs) for row in rows)
    with st.expander(f"Reports of the {words.plural(number, 'run')}", icon=":material/grading:"):
        for row in rows:
            show.runs_by_seed(row.label, row.runs)
