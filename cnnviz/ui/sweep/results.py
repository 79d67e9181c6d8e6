"""The page Sweep, what came out: verdicts, accuracy and time by setting, curves, the table."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.figures.published import Series, sizes_figure
from cnnviz.figures.sweep import HEIGHT, Unit, sweep_figure
from cnnviz.studies.sweep.curves import mean_epochs
from cnnviz.studies.sweep.drawn import groups_of, places_of
from cnnviz.studies.sweep.sentences import measure
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.wording import measured_seconds
from cnnviz.ui import cache, show
from cnnviz.ui.sweep import links, verdicts

#: More curves nobody can tell apart.
_MOST_CURVES = 12
_SIZE = "dataset.train_size"
_FIRST = "The first run is being trained; what it reached will stand here."
_NOTHING_YET = {
    "running": _FIRST,
    "stopping": _FIRST,
    "interrupted": "What its finished runs reached is collected when it goes on.",
}


def results(study: SweepJob, found: dict[str, Any], state: str) -> None:
    """Everything that is known so far, refreshed with the fragment around it."""
    rows = [row for row in found.get("rows", []) if row["runs"]]
    if not rows:
        st.info(_NOTHING_YET.get(state, "No run has ended yet."), icon=":material/hourglass_empty:")
        return
    verdicts.headline(found)
    _figures(found)
    _table(found)
    links.links(study, found)
    verdicts.all_pairs(found)
    links.reports(found)


def _figures(found: dict[str, Any]) -> None:
    """Accuracy and time by setting; the curves are one click away."""
    look = st.segmented_control(
        "Figures",
        ["By setting", "Curves: accuracy", "Curves: loss"],
        key="sweep_look",
        required=True,
        default="By setting",
        persist_state="session",
        label_visibility="collapsed",
    )
    if look == "By setting" or look is None:
        left, right = st.columns([1.35, 1], gap="medium")
        with left:
            _by_setting(found, "accuracy")
        with right:
            _by_setting(found, "seconds")
    else:
        _curves(found, cast(Metric, look.removeprefix("Curves: ")))


def _by_setting(found: dict[str, Any], unit: Unit) -> None:
    factors = [factor["name"] for factor in found["factors"]]
    if unit == "seconds" and factors == [_SIZE]:
        _line(found)
        return
    metric = "test_accuracy" if unit == "accuracy" else "fit_seconds"
    what, by, *_ = (*(factor["words"] for factor in found["factors"]), "", "")
    show.figure(
        sweep_figure(groups_of(found, metric), what, unit, places_of(found), by),
        key=f"sweep_{unit}",
        alt=f"{'Test accuracy' if unit == 'accuracy' else 'Training time'} of every setting: "
        + "; ".join(f"{row['label']} {_mean(row, metric, unit)}" for row in found["rows"]),
    )


def _mean(row: dict[str, Any], metric: str, unit: Unit) -> str:
    if row[metric] is None:
        return "not known yet"
    mean = row[metric]["mean"]
    return words.percent(mean) if unit == "accuracy" else words.duration(mean)


def _line(found: dict[str, Any]) -> None:
    """Time against training images, with the fitted line."""
    pairs = [
        (row["settings"][_SIZE], seconds)
        for row in found["rows"]
        if row["settings"][_SIZE]
        for seconds in row["values"]["fit_seconds"].values()
    ]
    series = Series("measured", [x for x, _ in pairs], [y for _, y in pairs])
    show.figure(
        sizes_figure([series], "seconds"),
        key="sweep_seconds",
        height=HEIGHT,
        alt="Training time against the number of training images, with a straight line through the runs",
    )


def _curves(found: dict[str, Any], metric: Metric) -> None:
    curves = []
    for place, row in enumerate(found["rows"][:_MOST_CURVES]):
        runs = [run for run_id in row["runs"].values() if (run := cache.run(run_id))]
        if runs:
            journal = mean_epochs([cache.epochs(run) for run in runs])
            curves.append(Curve(_short(found, row), journal, place))
    show.figure(
        curves_figure(curves, metric),
        key="sweep_curves",
        alt=f"{metric} by epoch of {', '.join(curve.label for curve in curves)}, means over the seeds",
    )
    more = len(found["rows"]) - _MOST_CURVES
    left = f" {words.plural(more, 'setting')} more in the table." if more > 0 else ""
    st.caption(f"Each line is the mean over the seeds, epoch by epoch.{left}")


def _short(found: dict[str, Any], row: dict[str, Any]) -> str:
    """`40,000 · max`: the values alone, for the ends of lines."""
    return " · ".join(_text(factor, row) for factor in found["factors"]) or str(row["label"])


def _text(factor: dict[str, Any], row: dict[str, Any]) -> str:
    """The row's value of a setting that varies, in words."""
    return str(factor["texts"][factor["values"].index(row["settings"][factor["name"]])])


def _table(found: dict[str, Any]) -> None:
    rows = found["rows"]
    accuracy, time = ([row[metric] or {} for row in rows] for metric in ("test_accuracy", "fit_seconds"))
    data = {
        **_settings(found),
        "Test accuracy": [100 * one["mean"] if one else None for one in accuracy],
        "Over seeds": [_spread(one) for one in accuracy],
        "95 % interval": [_interval(one) for one in accuracy],
        "Seeds": [f"{len(row['runs'])} of {len(found['seeds'])}" for row in rows],
        "Training time": [measured_seconds(measure(one or None)) for one in time],
        "Parameters": [words.count(row["params"]) for row in rows],
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
    if found.get("baseline") is not None:
        st.caption(f"Always saying the most frequent class: {words.percent(found['baseline'])}.")


def _spread(one: dict[str, Any]) -> str:
    return f"± {100 * one['deviation']:.1f}" if one.get("deviation") is not None else "–"


def _settings(found: dict[str, Any]) -> dict[str, list[str]]:
    """One column for each setting that varies."""
    columns = {}
    for factor in found["factors"]:
        texts = [_text(factor, row) for row in found["rows"]]
        columns[factor["words"].capitalize() if factor["words"].islower() else factor["words"]] = texts
    return columns or {"Setting": [row["label"] for row in found["rows"]]}


def _interval(one: dict[str, Any]) -> str:
    if not one or one.get("low") is None:
        return "none: one seed" if one and one["n"] == 1 else "–"
    # Of few seeds Student's t knows no bounds; a share has them.
    return f"{100 * max(0.0, one['low']):.1f} … {100 * min(1.0, one['high']):.1f} %"
