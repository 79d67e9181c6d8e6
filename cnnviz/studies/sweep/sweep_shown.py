"""Results of a sweep as the page draws them and hands them out: points of figures, mean curves, CSV."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from cnnviz.figures.sweep_figures import Group, Setting
from cnnviz.metrics import METRICS
from cnnviz.runs import EpochRecord
from cnnviz.studies.sweep.sweep_results import Factor, RowResult, SweepResults


def places_of(found: SweepResults) -> list[Setting]:
    """The values of the first setting on the horizontal axis; of repeats, one place.

    Args:
        found: what `cnnviz.studies.sweep.sweep_results.gather` collects.
    """
    if not found.factors:
        return [Setting(0.0, "", (), ())]
    factor = found.factors[0]
    return [Setting(_place_of(factor, number), text, (), ()) for number, text in enumerate(factor.texts)]


def groups_of(found: SweepResults, metric: str) -> list[Group]:
    """What every setting reached, one group for each value of the second setting."""
    factors = found.factors
    places = places_of(found)
    if not factors:
        return [Group("", [_setting(found.rows[0], places[0], metric)])]
    first = factors[0]
    groups: dict[str, list[Setting]] = {}
    for row in found.rows:
        place = places[first.values.index(row.settings[first.name])]
        name = factors[1].text_of(row) if len(factors) > 1 else ""
        groups.setdefault(name, []).append(_setting(row, place, metric))
    return [Group(name, settings) for name, settings in groups.items()]


def _setting(row: RowResult, place: Setting, metric: str) -> Setting:
    values, over = row.values.get(metric, {}), row.over_seeds(metric)
    return Setting(
        place.place,
        place.text,
        [int(seed) for seed in values],
        list(values.values()),
        over.mean if over else None,
        over.low if over else None,
        over.high if over else None,
    )


def _place_of(factor: Factor, number: int) -> float:
    """Where a value stands: by its size, by doublings, or one step each."""
    value = factor.values[number]
    if not isinstance(value, int | float) or factor.axis not in ("linear", "log"):
        return float(number)
    return float(value) if factor.axis == "linear" else math.log2(value)


def mean_epochs(journals: Sequence[Sequence[EpochRecord]]) -> list[EpochRecord]:
    """Average journals of several seeds; an epoch counts as far as all seeds reached it.

    Args:
        journals: one a seed.
    Returns:
        Epochs with their means; a number that one seed lacks in an epoch is None there.
    """
    return [
        EpochRecord(
            epochs[0].epoch,
            loss=_mean(epoch.loss for epoch in epochs),
            accuracy=_mean(epoch.accuracy for epoch in epochs),
            val_loss=_mean(epoch.val_loss for epoch in epochs),
            val_accuracy=_mean(epoch.val_accuracy for epoch in epochs),
            elapsed=statistics.fmean(epoch.elapsed for epoch in epochs),
        )
        for epochs in zip(*journals, strict=False)
    ]


def _mean(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else statistics.fmean(value for value in known if value is not None)


def csv_text(results: SweepResults) -> str:
    """Write one line a finished run: its settings, seed, id, accuracy as a share, seconds, parameters.

    Args:
        results: what `cnnviz.studies.sweep.sweep_results.gather` collects.
    """
    names = [factor.name for factor in results.factors]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    # What no run has (an onset of overfitting, say) is no column; parameters stand at the end.
    measured = [name for name in METRICS if any(row.values.get(name) for row in results.rows)]
    measured = [name for name in measured if name != "params"]
    writer.writerow([*names, "seed", "run", *measured, "parameters"])
    for row in results.rows:
        own = [_cell(row.settings[name]) for name in names]
        for seed, run in row.runs.items():
            numbers = [row.values.get(metric, {}).get(seed, "") for metric in measured]
            writer.writerow([*own, seed, run, *numbers, row.params])
    return out.getvalue()


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, tuple) else value
