"""What augmentation costs: an epoch with rotation, shift and flip against a plain one, same worker."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure, median_ratio
from benchmarks.runs import experiment, train

ROUNDS = 3
_AUGMENTATION = {"rotation": 15, "width_shift": 0.1, "height_shift": 0.1, "horizontal_flip": True}


def measure() -> Iterator[Figure]:
    """Median training part of an augmented epoch over that of a plain one."""
    seconds: dict[str, list[float]] = {"augmented": [], "plain": []}
    settings: dict[str, dict[str, object]] = {"augmented": {"augmentation": _AUGMENTATION}, "plain": {}}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, training in settings.items():
                epochs = train(Path(folder), experiment(**training)).epochs()[1:]
                seconds[name] += [epoch.train_seconds or epoch.seconds for epoch in epochs]
    ratio = median_ratio(seconds["augmented"], seconds["plain"])
    detail = f"{len(seconds['plain'])} epochs each; samples: seconds an epoch without validation"
    yield Figure("augmented epoch over a plain one", ratio, "×", "≤ 1.03", ratio <= 1.03, detail, seconds)
