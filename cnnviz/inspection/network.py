"""Networks of runs: their weights, kernels, forward passes and predictions. Runs in the inspection process.

It imports Keras. A network is rebuilt from the run's own spec and takes only weights from the file: no
foreign configuration is ever loaded. One model with all layers' outputs a run, compiled once; a few are
kept, and of the images that were looked at last all layers' outputs, so that looking at another layer or map
asks the network nothing. Of these only the layer that is looked at is sent.
"""

from __future__ import annotations

import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from cnnviz import datasets
from cnnviz.architectures.build import build_model
from cnnviz.architectures.layer_training import first_convolution, hand_made
from cnnviz.errors import DataError, ImageError, RunError
from cnnviz.evaluation import data_changed
from cnnviz.inspection.layers import (
    GLANCE,
    ActivationSet,
    Floats,
    Images,
    Kernels,
    LayerGlance,
    LayerMaps,
    Overview,
    signed_outputs,
)
from cnnviz.inspection.statistics import LayerNumbers, map_statistics
from cnnviz.inspection.weights import Weights, WeightsFile, read_checkpoint, weights_file
from cnnviz.inspection.workings import Working, work_out
from cnnviz.runs import RunDirectory
from cnnviz.runs.snapshots import KINDS, Histogram
from cnnviz.specs import ArchitectureSpec, Conv2D, Dropout, Flatten

#: Networks that are kept.
KEPT = 4
#: Bytes of outputs that are kept; VGG16 needs 1.3 MB for an image of 32×32, and 60 for one of 224×224.
KEPT_BYTES = 256_000_000
#: Images that go through a network together: bounded memory, and one size of batch to trace for.
BATCH = 32


class Network(NamedTuple):
    """A rebuilt network with its weights, and one model that shows every layer."""

    architecture: ArchitectureSpec
    model: keras.Model
    inside: keras.Model  # outputs: every shown layer, in order
    stamp: tuple[int, int]  # of the file that the weights came from
    epoch: int | None  # of a checkpoint; None: the finished model


class _Look(NamedTuple):
    run: Path
    untrained: bool
    stamp: tuple[int, int]
    image: bytes


_networks: OrderedDict[tuple[Path, bool], Network] = OrderedDict()  # by run, and whether untrained
_looks: OrderedDict[_Look, tuple[LayerMaps, ...]] = OrderedDict()


def kept() -> list[Path]:
    """Folders of the runs whose networks are in memory, the least recently used first."""
    return [run for run, _ in _networks]


def load(weights: Weights) -> Network:
    """The network of a run with its newest weights (or untrained), from memory where they are in it.

    Raises:
        RunError: no weights yet, damaged ones, or ones that don't fit the run's spec.
    """
    key = (weights.run, weights.untrained)
    known = _networks.pop(key, None)
    if weights.untrained:
        known = known or build_untrained(weights.run)
    else:
        source = weights_file(weights.run)
        known = known or build(weights.run)
        if known.stamp != source.stamp:
            known = known._replace(epoch=_read(known.model, source, weights.run), stamp=source.stamp)
    _networks[key] = known
    while len(_networks) > KEPT:
        _networks.popitem(last=False)
    return known


def activations(weights: Weights, image: Images) -> ActivationSet:
    """What all shown layers make of one image, uint8 (H, W, C).

    Raises:
        RunError: as `load`.
        ImageError: the image has another shape than the network's input.
    """
    network, layers = _looked_at(weights, image)
    return ActivationSet(layers, network.epoch)


def overview(weights: Weights, image: Images) -> Overview:
    """All layers at a glance for one image, uint8 (H, W, C), and the probabilities.

    Raises:
        RunError, ImageError: as `activations`.
    """
    network, layers = _looked_at(weights, image)
    glances = tuple(
        LayerGlance(layer.name, layer.type, layer.signed, layer.values.shape, _glance(layer))
        for layer in layers
    )
    return Overview(glances, layers[-1].values, network.epoch)


def layer_maps(weights: Weights, image: Images, layer: str) -> LayerMaps:
    """All maps of one layer for one image, uint8 (H, W, C).

    Raises:
        RunError: the network has no such layer; or as `load`.
        ImageError: as `activations`.
    """
    for maps in _looked_at(weights, image)[1]:
        if maps.name == layer:
            return maps
    raise RunError(f"The network has no layer '{layer}' to look at. Choose one of the overview.")


def working(weights: Weights, image: Images, layer: str, depth: int, at: tuple[int, int] | None) -> Working:
    """How one number of a layer came about; see `workings`.

    Args:
        image: uint8, shape (H, W, C).
        depth: position of the map or unit, counted from 0.
        at: row and column in the map; None for a unit.
    Raises:
        RunError: there is no such number; or as `load`.
        ImageError: as `activations`.
    """
    network, layers = _looked_at(weights, image)
    return work_out(network.architecture, network.model.get_layer, layers, image, layer, (*(at or ()), depth))


def predictions(weights: Weights, images: Images) -> Floats:
    """What a run's network says about images, uint8 (N, H, W, C).

    Returns:
        probabilities, float32, shape (N, classes).
    Raises:
        RunError: as `load`.
        ImageError: the images have another shape than the network's input.
    """
    model = load(weights).model
    if images.shape[1:] != tuple(model.input_shape[1:]):
        raise ImageError(f"The images are {images.shape[1:]}; this network takes {model.input_shape[1:]}.")
    batches = []
    for start in range(0, len(images), BATCH):
        some = images[start : start + BATCH]
        batches.append(np.asarray(model.predict_on_batch(_filled(some)))[: len(some)])
    return np.concatenate(batches).astype(np.float32)


def outputs(network: Network, images: Images) -> Iterator[tuple[str, Floats]]:
    """Name and output (N, H', W', K) or (N, K) of every shown layer; at most `BATCH` images (N, H, W, C)."""
    values = network.inside.predict_on_batch(_filled(images))
    for name, batch in zip(shown_layers(network.architecture), values, strict=True):
        yield name, np.asarray(batch, np.float32)[: len(images)]


def _filled(images: Images) -> Images:
    filled = np.zeros((BATCH, *images.shape[1:]), np.uint8)
    filled[: len(images)] = images
    return filled


def measure(weights: Weights, layer: str, images_of: Path, positions: range) -> tuple[LayerNumbers, ...]:
    """Numbers of one layer for some training images, one after the other.

    Args:
        images_of: the run whose training images are taken, so that two runs answer to the same ones.
        positions: of at most `BATCH` images; those beyond the last one are left out.
    Raises:
        RunError: as `load`.
        DataError: the images are not there.
    """
    network, images = load(weights), training_images(images_of)
    pixels = images.images_at(positions[: max(0, len(images) - positions.start)])
    values = dict(outputs(network, pixels))[layer]
    return tuple(LayerNumbers.of(map_statistics(maps)) for maps in values)


def training_images(run: Path) -> datasets.Split:
    """The images that a run was trained with: neither validation nor test images.

    Raises:
        DataError: they have changed since.
        CnnvizError: they are gone.
    """
    directory = RunDirectory.open(run)
    if changed := data_changed(directory):
        raise DataError(changed)
    return datasets.load(directory.spec().experiment.dataset).train


def kernels(weights: Weights, layer: str, output: int | None = None) -> Kernels:
    """Weights of one convolution, of all its maps or of map `output`.

    Raises:
        RunError: the layer is no convolution; or as `load`.
    """
    network = load(weights)
    specs = network.architecture.layers
    convolution = next((spec for spec in specs if spec.name == layer), None)
    if not isinstance(convolution, Conv2D):
        name = weights.run.name
        raise RunError(f"'{layer}' is no convolution of run {name}, so it has no kernels to show.")
    kernel, *bias = network.model.get_layer(layer).get_weights()
    chosen = slice(None) if output is None else slice(output, output + 1)
    first = next(spec for spec in specs if not isinstance(spec, Dropout)) is convolution
    return Kernels(layer, kernel[..., chosen], bias[0][chosen] if bias else None, first)


def weight_histograms(weights: Weights, bins: int) -> tuple[Histogram, ...]:
    """Distribution of the weights and biases of convolutions and dense layers.

    Raises:
        RunError: as `load`; or some are not finite.
    """
    network = load(weights)
    if not all(np.isfinite(values).all() for values in network.model.get_weights()):
        raise RunError(
            f"Run {weights.run.name} has weights that are not finite: its training has diverged. "
            "Train it again with a lower learning rate."
        )
    histograms = []
    for layer in network.model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            for kind, weight in zip(KINDS, layer.get_weights(), strict=False):
                values = np.asarray(weight, np.float64)
                counts, edges = np.histogram(values, bins)
                mean, deviation = float(values.mean()), float(values.std())
                histograms.append(Histogram(layer.name, kind, counts, edges, mean, deviation, values.size))
    return tuple(histograms)


def _looked_at(weights: Weights, image: Images) -> tuple[Network, tuple[LayerMaps, ...]]:
    """The network and all its layers' outputs, from memory where the image was asked for before."""
    network = load(weights)
    key = _Look(weights.run, weights.untrained, network.stamp, image.tobytes())
    layers = _looks.pop(key, None)
    if layers is None:
        layers = _pass(network, image)
    _looks[key] = layers
    kept_bytes = sum(maps.values.nbytes for look in _looks.values() for maps in look)
    while len(_looks) > 1 and kept_bytes > KEPT_BYTES:
        _, oldest = _looks.popitem(last=False)
        kept_bytes -= sum(maps.values.nbytes for maps in oldest)
    return network, layers


def _pass(network: Network, image: Images) -> tuple[LayerMaps, ...]:
    expected = tuple(network.model.input_shape[1:])
    if image.shape != expected:
        raise ImageError(
            f"The image is {in_words(image.shape)}; this network takes {in_words(expected)}. "
            "Choose an image of its data set, or upload one: it will be fitted."
        )
    values = network.inside.predict_on_batch(image[None])
    signed = signed_outputs(network.architecture)
    by_name = {layer.name: layer.type for layer in network.architecture.layers}
    return tuple(
        LayerMaps(name, by_name[name], signed[name], np.asarray(batch[0], np.float32))
        for name, batch in zip(shown_layers(network.architecture), values, strict=True)
    )


def in_words(shape: tuple[int, ...]) -> str:
    """`32×32×3`."""
    return "×".join(map(str, shape))


def _glance(layer: LayerMaps) -> Floats:
    """The liveliest map, every n-th value of it; or of each n units the one farthest from 0."""
    values = layer.values
    if layer.spatial:
        step = -(-max(values.shape[:2]) // GLANCE)
        return values[::step, ::step, int(values.var(axis=(0, 1)).argmax())]
    step = -(-layer.depth // GLANCE)
    parts = np.split(values, range(step, layer.depth, step))
    return np.array([part[np.abs(part).argmax()] for part in parts], np.float32)


def shown_layers(architecture: ArchitectureSpec) -> list[str]:
    """Names of the layers whose output is worth looking at: dropout and flatten change nothing to see."""
    return [layer.name for layer in architecture.layers if not isinstance(layer, Dropout | Flatten)]


def build(run: Path) -> Network:
    """The network of a run's spec, not yet with the weights of any file: new random ones.

    Raises:
        RunError: the run's spec can't be read.
    """
    experiment = RunDirectory.open(run).spec().experiment
    data = datasets.facts(experiment.dataset)
    training = experiment.training.but(precision="float32")  # weights are float32 in every precision
    classes = len(data.class_names)
    model = build_model(experiment.architecture, data.input_shape, classes, training=training)
    inside = [model.get_layer(name).output for name in shown_layers(experiment.architecture)]
    return Network(experiment.architecture, model, keras.Model(model.input, inside), stamp=(0, 0), epoch=None)


def build_untrained(run: Path) -> Network:
    """The network as its training began: the same random weights, number by number, by the same seed; and
    what was put in their place, another run's convolutions or kernels made by hand.

    Raises:
        RunError: it began with another run's weights, and those can't be read any more.
    """
    training = RunDirectory.open(run).spec().experiment.training
    keras.utils.set_random_seed(training.seed)
    network = build(run)
    if training.init_from:
        source = load(Weights(run.parent / training.init_from)).model
        for layer in network.architecture.base:
            network.model.get_layer(layer.name).set_weights(source.get_layer(layer.name).get_weights())
    if training.first_kernels:
        kernel = network.model.get_layer(first_convolution(network.architecture).name).kernel
        size, _, channels, filters = kernel.shape
        kernel.assign(hand_made(size, channels, filters))
    return network


def _read(model: keras.Model, source: WeightsFile, run: Path) -> int | None:
    """Fill in the weights; return the epoch of a checkpoint, None for the finished model."""
    try:
        if not source.final:
            epoch, values = read_checkpoint(source.path, len(model.weights))
            model.set_weights(values)
            return epoch
        with warnings.catch_warnings():
            # Keras only warns that layers it found no weights for "retain their freshly-initialized" ones.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(source.path)
    except (OSError, KeyError, ValueError, UserWarning, zipfile.BadZipFile) as error:
        # zipfile, h5py and Keras report damage and misfit with these.
        raise RunError(
            f"The weights of run {run.name} ({source.path.name}) are damaged or not of its network. "
            "Train it again, or delete it."
        ) from error
    return None
