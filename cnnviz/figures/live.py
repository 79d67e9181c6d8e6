"""The live curves of one training, as numbers: what `ui/train/curves.js` draws, and adds to as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: More points than this are not seen on any screen, and cost time on the way there.
MOST_POINTS = 400
Line = dict[str, Any]
Point = list[float | None]


def epoch_points(epochs: Sequence[Line]) -> list[Point]:
    """Lines of `epochs.jsonl` as epoch, accuracy, validation's accuracy, loss, validation's loss.

    Returns:
        Shares are in percent; what was not measured, or was no finite number, is None.
    """
    return [
        [
            line["epoch"],
            _percent(line.get("accuracy")),
            _percent(line.get("val_accuracy")),
            _loss(line.get("loss")),
            _loss(line.get("val_loss")),
        ]
        for line in epochs
    ]


def batch_points(batches: Sequence[Line]) -> list[Point]:
    """Lines of `batches.jsonl` as place (2.5: half of the third epoch), accuracy in percent, loss."""
    return [
        [
            round(line["epoch"] - 1 + line["batch"] / max(line["batches"], 1), 4),
            _percent(line.get("accuracy")),
            _loss(line.get("loss")),
        ]
        for line in batches
    ]


def thin(lines: Sequence[Line], most: int = MOST_POINTS) -> list[Line]:
    """At most `most` of the lines, evenly spread, the last one always among them."""
    if len(lines) <= most:
        return list(lines)
    step = -(-len(lines) // most)
    return list(lines[-1::-step])[::-1]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _loss(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
