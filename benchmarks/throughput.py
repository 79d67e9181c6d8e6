"""What live curves, checkpoints and snapshots cost: our worker's epochs against a bare Keras `fit`.

Both train the same network on the same images in a process of its own, in turn. The first epoch of each
is left out, because it holds the tracing; an epoch's seconds hold its validation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure, median_ratio
from benchmarks.runs import bare_keras, experiment, train

ROUNDS = 3


def measure() -> Iterator[Figure]:
    """Bare Keras's median epoch over ours: 1 means that watching costs nothing."""
    seconds: dict[str, list[float]] = {"ours": [], "bare Keras": []}
    wanted = experiment()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            seconds["bare Keras"] += bare_keras(wanted)[1:]
            seconds["ours"] += [epoch.seconds for epoch in train(Path(folder), wanted).epochs()[1:]]
    ratio = median_ratio(seconds["bare Keras"], seconds["ours"])
    detail = f"{len(seconds['ours'])} epochs each; samples: seconds an epoch with validation"
    yield Figure("training throughput over bare Keras", ratio, "×", "≥ 0.98", ratio >= 0.98, detail, seconds)
