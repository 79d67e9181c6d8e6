"""The live curves of one training, as numbers: what `ui/train/curves.js` draws, and adds to as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from cnnviz.runs import BatchRecord, EpochRecord

#: More points than this are not seen on any screen, and cost time on the way there.
MOST_POINTS = 400
R = TypeVar("R")
Point = list[float | None]


def epoch_points(epochs: Sequence[EpochRecord]) -> list[Point]:
    """Epochs as number, accuracy, validation's accuracy, loss, validation's loss.

    Returns:
        Shares are in percent; what was not measured, or was no finite number, is None.
    """
    return [
        [
            epoch.epoch,
            _percent(epoch.accuracy),
            _percent(epoch.val_accuracy),
            _loss(epoch.loss),
            _loss(epoch.val_loss),
        ]
        for epoch in epochs
    ]


def batch_points(batches: Sequence[BatchRecord]) -> list[Point]:
    """Live figures as place (2.5: half of the third epoch), accuracy in percent, loss."""
    return [
        [
            round(batch.epoch - 1 + batch.batch / max(batch.batches, 1), 4),
            _percent(batch.accuracy),
            _loss(batch.loss),
        ]
        for batch in batches
    ]


def thin(records: Sequence[R], most: int = MOST_POINTS) -> list[R]:
    """At most `most` of the records, evenly spread, the last one always among them."""
    if len(records) <= most:
        return list(records)
    step = -(-len(records) // most)
    return list(records[-1::-step])[::-1]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _loss(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
