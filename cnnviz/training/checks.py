"""What must hold before a training begins: checked when it is queued, and again by the worker.

Needs neither Keras nor TensorFlow.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz import datasets, paths
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.architectures.layer_training import counted
from cnnviz.errors import DataError, RunError, SpecError
from cnnviz.runs import load_summary
from cnnviz.specs import BatchNormalization, Conv2D, Dense, ExperimentSpec, TrainingSpec, class_weights_of
from cnnviz.training import devices
from cnnviz.words import plural, size


def check(experiment: ExperimentSpec, root: Path | None = None) -> NetworkSummary:
    """Return the network's arithmetic if the experiment can be trained on this machine.

    Args:
        root: the folder of runs; None: the one that is set.
    Raises:
        CnnvizError: the data set, the network's shapes, the batch size, the device or the run whose base
            it starts with is impossible.
    """
    devices.check(experiment.training)
    _check_base(experiment, root or paths.runs_dir())
    facts = datasets.facts(experiment.dataset)
    summary = summarise(experiment.architecture, facts.input_shape, len(facts.class_names))
    batch = experiment.training.batch_size
    if batch > facts.n_train:
        raise SpecError(
            f"A batch of {batch} images is larger than the {facts.n_train} training images. "
            f"Set training.batch_size to at most {facts.n_train}, or use more images."
        )
    _check_class_weight(experiment.training.class_weight, facts.class_names)
    check_memory(summary, experiment.training, devices.resolve(experiment.training.device))
    return counted(summary, experiment.architecture, experiment.training)


def check_memory(summary: NetworkSummary, training: TrainingSpec, device: devices.Device) -> None:
    """Refuse what can't fit into the memory of a device: the largest output of a batch, the weights and their
    gradients. Training needs more, so that what passes may still be too much.

    Raises:
        SpecError: how much is needed at least, of what, and how much there is.
    """
    largest = max(summary.layers, key=lambda layer: layer.activation_bytes)
    maps = training.batch_size * largest.activation_bytes // (1 if training.precision == "float32" else 2)
    weights = 2 * summary.parameter_bytes
    if maps + weights > device.memory_bytes:
        raise SpecError(
            f"Training needs at least {size(maps + weights)} of memory, and {device.name} has "
            f"{size(device.memory_bytes)}: {size(maps)} for the output of {largest.name} (a batch of "
            f"{training.batch_size:,}), {size(weights)} for the weights and their gradients. Take a smaller "
            "batch_size, smaller images or fewer filters."
        )


def _check_class_weight(asked: str | None, class_names: tuple[str, ...]) -> None:
    if asked in (None, "balanced"):
        return
    given, classes = len(class_weights_of(asked)), len(class_names)
    if given != classes:
        raise SpecError(
            f"class_weight gives {plural(given, 'number')} for {classes} classes. Give one for each, in this "
            f"order: {', '.join(class_names[:20])}{', …' if classes > 20 else ''}."
        )


def _check_base(experiment: ExperimentSpec, root: Path) -> None:
    """Refuse a base that can't be had: no such run, no finished one, or other layers."""
    asked = experiment.training.init_from
    if not asked:
        return
    run = load_summary(root / asked)
    other = run.experiment
    if other is None or run.state != "done":
        why = "is not there or can't be read" if other is None else f"is {run.state}"
        raise RunError(
            f"The base shall start with the weights of run {asked}, but that run {why}. "
            "Set training.init_from to a run that is done."
        )
    if not same_base(experiment, other):
        raise SpecError(
            f"The convolutions of run {asked} ({run.architecture}) are others than those of this network. "
            "Set training.init_from to a run with the same ones."
        )


def same_base(first: ExperimentSpec, second: ExperimentSpec) -> bool:
    """Whether the weights of one's base fit into the other's.

    Raises:
        CnnvizError: a data set is not known here.
    """
    channels = [datasets.facts(experiment.dataset).input_shape[2] for experiment in (first, second)]
    return channels[0] == channels[1] and _shaped(first) == _shaped(second)


def _shaped(experiment: ExperimentSpec) -> list[dict[str, Any]]:
    """What decides the shapes of the base's weights, layer by layer."""
    fields = {"type", "name", "filters", "kernel_size", "use_bias", "units"}
    weighty = (Conv2D, BatchNormalization, Dense)
    base = experiment.architecture.base
    return [layer.model_dump(include=fields) for layer in base if isinstance(layer, weighty)]


def check_labels(labels: NDArray[Any], classes: int, part: str) -> None:
    """Refuse labels (N,) without a class: on a GPU they would turn into a silent NaN.

    Raises:
        DataError: a label is negative or too large.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise DataError(
            f"{len(wrong)} {part} images have a label outside 0 … {classes - 1}; the first one is image "
            f"{wrong[0]} with label {labels[wrong[0]]}. Mend the data set, or choose another one."
        )
