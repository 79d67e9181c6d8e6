"""What training came to and what it cost, as the run's report and journal hold it."""

from __future__ import annotations

from cnnviz.evaluation import parting_epoch
from cnnviz.metrics.entry import METRICS, Metric
from cnnviz.runs import RunSummary


def generalization_gap(run: RunSummary) -> float | None:
    """Training minus test accuracy, in −1 … 1."""
    train, test = run.figures.train_accuracy, run.figures.test_accuracy
    return None if train is None or test is None else train - test


def seconds_per_epoch(run: RunSummary) -> float | None:
    """Training time over whole epochs."""
    seconds, epochs = run.figures.fit_seconds, run.figures.epochs
    return seconds / epochs if epochs and seconds is not None else None


def onset_of_overfitting(run: RunSummary) -> float | None:
    """The last epoch before overfitting, by the rule of `evaluation.RULE`; None where it never begins."""
    epochs = run.directory.epochs()
    return parting_epoch([epoch.loss for epoch in epochs], [epoch.val_loss for epoch in epochs])


METRICS.add(
    "test_loss",
    Metric(
        title="Test loss",
        better="lower",
        unit="nats",
        of_run=lambda run: run.figures.test_loss,
        help="As Keras's evaluate gives it, with penalties and label smoothing.",
    ),
    order=10,
)
METRICS.add(
    "fit_seconds",
    Metric(
        title="Training time",
        better="lower",
        unit="s",
        of_run=lambda run: run.figures.fit_seconds,
        help="Seconds of Keras's fit, validation included, pauses left out.",
    ),
    order=20,
)
METRICS.add(
    "images_per_second",
    Metric(
        title="Images per second",
        better="higher",
        unit="images/s",
        of_run=lambda run: run.figures.images_per_second,
        help="Training images a second, the first step left out.",
    ),
    order=30,
)
METRICS.add(
    "params",
    Metric(
        title="Number of parameters",
        better="neither",
        unit="count",
        of_run=lambda run: run.figures.params,
        help="All weights and biases.",
    ),
    order=40,
)
METRICS.add(
    "train_accuracy",
    Metric(
        title="Training accuracy",
        better="neither",  # higher alone may be learnt by heart
        of_run=lambda run: run.figures.train_accuracy,
        high=1.0,
        compared=False,
        help="Share of the training images it gets right at the end.",
    ),
    order=200,
)
METRICS.add(
    "validation_accuracy",
    Metric(
        title="Validation accuracy",
        better="higher",
        of_run=lambda run: run.figures.validation_accuracy,
        high=1.0,
        compared=False,
        help="Share right of the images that were held back from training; to choose by.",
    ),
    order=210,
)
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
METRICS.add(
    "trainable_params",
    Metric(
        title="Number of trained parameters",
        better="neither",
        unit="count",
        of_run=lambda run: run.figures.trainable_params,
        compared=False,
        help="Weights and biases that training may change.",
    ),
    order=250,
)
METRICS.add(
    "macs",
    Metric(
        title="Number of multiply-adds",
        better="neither",
        unit="count",
        of_run=lambda run: run.figures.macs,
        compared=False,
        help="Of one image's way through the network.",
    ),
    order=260,
)
