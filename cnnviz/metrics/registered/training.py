"""What training came to and what it cost, as the run's report and journal hold it."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

from cnnviz.evaluation import parting_epoch
from cnnviz.evaluation.settings import loss_words
from cnnviz.metrics.entry import METRICS, Better, Metric, Unit
from cnnviz.runs import RunSummary


def generalization_gap(run: RunSummary) -> float | None:
    """Training minus test accuracy, in −1 … 1."""
    train, test = run.figures.train_accuracy, run.figures.test_accuracy
    return None if train is None or test is None else train - test


def seconds_per_epoch(run: RunSummary) -> float | None:
    """Training time over whole epochs."""
    seconds, epochs = run.figures.fit_seconds, run.figures.epochs
    return seconds / epochs if epochs and seconds is not None else None


def test_crossentropy(run: RunSummary) -> float | None:
    """The loss of the test images without penalty; of runs of before it was kept, where there was none."""
    kept = run.figures.test_crossentropy
    if kept is None and loss_words(run.experiment) == "cross-entropy":
        return run.figures.test_loss
    return kept


def steady_seconds(run: RunSummary) -> float | None:
    """Seconds of all training steps at the speed after the first one, without validation.

    Tracing belongs to a process, not to a training: one that was resumed traces twice, one in a prepared
    process hardly.
    """
    speed, images, epochs = run.figures.images_per_second, run.figures.n_train, run.figures.epochs
    return images * epochs / speed if speed and images and epochs else None


def validation_swing(run: RunSummary) -> float | None:
    """Mean distance of the validation accuracy from one epoch to the next; None for a single epoch."""
    accuracies = [epoch.val_accuracy for epoch in run.directory.epochs()]
    known = [accuracy for accuracy in accuracies if accuracy is not None]
    steps = [abs(after - before) for before, after in pairwise(known)]
    return fmean(steps) if steps else None


def onset_of_overfitting(run: RunSummary) -> float | None:
    """The last epoch before overfitting, by the rule of `evaluation.RULE`; None where it never begins."""
    epochs = run.directory.epochs()
    return parting_epoch([epoch.loss for epoch in epochs], [epoch.val_loss for epoch in epochs])


def _of_report(
    name: str, order: int, title: str, unit: Unit, better: Better, words: str, compared: bool = True
) -> None:
    """Register a number that the run's report holds under this name."""
    METRICS.add(
        name,
        Metric(
            title=title,
            better=better,
            unit=unit,
            of_run=lambda run: getattr(run.figures, name),
            high=1.0 if unit == "share" else None,
            compared=compared,
            help=words,
        ),
        order=order,
    )


_OF_KERAS = "As Keras's evaluate gives it, with penalties and label smoothing."
_ALONE = "Without penalties and label smoothing: to be compared between runs that differ in them."
_FIT = "Seconds of Keras's fit, validation included, pauses left out."
_SPEED = "Training images a second, the first step left out."
_TRAINED = "Share of the training images it gets right at the end."
_HELD_BACK = "Share right of the images that were held back from training; to choose by."
_MAY_CHANGE = "Weights and biases that training may change."
_WAY = "Of one image's way through the network."
_of_report("test_loss", 15, "Test loss", "nats", "lower", _OF_KERAS, compared=False)
METRICS.add(
    "test_crossentropy",
    Metric(title="Test cross-entropy", better="lower", unit="nats", of_run=test_crossentropy, help=_ALONE),
    order=10,
)
_of_report("fit_seconds", 20, "Training time", "s", "lower", _FIT)
_of_report("images_per_second", 30, "Images per second", "images/s", "higher", _SPEED)
_of_report("params", 40, "Number of parameters", "count", "neither", "All weights and biases.")
# Higher alone may be learnt by heart.
_of_report("train_accuracy", 200, "Training accuracy", "share", "neither", _TRAINED, compared=False)
_of_report("validation_accuracy", 210, "Validation accuracy", "share", "higher", _HELD_BACK, compared=False)
_of_report(
    "trainable_params", 250, "Number of trained parameters", "count", "neither", _MAY_CHANGE, compared=False
)
_of_report("macs", 260, "Number of multiply-adds", "count", "neither", _WAY, compared=False)
METRICS.add(
    "generalization_gap",
    Metric(
        title="Distance from training to test accuracy",
        better="lower",
        of_run=generalization_gap,
        low=-1.0,
        high=1.0,
        compared=False,
        help="Training minus test accuracy: what it learnt by heart.",
    ),
    order=220,
)
METRICS.add(
    "parting_epoch",
    Metric(
        title="Last epoch before overfitting",
        better="neither",
        unit="epoch",
        of_run=onset_of_overfitting,
        low=1.0,
        compared=False,
        help="The epoch with the lowest validation loss, where the loss rises afterwards.",
    ),
    order=230,
)
METRICS.add(
    "validation_swing",
    Metric(
        title="Swing of the validation accuracy",
        better="lower",
        of_run=validation_swing,
        high=1.0,
        compared=False,
        help="How far it moves from one epoch to the next, up or down, on average.",
    ),
    order=235,
)
METRICS.add(
    "steady_seconds",
    Metric(
        title="Training time without tracing",
        better="lower",
        unit="s",
        of_run=steady_seconds,
        compared=False,
        help="All steps at the speed after the first one, validation left out: to compare times by.",
    ),
    order=245,
)
METRICS.add(
    "seconds_per_epoch",
    Metric(
        title="Time of an epoch",
        better="lower",
        unit="s",
        of_run=seconds_per_epoch,
        compared=False,
        help="Training time over the epochs that were trained.",
    ),
    order=240,
)
