"""Training images through a network, a few at a time; runs in the inspection process only.

One pass answers for all maps of all layers. It is done in short turns, so that other questions get their
answers between them; whoever asks on, or again, goes on from where it stands.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz import datasets
from cnnviz.inspection import exciting
from cnnviz.inspection.exciting import BATCH, LayerScan, Progress
from cnnviz.inspection.network import Network, load, shown_layers
from cnnviz.inspection.statistics import LayerNumbers, map_statistics
from cnnviz.runs import RunDirectory

_TURN_SECONDS, _KEPT_SCANS = 0.15, 2


class _Scan(NamedTuple):
    layers: dict[str, LayerScan]
    done: int


_scans: OrderedDict[Path, _Scan] = OrderedDict()


def advance(run: str, count: int, keep: str, untrained: bool = False) -> Progress:
    """Look through some more of the first `count` training images; keeps the answer when all are seen.

    Args:
        keep: the file to keep it in, from `exciting.path`.
    Raises:
        RunError: as `load`.
        DataError: the images are not there.
        StorageError: the cache folder can't be written.
    """
    network = load(run, untrained)
    images = training_images(run)
    total, file = min(count, len(images)), Path(keep)
    scan = _scans.pop(file, _Scan({}, 0))
    end = time.monotonic() + _TURN_SECONDS
    while scan.done < total:
        scan = _turn(network, images, scan, min(scan.done + BATCH, total))
        if time.monotonic() > end:
            break
    if scan.done < total:
        _scans[file] = scan
        while len(_scans) > _KEPT_SCANS:
            _scans.popitem(last=False)
    else:
        exciting.write(file, scan.layers)
    return Progress(scan.done, total)


def training_images(run: str) -> datasets.Split:
    """The images that a run is trained with: neither validation nor test images."""
    return datasets.load(RunDirectory.open(Path(run)).spec().experiment.dataset).train


def measure(run: str, layer: str, images_of: str, start: int, untrained: bool = False) -> list[LayerNumbers]:
    """Numbers of one layer for some training images, one after the other.

    Args:
        images_of: the run whose training images are taken, so that two runs answer to the same ones.
        start: the first image; at most BATCH are measured.
    Raises:
        RunError, DataError: as `advance`.
    """
    network, images = load(run, untrained), training_images(images_of)
    pixels = images.images_at(range(start, min(start + BATCH, len(images))))
    values = dict(outputs(network, pixels))[layer]
    return [LayerNumbers.of(map_statistics(one)) for one in values]


def outputs(network: Network, images: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Name and output (N, …) of every shown layer for at most one batch of images."""
    filled = np.zeros((BATCH, *images.shape[1:]), np.uint8)  # one size of batch to trace for
    filled[: len(images)] = images
    found = network.inside.predict_on_batch(filled)
    for name, values in zip(shown_layers(network.architecture), found, strict=True):
        yield name, np.asarray(values, np.float32)[: len(images)]


def _turn(network: Network, images: datasets.Split, scan: _Scan, stop: int) -> _Scan:
    positions = np.arange(scan.done, stop)
    numbers = images.indices[positions]
    layers = {
        name: scan.layers.get(name, LayerScan.nothing(values.shape[-1])).joined(numbers, values)
        for name, values in outputs(network, images.images_at(positions))
    }
    return _Scan(layers, stop)
