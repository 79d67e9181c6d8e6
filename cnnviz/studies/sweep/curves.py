"""Learning curves of a setting: the mean over its seeds, epoch by epoch."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

_KEYS = ("loss", "accuracy", "val_loss", "val_accuracy", "elapsed")


def mean_epochs(journals: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Average journals of several seeds; an epoch counts as far as all seeds reached it.

    Args:
        journals: lines of epochs.jsonl, one list a seed.
    Returns:
        Lines of the same kind; a number that one seed lacks in an epoch is missing there, or null.
    """
    found = []
    for lines in zip(*journals, strict=False):
        line: dict[str, Any] = {"epoch": lines[0]["epoch"]}
        for key in _KEYS:
            if all(key in one for one in lines):
                numbers = [one[key] for one in lines]
                line[key] = None if None in numbers else statistics.fmean(numbers)
        found.append(line)
    return found
