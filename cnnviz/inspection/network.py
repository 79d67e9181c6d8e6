"""Forward passes and weights of trained networks; runs in the inspection process only (imports Keras).

A network is rebuilt from the run's own spec and takes only weights from the file: no foreign
configuration is ever loaded. One model with all layers' outputs a run, compiled once; a few are kept.
`untrained` asks for the weights that the run's training began with, made again from its seed.
"""

from __future__ import annotations

import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.build import build_model
from cnnviz.datasets import facts
from cnnviz.errors import ImageError, RunError
from cnnviz.inspection.results import ActivationSet, Kernels, LayerMaps, WeightHistogram
from cnnviz.inspection.signs import signed_outputs
from cnnviz.inspection.weights import WeightsFile, read_checkpoint, weights_file
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec, Conv2D, Dropout, Flatten

KEPT = 4


class Network(NamedTuple):
    """A rebuilt network with its weights, and one model that shows every layer."""

    architecture: ArchitectureSpec
    model: keras.Model
    inside: keras.Model  # outputs: every shown layer, in order
    stamp: tuple[int, int]  # of the file that the weights came from
    epoch: int | None  # of a checkpoint; None: the finished model


_networks: OrderedDict[tuple[str, bool], Network] = OrderedDict()  # by run, and whether untrained


def ready() -> bool:
    """Answer at once: by then Keras has been imported."""
    return True


def kept() -> list[str]:
    """Paths of the runs whose networks are in memory, the least recently used first."""
    return [run for run, _ in _networks]


def shown_layers(architecture: ArchitectureSpec) -> list[str]:
    """Names of the layers whose output is worth looking at: dropout and flatten change nothing to see."""
    return [layer.name for layer in architecture.layers if not isinstance(layer, Dropout | Flatten)]


def activations(run: str, image: NDArray[np.uint8]) -> ActivationSet:
    """Pass one image (H, W, C) through a run's network."""
    network = load(run)
    return ActivationSet(responses(network, image), network.epoch)


def responses(network: Network, image: NDArray[np.uint8]) -> tuple[LayerMaps, ...]:
    """What all shown layers make of one image (H, W, C).

    Raises:
        ImageError: it has another shape than the network's input.
    """
    expected = tuple(network.model.input_shape[1:])
    if image.shape != expected:
        raise ImageError(
            f"The image is {_shape(image.shape)}; this network takes {_shape(expected)}. "
            "Choose an image of its data set, or upload one: it will be fitted."
        )
    outputs = network.inside.predict_on_batch(image[None])
    signed = signed_outputs(network.architecture)
    by_name = {layer.name: layer.type for layer in network.architecture.layers}
    return tuple(
        LayerMaps(name, by_name[name], signed[name], np.asarray(values[0], np.float32))
        for name, values in zip(shown_layers(network.architecture), outputs, strict=True)
    )


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def kernels(run: str, layer: str, output: int | None = None, untrained: bool = False) -> Kernels:
    """Weights of one convolution, of all its maps or of map `output`."""
    network = load(run, untrained)
    found = next((spec for spec in network.architecture.layers if spec.name == layer), None)
    if not isinstance(found, Conv2D):
        raise RunError(f"'{layer}' is no convolution of run {Path(run).name}, so it has no kernels to show.")
    kernel, *bias = network.model.get_layer(layer).get_weights()
    chosen = slice(None) if output is None else slice(output, output + 1)
    first = next(spec for spec in network.architecture.layers if not isinstance(spec, Dropout)) is found
    return Kernels(layer, kernel[..., chosen], bias[0][chosen] if bias else None, first)


def weight_histograms(run: str, bins: int, untrained: bool = False) -> tuple[WeightHistogram, ...]:
    """Distribution of the weights and biases of convolutions and dense layers.

    Raises:
        RunError: as `load`; or some are not finite.
    """
    network = load(run, untrained)
    if not all(np.isfinite(weights).all() for weights in network.model.get_weights()):
        raise RunError(
            f"Run {Path(run).name} has weights that are not finite: its training has diverged. "
            "Train it again with a lower learning rate."
        )
    layers = [x for x in network.model.layers if isinstance(x, keras.layers.Conv2D | keras.layers.Dense)]
    return tuple(
        _histogram(layer.name, kind, np.asarray(weights, np.float64), bins)
        for layer in layers
        for kind, weights in zip(("kernel", "bias"), layer.get_weights(), strict=False)
    )


def _histogram(layer: str, kind: str, values: NDArray[np.float64], bins: int) -> WeightHistogram:
    counts, edges = np.histogram(values, bins)
    return WeightHistogram(layer, kind, counts, edges, float(values.mean()), float(values.std()), values.size)


def load(run: str, untrained: bool = False) -> Network:
    """The network of a run with its newest weights, from memory where they are in it.

    Args:
        untrained: with the weights that its training began with.
    Raises:
        RunError: no weights yet, damaged ones, or ones that don't fit the run's spec.
    """
    key = (run, untrained)
    known = _networks.pop(key, None)
    if untrained:
        known = known or build_untrained(run)
    else:
        source = weights_file(Path(run))
        known = known or _build(run)
        if known.stamp != source.stamp:
            known = known._replace(epoch=_read(known.model, source, run), stamp=source.stamp)
    _networks[key] = known
    while len(_networks) > KEPT:
        _networks.popitem(last=False)
    return known


def _build(run: str) -> Network:
    experiment = RunDirectory.open(Path(run)).spec().experiment
    data = facts(experiment.dataset)
    model = build_model(experiment.architecture, data.input_shape, len(data.class_names))
    return show_inside(experiment.architecture, model)


def show_inside(architecture: ArchitectureSpec, model: keras.Model) -> Network:
    """A network around a built model, not yet with the weights of any file."""
    names = shown_layers(architecture)
    inside = keras.Model(model.input, [model.get_layer(name).output for name in names])
    return Network(architecture, model, inside, stamp=(0, 0), epoch=None)


def build_untrained(run: str) -> Network:
    """The network as its training began: the same seed, so the same random weights, number by number.

    Raises:
        RunError: it began with another run's weights, and those can't be read any more.
    """
    directory = RunDirectory.open(Path(run))
    experiment = directory.spec().experiment
    data, training = facts(experiment.dataset), experiment.training
    keras.utils.set_random_seed(training.seed)
    model = build_model(
        experiment.architecture,
        data.input_shape,
        len(data.class_names),
        training=training.but(precision="float32"),  # weights are float32 in every precision
    )
    if training.init_from:
        source = load(str(directory.path.parent / training.init_from)).model
        for layer in experiment.architecture.base:
            model.get_layer(layer.name).set_weights(source.get_layer(layer.name).get_weights())
    return show_inside(experiment.architecture, model)


def _read(model: keras.Model, source: WeightsFile, run: str) -> int | None:
    """Fill in the weights; return the epoch of a checkpoint, None for the finished model."""
    if not source.final:
        return _read_checkpoint(model, source, run)
    try:
        with warnings.catch_warnings():
            # Keras only warns that layers it found no weights for "retain their freshly-initialized" ones.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(source.path)
    except (OSError, KeyError, ValueError, UserWarning, zipfile.BadZipFile) as error:
        # zipfile, h5py and Keras report damage and misfit with these.
        raise _unreadable(source, run) from error
    return None


def _read_checkpoint(model: keras.Model, source: WeightsFile, run: str) -> int:
    try:
        epoch, weights = read_checkpoint(source.path, len(model.weights))
        model.set_weights(weights)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise _unreadable(source, run) from error
    return epoch


def _unreadable(source: WeightsFile, run: str) -> RunError:
    return RunError(
        f"The weights of run {Path(run).name} ({source.path.name}) are damaged or not of its network. "
        "Train it again, or delete it."
    )
