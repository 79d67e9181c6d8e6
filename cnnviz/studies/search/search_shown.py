"""Candidates as the figures take them; for the page Search and for the recipes' drawings alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnnviz.figures.search_figures import Axis, Judged, Trial
from cnnviz.studies.search.search_job import Candidate
from cnnviz.studies.search.search_space import ACCURACY, Dimension, SearchSpec, Settings, text

_TICKS = 5


def in_words(spec: SearchSpec, settings: Settings) -> str:
    """`optimizer Adam, second dense 512, activation sigmoid`."""
    return ", ".join(f"{dimension.label} {text(settings[dimension.name])}" for dimension in spec.space)


def judged_by(spec: SearchSpec) -> Judged:
    """What candidates are judged by. The accuracy is just called so: only validation images are looked at."""
    if spec.objective == ACCURACY:
        return Judged()
    metric = spec.metric
    return Judged(metric.noun, share=metric.unit == "share", less=metric.better == "lower")


def trials_of(spec: SearchSpec, candidates: Sequence[Candidate]) -> list[Trial]:
    """Those that are trained to their end or given up, by number."""
    return [
        Trial(candidate.number, in_words(spec, candidate.settings), mean, candidate.spread, candidate.state)
        for candidate in candidates
        if (mean := candidate.mean) is not None and candidate.state in ("done", "pruned")
    ]


def axes_of(spec: SearchSpec, candidates: Sequence[Candidate]) -> list[Axis]:
    """One axis a setting, for the same candidates as `trials_of`."""
    numbers = {trial.number for trial in trials_of(spec, candidates)}
    settings = [candidate.settings for candidate in candidates if candidate.number in numbers]
    return [_axis(dimension, settings) for dimension in spec.space]


def _axis(dimension: Dimension, settings: Sequence[Settings]) -> Axis:
    values = [setting[dimension.name] for setting in settings]
    if dimension.choices:
        texts = [text(choice) for choice in dimension.choices]
        heights = {label: index / (len(texts) - 1) for index, label in enumerate(texts)}
        places = tuple(heights[text(value)] for value in values)
        return Axis(dimension.label, tuple((heights[label], label) for label in texts), places, choices=True)
    marks = tuple((_height(dimension, mark), text(mark)) for mark in _marks(dimension))
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return Axis(dimension.label, marks, tuple(_height(dimension, value) for value in numbers))


def _height(dimension: Dimension, value: float) -> float:
    low, high = dimension.lowest, dimension.highest
    if dimension.log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _marks(dimension: Dimension) -> tuple[float, ...]:
    """Whole powers of ten of a range by magnitude, else even steps; at least the two ends."""
    low, high = dimension.lowest, dimension.highest
    if dimension.log:
        powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
        decades = tuple(10.0**power for power in powers)
        return decades[:: max(1, math.ceil(len(decades) / _TICKS))] if len(decades) > 1 else (low, high)
    steps = [low + (high - low) * index / (_TICKS - 1) for index in range(_TICKS)]
    return tuple(dict.fromkeys(dimension.fitted(step) for step in steps))
