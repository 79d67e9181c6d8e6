"""The training images to which a map answers most strongly: its top activations.

All maps of all layers are ranked in one pass, in short turns, so that other questions get their answers
between them; whoever asks on, or again, goes on from where it stands. What was found is kept in the cache
folder, one file a network and number of images, never in the run's own folder. Only training images are
looked at, so that nothing is learnt about the test set by looking.

Contract: no Keras. `advance` runs in the inspection process and brings it in when it is called.
"""

from __future__ import annotations

import time
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz import paths
from cnnviz.errors import StorageError
from cnnviz.inspection.weights import Weights
from cnnviz.runs import atomic

#: Images that are kept of each map, and that are looked through before somebody asks for all.
KEPT, FIRST = 10, 2000
_FOLDER, _VERSION = "exciting", 1  # as older versions named it: what they found is still good
_TURN_SECONDS, _KEPT_SCANS = 0.15, 2


class Progress(NamedTuple):
    """Images seen so far, of how many."""

    done: int
    total: int


class TopActivations(NamedTuple):
    """For each of K maps or units the images that it answers to most, strongest first; shapes (K, n)."""

    images: NDArray[np.int32]  # positions among all stored training images
    values: NDArray[np.float32]
    places: NDArray[np.int32]  # of the largest value in the map, row by row; 0 for a unit

    @classmethod
    def nothing(cls, depth: int) -> TopActivations:
        """Before the first image."""
        none = np.zeros((depth, 0), np.int32)
        return cls(none, none.astype(np.float32), none)

    def joined(
        self, images: NDArray[np.integer], values: NDArray[np.floating], places: NDArray[np.integer]
    ) -> TopActivations:
        """With further images taken in; of equal values the earlier image stays in front.

        Args:
            images: shape (N,).
            values, places: shape (N, K).
        """
        if self.values.shape[1] < KEPT:
            return self._sorted_with(images, values.T, places.T)
        better = np.flatnonzero(values.max(axis=0) > self.values[:, -1])
        if not len(better):
            return self
        some = TopActivations(self.images[better], self.values[better], self.places[better])
        new = some._sorted_with(images, values.T[better], places.T[better])
        after = TopActivations(self.images.copy(), self.values.copy(), self.places.copy())
        after.images[better], after.values[better], after.places[better] = new
        return after

    def _sorted_with(
        self, images: NDArray[np.integer], values: NDArray[np.floating], places: NDArray[np.integer]
    ) -> TopActivations:
        """As `joined`, all sorted anew; `values` and `places` have shape (K, N)."""
        every = np.concatenate([self.values, values.astype(np.float32)], axis=1)
        order = np.argsort(-every, axis=1, kind="stable")[:, :KEPT]
        numbers = np.broadcast_to(images.astype(np.int32), values.shape)
        pairs = ((self.images, numbers), (self.places, places.astype(np.int32)))
        top, where = (np.take_along_axis(np.concatenate(pair, axis=1), order, axis=1) for pair in pairs)
        return TopActivations(top, np.take_along_axis(every, order, axis=1), where)


class LayerScan(NamedTuple):
    """Ranked by the largest single value of a map, and by the mean of the map."""

    largest: TopActivations
    mean: TopActivations

    @classmethod
    def nothing(cls, depth: int) -> LayerScan:
        """Before the first image."""
        return cls(TopActivations.nothing(depth), TopActivations.nothing(depth))

    def joined(self, images: NDArray[np.integer], outputs: NDArray[np.floating]) -> LayerScan:
        """With the outputs (N, H, W, K) or (N, K) for further images taken in."""
        flat = outputs.reshape(len(outputs), -1, outputs.shape[-1])  # (N, H·W, K)
        places, largest = flat.argmax(axis=1), flat.max(axis=1)
        return LayerScan(
            self.largest.joined(images, largest, places),
            self.mean.joined(images, flat.mean(axis=1, dtype=np.float32), places),
        )


class _Scan(NamedTuple):
    layers: dict[str, LayerScan]
    done: int


_scans: OrderedDict[Path, _Scan] = OrderedDict()


def advance(weights: Weights, count: int, keep: Path) -> Progress:
    """Look through some more of the first `count` training images; keeps the answer when all are seen.

    Args:
        keep: the file to keep it in, from `path`.
    Raises:
        RunError: the run has no weights, or damaged ones.
        DataError: the images are not there.
        StorageError: the cache folder can't be written.
    """
    from cnnviz.inspection.network import BATCH, load, outputs, training_images

    network, images = load(weights), training_images(weights.run)
    total, scan = min(count, len(images)), _scans.pop(keep, _Scan({}, 0))
    end = time.monotonic() + _TURN_SECONDS
    while scan.done < total:
        positions = np.arange(scan.done, min(scan.done + BATCH, total))
        numbers = images.indices[positions]
        layers = {
            name: scan.layers.get(name, LayerScan.nothing(values.shape[-1])).joined(numbers, values)
            for name, values in outputs(network, images.images_at(positions))
        }
        scan = _Scan(layers, int(positions[-1]) + 1)
        if time.monotonic() > end:
            break
    if scan.done < total:
        _scans[keep] = scan
        while len(_scans) > _KEPT_SCANS:
            _scans.popitem(last=False)
    else:
        write(keep, scan.layers)
    return Progress(scan.done, total)


def path(weights: Weights, count: int) -> Path:
    """The file that keeps the answer about the first `count` training images."""
    stamp = "untrained" if weights.untrained else f"{weights.stamp[0]:x}-{weights.stamp[1]:x}"
    return paths.cache_dir() / _FOLDER / f"{weights.run.name}-{stamp}-{count}-v{_VERSION}.npz"


def write(file: Path, layers: dict[str, LayerScan]) -> None:
    """Keep the lists of all layers.

    Raises:
        StorageError: the cache folder can't be written.
    """
    paths.ensure(file.parent)
    arrays = {
        f"{name}.{kind}.{field}": getattr(getattr(scan, kind), field)
        for name, scan in layers.items()
        for kind in LayerScan._fields
        for field in TopActivations._fields
    }
    with atomic.replacing(file) as beside:
        np.savez(beside, allow_pickle=False, **arrays)


def read(file: Path, layer: str) -> LayerScan | None:
    """The lists of one layer; None where they are not kept, or the file is of no use."""
    if not file.exists():
        return None
    try:
        with file.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            largest, mean = (
                TopActivations(*(arrays[f"{layer}.{kind}.{field}"] for field in TopActivations._fields))
                for kind in LayerScan._fields
            )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        forget(file)  # it is only a cache: what is damaged is made again
        return None
    return LayerScan(largest, mean)


def forget(file: Path) -> None:
    """Remove a file that is of no use.

    Raises:
        StorageError: it can't be removed.
    """
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"{file} is damaged and can't be removed ({error.strerror}). Delete it."
        ) from error
