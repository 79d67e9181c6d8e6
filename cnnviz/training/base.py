"""What a network starts with besides random weights, and which of its layers are frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from cnnviz import backend
from cnnviz.architectures.layer_training import first_convolution, frozen_layers, hand_made
from cnnviz.errors import RunError, SpecError
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec, TrainingSpec


def prepare(network: keras.Model, architecture: ArchitectureSpec, training: TrainingSpec, root: Path) -> None:
    """Give the base the weights of the run that it starts from, or the first convolution kernels made by
    hand; and freeze layers, as the spec asks.

    A frozen batch normalization works with the means and variances that it has, and learns no new ones
    (Keras's rule).

    Args:
        network: built, not compiled yet.
        root: the folder of runs.
    Raises:
        RunError, SpecError: the run is gone, or its base is another one; or there is no convolution.
    """
    layers = [network.get_layer(layer.name) for layer in architecture.base]
    if training.init_from:
        source = _model(root / training.init_from)
        known = {layer.name: layer for layer in source.layers}
        for layer in layers:
            if layer.weights:
                _copy(known.get(layer.name), layer, training.init_from)
    if training.first_kernels:
        _make_by_hand(network.get_layer(first_convolution(architecture).name))
    for name in frozen_layers(architecture, training):
        network.get_layer(name).trainable = False


def _make_by_hand(layer: Any) -> None:
    size, _, channels, filters = layer.kernel.shape
    layer.kernel.assign(hand_made(size, channels, filters))  # the bias starts at 0 anyway


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
