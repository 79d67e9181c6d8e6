"""A sweep as CSV: one line a run, for a spreadsheet or a statistics program."""

from __future__ import annotations

import csv
import io
from typing import Any

from cnnviz.studies.sweep.measures import METRICS


def csv_text(results: dict[str, Any]) -> str:
    """Write one line a finished run: its settings, seed, id, accuracy as a share, seconds, parameters.

    Args:
        results: what `cnnviz.studies.sweep.results.gather` collects.
    """
    names = [factor["name"] for factor in results["factors"]]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*names, "seed", "run", *METRICS, "parameters"])
    for row in results["rows"]:
        own = [_cell(row["settings"][name]) for name in names]
        for seed, run in row["runs"].items():
            numbers = [row["values"][metric].get(seed, "") for metric in METRICS]
            writer.writerow([*own, seed, run, *numbers, row["params"]])
    return out.getvalue()


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value
