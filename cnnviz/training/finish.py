"""The end of a run: best weights, the one look at the test set, and the files that tell of it.

`finish` is the story; `Scorer` looks at the images, `report_of` and `environment` are what the files hold.
"""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

import cnnviz
from cnnviz import backend, metrics
from cnnviz.datasets import Dataset, Split
from cnnviz.runs import RunEnvironment, RunReport, atomic
from cnnviz.runs.records import DataStamp
from cnnviz.specs import TrainingSpec
from cnnviz.training.devices import Device
from cnnviz.training.fit import Training
from cnnviz.training.optimization import make_loss
from cnnviz.training.progress import Progress


def finish(training: Training, data: Dataset, progress: Progress, device: Device, macs: int) -> None:
    """Evaluate and save; a stopped run ends the same way, with the weights it had.

    Raises:
        StorageError: the disk takes no more; the checkpoint still stands, so resuming repeats only this.
    """
    restored = training.best.keep_best()
    run, network = training.run, training.network
    with progress.phase("evaluation", "evaluating"):
        scorer = Scorer(network, training.spec)
        train, validation, test = map(scorer.scores, (data.train, data.scored, data.tested))
        report = report_of(data, train, validation, test, penalty_of(network))
    with progress.phase("saving", "saving"):
        arrays = predictions(data, train, validation, test)
        run.save_predictions(arrays)
        with atomic.replacing(run.model_path) as beside:
            network.save(beside)
    run.write_environment(environment(training, data, device, progress.phases))
    # Last, because readers take a run with a report for complete.
    report = replace(report, metrics=metrics_of(arrays))
    run.write_report(training.completed(report, restored=restored, macs=macs))


def environment(
    training: Training, data: Dataset, device: Device, phases: dict[str, float]
) -> RunEnvironment:
    """What is needed to judge the times, and to repeat the run."""
    return RunEnvironment(
        versions={
            "cnnviz": cnnviz.__version__,
            "python": platform.python_version(),
            "keras": keras.version(),
            "tensorflow": backend.VERSION,
            "numpy": np.__version__,
        },
        device=device.label,
        device_kind=device.kind,
        threads=training.spec.threads or device.threads,
        precision=training.spec.precision,
        host=platform.node(),
        system=platform.platform(),
        data=DataStamp(data.origin, data.fingerprint),
        deterministic=device.kind == "CPU",
        phases=phases | {"training": training.fit_seconds},
    )


def stop_reason(training: Training) -> str:
    """Say what a stopped run holds, and how it can go on."""
    whole, journal = training.epoch, training.journal
    part = f" and {journal.seen} of {journal.images} images of epoch {whole + 1}" if journal.seen else ""
    epochs = "1 whole epoch" if whole == 1 else f"{whole} whole epochs"
    return f"Stopped by request after {epochs}{part}. Resuming goes on after epoch {whole}."


class Scores(NamedTuple):
    """What a network says about N images.

    probabilities: float32 (N, classes). losses: float32 (N,): of the loss it was trained with, without
    penalties. crossentropies: float32 (N,).
    """

    probabilities: NDArray[np.float32]
    losses: NDArray[np.float32]
    crossentropies: NDArray[np.float32]
    labels: NDArray[np.int64]

    @property
    def accuracy(self) -> float | None:
        """Share of images whose likeliest class is theirs; None without images."""
        right = self.probabilities.argmax(axis=1) == self.labels
        return float(right.mean()) if len(right) else None

    @property
    def crossentropy(self) -> float | None:
        """Mean cross-entropy; None without images."""
        return float(self.crossentropies.mean(dtype=np.float64)) if len(self.labels) else None

    def loss(self, penalty: float) -> float | None:
        """Mean loss with the penalty of L1 and L2, as Keras's `evaluate` gives it; None without images."""
        return float(self.losses.mean(dtype=np.float64)) + penalty if len(self.labels) else None


class Scorer:
    """A network's forward pass and losses, compiled once for any number of images."""

    def __init__(self, network: keras.Model, training: TrainingSpec) -> None:
        shape, self.classes = network.inputs[0].shape[1:], network.outputs[0].shape[-1]
        self.batch = max(128, min(training.batch_size, 1024))
        loss = make_loss(training, self.classes)
        loss.reduction = None

        def score(images: Any, labels: Any) -> tuple[Any, Any, Any]:
            # The softmax's own output goes into the losses, so that Keras takes them from its logits.
            outputs = network(images, training=False)
            plain = keras.losses.sparse_categorical_crossentropy(labels, outputs)
            return outputs, loss(labels, outputs), plain

        self._score = backend.compiled(score, ((None, *shape), "uint8"), ((None,), "int64"))

    def scores(self, split: Split) -> Scores:
        """Scores of all images of a split, in its order."""
        parts = []
        for begin in range(0, len(split), self.batch):
            positions = np.arange(begin, min(begin + self.batch, len(split)))
            images, labels = split.images_at(positions), split.labels[positions]
            outputs = self._score(backend.tensor(images), backend.tensor(labels))
            parts.append([np.asarray(output, dtype=np.float32) for output in outputs])
        if not parts:
            empty = np.zeros(0, np.float32)
            return Scores(np.zeros((0, self.classes), np.float32), empty, empty, split.labels)
        probabilities, losses, plain = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Scores(probabilities, losses, plain, split.labels)


def penalty_of(network: keras.Model) -> float:
    """What L1 and L2 add to the loss."""
    return float(sum(float(ops.convert_to_numpy(value)) for value in network.losses))


def halve(probabilities: NDArray[np.float32]) -> NDArray[np.float16]:
    """Round to float16 without changing which class is the likeliest.

    Args:
        probabilities: shape (N, classes).
    """
    rounded = probabilities.astype(np.float16)
    if not len(rounded):
        return rounded
    winner = probabilities.argmax(axis=1)
    tied = np.flatnonzero(rounded.argmax(axis=1) != winner)
    # Two classes were rounded to the same number: the true winner gets the next larger one.
    rounded[tied, winner[tied]] = np.nextafter(rounded[tied].max(axis=1), np.float16(np.inf))
    return rounded


def predictions(dataset: Dataset, train: Scores, validation: Scores, test: Scores) -> dict[str, NDArray[Any]]:
    """The arrays of predictions.npz: probabilities (N, C), labels and indices (N,) of each split."""
    arrays: dict[str, NDArray[Any]] = {}
    parts = (("test", test, dataset.tested), ("train", train, dataset.train))
    for name, scores, split in (*parts, ("validation", validation, dataset.scored)):
        arrays[f"{name}_probabilities"] = halve(scores.probabilities)
        arrays[f"{name}_labels"], arrays[f"{name}_indices"] = scores.labels, split.indices
    return arrays


def baseline(dataset: Dataset) -> float | None:
    """Test accuracy of always saying the class that is most frequent among the training images."""
    common, tested = np.bincount(dataset.train.labels).argmax(), dataset.tested.labels
    return float(np.mean(tested == common)) if len(tested) else None


def metrics_of(arrays: dict[str, NDArray[Any]]) -> dict[str, float | None]:
    """All metrics of the test images, from `predictions` as they are kept; none without test images."""
    labels, probabilities = arrays["test_labels"], arrays["test_probabilities"]
    return metrics.computed(labels, probabilities.astype(np.float64)) if len(labels) else {}


def report_of(dataset: Dataset, train: Scores, validation: Scores, test: Scores, penalty: float) -> RunReport:
    """The part of a run's report that comes from predictions."""
    return RunReport(
        test_accuracy=test.accuracy,
        test_loss=test.loss(penalty),
        test_crossentropy=test.crossentropy,
        train_accuracy=train.accuracy,
        train_loss=train.loss(penalty),
        validation_accuracy=validation.accuracy,
        validation_loss=validation.loss(penalty),
        penalty=penalty,
        baseline_accuracy=baseline(dataset),
        n_train=len(train.labels),
        n_validation=len(validation.labels),
        n_test=len(test.labels),
    )
