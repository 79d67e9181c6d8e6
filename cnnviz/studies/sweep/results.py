"""What came out of a sweep, as plain data: for results.json, for `--json` and for the page."""

from __future__ import annotations

import statistics
from typing import Any

from cnnviz.studies.intervals import least_difference
from cnnviz.studies.sweep.measures import Row, rows_of
from cnnviz.studies.sweep.pairs import judge
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.trend import axis_of, trends_of
from cnnviz.studies.sweep.wording import setting_words, value_words


def gather(sweep: SweepJob) -> dict[str, Any]:
    """Collect what there is so far, whether the study is finished or not.

    Raises:
        RunError: its folder is damaged.
    """
    study, progress = sweep.spec(), sweep.progress()
    rows = rows_of(study, progress)
    return {
        "study": sweep.id,
        "title": study.title,
        "factors": [_factor(name, rows) for name in study.factors],
        "seeds": list(study.seeds),
        "done": progress.done,
        "total": progress.total,
        "rows": [row.as_dict() for row in rows],
        "pairs": [pair.as_dict() for pair in judge(rows)],
        "trends": [trend.as_dict() for trend in trends_of(rows, study.factors)],
        "least_difference": _least(rows),
        "baseline": _baseline(rows),
        "problems": list(dict.fromkeys(f"{row.label}: {one}" for row in rows for one in row.problems)),
    }


def _factor(name: str, rows: tuple[Row, ...]) -> dict[str, Any]:
    values = list(dict.fromkeys(row.settings[name] for row in rows))
    return {
        "name": name,
        "words": setting_words(name),
        "values": [list(value) if isinstance(value, tuple) else value for value in values],
        "texts": [value_words(name, value) for value in values],
        "axis": axis_of(values),
    }


def _least(rows: tuple[Row, ...]) -> float | None:
    """For repeats of one setting: the difference to another one that would just be more than chance."""
    values = list(rows[0].values("test_accuracy").values()) if len(rows) == 1 else []
    if len(values) < 2:
        return None
    return least_difference(statistics.stdev(values), len(values))


def _baseline(rows: tuple[Row, ...]) -> float | None:
    """Accuracy of always saying the most frequent class, where all runs share it."""
    found = {run.figures.baseline_accuracy for row in rows for run in row.runs.values()}
    return found.pop() if len(found) == 1 else None
