"""The base of a network: its first weights from a finished run, and freezing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from cnnviz.errors import RunError, SpecError
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec, TrainingSpec
from cnnviz.training import backend


def prepare(network: keras.Model, architecture: ArchitectureSpec, training: TrainingSpec, root: Path) -> None:
    """Give the base the weights of the run that it starts from, and freeze it, as the spec asks.

    A frozen batch normalization works with the means and variances that it has, and learns no new ones
    (Keras's rule).

    Args:
        network: built, not compiled yet.
        root: the folder of runs.
    Raises:
        RunError, SpecError: the run is gone, or its base is another one.
    """
    layers = [network.get_layer(layer.name) for layer in architecture.base]
    if training.init_from:
        source = _model(root / training.init_from)
        known = {layer.name: layer for layer in source.layers}
        for layer in layers:
            if layer.weights:
                _copy(known.get(layer.name), layer, training.init_from)
    if training.freeze == "base":
        for layer in layers:
            layer.trainable = False


def _model(folder: Path) -> keras.Model:
    run = RunDirectory.open(folder)
    try:
        return keras.models.load_model(run.model_path, compile=False)
    except (OSError, ValueError) as error:
        raise RunError(f"The network of run {run.id} can't be read: {error}.") from error


def _copy(source: Any, target: keras.layers.Layer, run: str) -> None:
    shapes = [tuple(weight.shape) for weight in target.weights]
    if source is None or [tuple(weight.shape) for weight in source.weights] != shapes:
        raise SpecError(
            f"{target.name} is another layer in run {run}, or not there. "
            "Choose a run with the same convolutions, kernel sizes and channels."
        )
    target.set_weights([backend.array(weight) for weight in source.weights])
