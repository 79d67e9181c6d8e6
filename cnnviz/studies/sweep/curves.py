"""Learning curves of a setting: the mean over its seeds, epoch by epoch."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from cnnviz.runs import EpochRecord


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
