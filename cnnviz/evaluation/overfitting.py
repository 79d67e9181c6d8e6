"""Where training and validation part, and where overfitting begins: two epochs, by stated rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: How far above its minimum the validation loss must end, as a share of the minimum.
RISE = 0.02
#: How many epochs must follow the minimum.
PATIENCE = 3

RULE = (
    "Overfitting begins after the epoch with the lowest validation loss (median of three neighbouring "
    f"epochs), if at least {PATIENCE} more epochs follow, the validation loss ends at least "
    f"{RISE * 100:g} % above that minimum, and the training loss still falls."
)


#: How far above the training loss the validation loss must end, as a share of the training loss.
GAP = 0.05

GAP_RULE = (
    "Training and validation part at the first epoch from which on the validation loss stays above the "
    f"training loss (medians of three neighbouring epochs), if at least {PATIENCE} more epochs follow and it "
    f"ends at least {GAP * 100:g} % above. Training losses are means over an epoch with dropout at work, so "
    "they begin too high."
)


def gap_epoch(losses: Sequence[float | None], validation_losses: Sequence[float | None]) -> int | None:
    """Find the first epoch from which on validation stays worse than training, by `GAP_RULE`.

    It comes before overfitting: the validation loss may still fall, only no longer as fast.

    Args:
        losses: training loss of epochs 1, 2, …; None where an epoch has none.
        validation_losses: the same for validation.
    Returns:
        the epoch, counted from 1; None where they don't part, or where a loss is missing.
    """
    pairs = _pairs(losses, validation_losses)
    if pairs is None:
        return None
    training, validation = (_smooth(values) for values in pairs)
    together = np.flatnonzero(validation <= training)
    first = int(together[-1]) + 1 if len(together) else 0
    enough = len(training) - 1 - first >= PATIENCE and validation[-1] >= training[-1] * (1 + GAP)
    return first + 1 if enough else None


def parting_epoch(losses: Sequence[float | None], validation_losses: Sequence[float | None]) -> int | None:
    """Find the last epoch before training and validation part.

    The rule, in the words of `RULE`: e is the epoch of the smallest running median (over e − 1, e,
    e + 1) of the validation loss. They part at e if three more epochs follow, the median ends at
    least 2 % above its minimum, and the last training loss lies below that of epoch e. The median
    keeps one lucky epoch from deciding; loss, not accuracy, because it also sees growing certainty.

    Args:
        losses: training loss of epochs 1, 2, …; None where an epoch has none.
        validation_losses: the same for validation.
    Returns:
        e, counted from 1; None where they don't part, or where a loss is missing.
    """
    pairs = _pairs(losses, validation_losses)
    if pairs is None:
        return None
    training, validation = pairs
    smooth, n = _smooth(validation), len(training)
    lowest = int(smooth.argmin())
    parted = (
        n - 1 - lowest >= PATIENCE
        and smooth[-1] >= smooth[lowest] * (1 + RISE)
        and training[-1] < training[lowest]
    )
    return lowest + 1 if parted else None


def _pairs(
    losses: Sequence[float | None], validation_losses: Sequence[float | None]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Both losses of the epochs that have both; None without any, or where a loss is missing."""
    pairs = np.array(list(zip(losses, validation_losses, strict=False)), dtype=np.float64)  # None → nan
    if not pairs.size or not np.isfinite(pairs).all():
        return None
    training, validation = pairs.T
    return training, validation


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running median over three epochs, the ends repeated."""
    padded = np.pad(values, 1, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 3), axis=1))
