"""The median rule: when a candidate is given up before its end.

After an epoch, a candidate is given up when its best validation accuracy so far in this fold lies below
the median of what the finished candidates had reached by the same epoch of the same fold. The first
`LEAST_FINISHED` candidates are always trained to their end, and no candidate is judged by its first epoch, unless
that is the last one of the fold. Source: Golovin et al. 2017, Google Vizier, section 3.5, with the best
so far in place of the running average, as in Optuna's MedianPruner.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

#: Finished candidates without which nobody is judged.
LEAST_FINISHED = 4
#: Epochs by which nobody is judged.
WARM_UP = 1
MEDIAN_RULE = (
    f"Given up early: after epoch {WARM_UP} of a fold, whoever's best validation accuracy so far lies below "
    f"the median of the finished candidates at that epoch. The first {LEAST_FINISHED} are always trained to the end."
)


def is_poor(curve: Sequence[float], others: Sequence[Sequence[float]], *, over: bool = False) -> bool:
    """Whether a candidate should be given up now.

    Args:
        curve: its validation accuracy after each epoch of a fold so far.
        others: the same of every finished candidate in the same fold.
        over: the fold has ended, so that even its first epoch counts.
    """
    epoch = len(curve)
    if not epoch or (epoch <= WARM_UP and not over):
        return False
    known = [max(other[:epoch]) for other in others if other]
    return len(known) >= LEAST_FINISHED and max(curve) < median(known)
