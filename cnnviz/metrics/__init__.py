"""Metrics: every number that a run is judged by, an entry each; found, checked, and shown wherever runs are.

`value(run, "macro_f1")` gives one number of a run, `values(run)` all of them.
"""

from cnnviz.metrics.entry import METRICS, Better, Metric, Unit
from cnnviz.metrics.values import computed, known, objectives, of_matrix, value, values
from cnnviz.registry import discover

discover("cnnviz.metrics.registered")

__all__ = [
    "METRICS",
    "Better",
    "Metric",
    "Unit",
    "computed",
    "known",
    "objectives",
    "of_matrix",
    "value",
    "values",
]
