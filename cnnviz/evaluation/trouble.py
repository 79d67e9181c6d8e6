"""A training that failed is no green "done": what its figures say against it, and what to try."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.errors import RunError
from cnnviz.runs import EpochRecord, RunReport, RunSummary
from cnnviz.specs import TrainingSpec
from cnnviz.words import percent

#: How many standard deviations above the baseline an accuracy must lie to be better than chance (97.7 %).
_BETTER = 2.0
#: A loss that ends so many times above the one it began with has exploded.
_GROWN = 1.5
#: A stopped training has hardly begun where it had less than this share of its epochs.
_BEGUN = 0.5


class Trouble(NamedTuple):
    """`short`: for a list, `at chance`; `sentence`: what happened, and what to try."""

    short: str
    sentence: str


def trouble_of(run: RunSummary) -> Trouble | None:
    """What speaks most against a run; None where nothing does, or where it has no result yet."""
    if run.report is None or run.active or (experiment := run.experiment) is None:
        return None
    try:
        epochs = run.directory.epochs()
    except RunError:
        return None  # the page that shows its curves says so
    return trouble(run.report, epochs, experiment.training, stopped=run.state == "stopped")


def trouble(
    report: RunReport, epochs: Sequence[EpochRecord], training: TrainingSpec, *, stopped: bool
) -> Trouble | None:
    """What speaks most against a finished training; None where nothing does.

    Args:
        epochs: its journal.
        stopped: by somebody's wish, before its end.
    """
    rate = f"the learning rate, {training.rate:g},"
    losses = [epoch.loss for epoch in epochs]
    tested = report.test_loss if report.n_test else report.train_loss  # a fold looks at no test image
    if losses and (losses[-1] is None or tested is None or not math.isfinite(tested)):
        return Trouble(
            "exploded",
            f"The loss is no number any more: the weights have exploded. Try a tenth of {rate} or another "
            "optimizer.",
        )
    if len(losses) > 1 and losses[0] and losses[-1] and losses[-1] > _GROWN * losses[0]:
        return Trouble(
            "exploded",
            f"The training loss grew from {losses[0]:.3g} to {losses[-1]:.3g}: {rate} is too large for this "
            "network. Try a tenth of it.",
        )
    if at_chance(report):
        return Trouble(
            "at chance",
            "It answers no better than who always names the most frequent class "
            f"({percent(report.baseline_accuracy)} of the test images): it has learnt nothing yet. Try more "
            f"epochs, another learning rate than {training.rate:g}, or fewer layers.",
        )
    whole = report.epochs or 0
    if stopped and whole < _BEGUN * training.epochs:
        return Trouble(
            f"{whole} of {training.epochs} epochs",
            f"It was stopped after {whole} of {training.epochs} epochs: these are the figures of a network "
            "that has hardly begun to learn. Resume it on the page Train.",
        )
    return None


#: What is said where validation is ahead of training, which surprises whoever sees it first.
VALIDATION_ABOVE = (
    "Validation lies above training: its images are asked at the end of an epoch, with all of the network. "
    "Training accuracy is the mean over the epoch, while the weights were still worse, and with whatever "
    "dropout and augmentation made harder."
)
_ABOVE = 0.01


def validation_above(epochs: Sequence[EpochRecord]) -> bool:
    """Whether validation accuracy was clearly above the training's in the last epoch."""
    if not epochs or epochs[-1].accuracy is None or epochs[-1].val_accuracy is None:
        return False
    return epochs[-1].val_accuracy > epochs[-1].accuracy + _ABOVE


def at_chance(report: RunReport) -> bool:
    """Whether the test accuracy is within two standard deviations of the most frequent class's share."""
    accuracy, chance, n = report.test_accuracy, report.baseline_accuracy, report.n_test
    if accuracy is None or chance is None or not n:
        return False
    return accuracy < chance + _BETTER * math.sqrt(chance * (1 - chance) / n)


def one_answer(matrix: NDArray[np.integer]) -> int | None:
    """The class that a network says to everything; None where it says several.

    Args:
        matrix: confusion matrix (C, C), true classes in rows, of at least two of them.
    """
    said, asked = np.flatnonzero(matrix.sum(axis=0)), np.count_nonzero(matrix.sum(axis=1))
    return int(said[0]) if len(said) == 1 and asked > 1 else None
