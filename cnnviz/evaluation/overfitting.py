"""The epoch at which training and validation part: where overfitting begins, by a stated rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: How far above its minimum the validation loss must end, as a share of the minimum.
RISE = 0.02
#: How many epochs must follow the minimum.
PATIENCE = 3

RULE = (
    "Overfitting begins after the epoch with the lowest validation loss (median of three neighbouring "
    f"epochs), if at least {PATIENCE} more epochs follow, the validation loss ends at least "
    f"{RISE * 100:g} % above that minimum, and the training loss still falls."
)


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
    n = min(len(losses), len(validation_losses))
    pairs = list(zip(losses[:n], validation_losses[:n], strict=True))
    if n <= PATIENCE or any(a is None or b is None for a, b in pairs):
        return None
    training, validation = np.array(pairs, dtype=np.float64).T
    if not (np.isfinite(training).all() and np.isfinite(validation).all()):
        return None
    padded = np.pad(validation, 1, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 3), axis=1)
    lowest = int(smooth.argmin())
    parted = (
        n - 1 - lowest >= PATIENCE
        and smooth[-1] >= smooth[lowest] * (1 + RISE)
        and training[-1] < training[lowest]
    )
    return lowest + 1 if parted else None
