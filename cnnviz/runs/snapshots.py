"""Snapshots of a run, as training left them: what the network was like after each epoch.

snapshots/probes.npz      images uint8 (P, H, W, C), labels (P,), indices (P,) into the data set,
                          from_training bool (): whether `confusion` is of training images, for want of others
snapshots/epoch-0000.npz  before training; then after each epoch (at most about 60, evenly spread):
    probabilities  float16 (P, classes)
    kernels        float16 (k, k, C, F), of the first convolution
    map_<layer>    float16 (≤ 96, ≤ 96, ≤ 16): of each convolution's output for the first probe the first
                   channels; of larger maps every n-th row and column
    confusion      int32 (classes, classes), rows true: of the validation images; not above 200 classes
    silent_<layer> bool (units,): which maps or units of a layer with ReLU were 0 for all these images
    counts_<layer>_<kind>   int32 (bins,), kind "kernel" or "bias": how its values are distributed
    edges_<layer>_<kind>    float32 (bins + 1,)
    moments_<layer>_<kind>  float32 (2,): mean and standard deviation

Files are complete or absent. Runs trained by earlier versions have the first three kinds only. Whatever
is damaged, too large or does not fit the probes is left out, with a message.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.errors import RunError

PROBES = "probes.npz"
#: A file may claim so much memory, and no more.
MOST_BYTES = 256 * 2**20
KINDS = ("kernel", "bias")
Arrays = Mapping[str, NDArray[Any]]


class Probes(NamedTuple):
    """The fixed images that every snapshot answers to."""

    images: NDArray[np.uint8]  # (P, H, W, C)
    labels: NDArray[np.int64]  # (P,)
    indices: NDArray[np.int64]  # (P,)
    from_training: bool  # whether the confusion matrices are of training images


class Histogram(NamedTuple):
    """How the weights (or the biases) of one layer were distributed."""

    layer: str
    kind: str  # "kernel" or "bias"
    counts: NDArray[np.int64]  # (bins,)
    edges: NDArray[np.float64]  # (bins + 1,)
    mean: float
    deviation: float
    n: int


class Snapshot(NamedTuple):
    """One epoch; what the file lacks is None or empty."""

    epoch: int  # 0: before training
    probabilities: NDArray[np.float32]  # (P, classes)
    kernels: NDArray[np.float32] | None  # (k, k, C, F)
    maps: dict[str, NDArray[np.float32]]  # (h, w, ≤ 16) by layer
    confusion: NDArray[np.int64] | None  # (classes, classes), rows true
    dead: dict[str, NDArray[np.bool_]]  # (units,) by layer
    histograms: tuple[Histogram, ...]


def files(folder: Path) -> list[Path]:
    """The epochs' files, oldest first; none where there is no folder."""
    paths = folder.glob("epoch-[0-9][0-9][0-9][0-9]*.npz")
    return sorted((path for path in paths if path.stem[6:].isdigit()), key=lambda path: int(path.stem[6:]))


def read_probes(folder: Path) -> Probes:
    """The fixed images.

    Raises:
        RunError: they are missing, damaged or of no image's shape.
    """
    path = folder / PROBES
    arrays = _arrays(path)
    try:
        images, labels, indices = arrays["images"], arrays["labels"], arrays["indices"]
    except KeyError as error:
        raise _damaged(path, f"{error} is missing") from error
    count = len(labels) if labels.ndim == 1 else -1
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
        raise _damaged(path, f"its images are {images.dtype} {images.shape}")
    if len(images) != count or indices.shape != (count,):
        raise _damaged(path, "images, labels and indices differ in number")
    from_training = bool(arrays.get("from_training", False))
    return Probes(images, labels.astype(np.int64), indices.astype(np.int64), from_training)


def read(path: Path, probes: int) -> Snapshot:
    """One epoch's file.

    Args:
        probes: how many images there are.
    Raises:
        RunError: it is damaged, claims too much memory, or its shapes don't fit.
    """
    arrays = _arrays(path)
    try:
        epoch = int(path.stem.removeprefix("epoch-"))
        snapshot = _snapshot(epoch, arrays)
    except (KeyError, ValueError, IndexError) as error:
        raise _damaged(path, str(error)) from error
    _check(path, snapshot, probes)
    return snapshot


def read_confusion(path: Path) -> NDArray[np.int64] | None:
    """The confusion matrix alone, int (classes, classes), rows true: a fraction of the file.

    Returns:
        None where the file has none: it is of an earlier version, or there are more than 200 classes.
    Raises:
        RunError: it is damaged, or no square of counts.
    """
    matrix = _arrays(path, ("confusion",)).get("confusion")
    if matrix is None:
        return None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.dtype.kind not in "iu":
        raise _damaged(path, f"its confusion matrix is {matrix.dtype} {matrix.shape}")
    if (matrix < 0).any():
        raise _damaged(path, "its confusion matrix has numbers below 0")
    return matrix.astype(np.int64)


def _arrays(path: Path, names: Collection[str] | None = None) -> Arrays:
    """All arrays of a file, or those of these names that it has."""
    try:
        # A file of our own: numpy leaves one that it opened open when the content is damaged.
        with path.open("rb") as raw:
            with zipfile.ZipFile(raw) as archive:
                claimed = sum(member.file_size for member in archive.infolist())
            if claimed > MOST_BYTES:
                raise _damaged(path, f"it claims {claimed:,} bytes")
            raw.seek(0)
            with np.load(raw, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files if names is None or name in names}
    except RunError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise half a dozen kinds for a damaged file
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> RunError:
    return RunError(f"The snapshot {path.name} can't be read ({why}); it is left out.")


def _snapshot(epoch: int, arrays: Arrays) -> Snapshot:
    floats = {name: value.astype(np.float32) for name, value in arrays.items() if value.dtype == np.float16}
    dead = {name[7:]: value for name, value in arrays.items() if name.startswith("silent_")}
    confusion = arrays.get("confusion")
    return Snapshot(
        epoch,
        floats["probabilities"],
        floats.get("kernels"),
        {name[4:]: value for name, value in floats.items() if name.startswith("map_")},
        None if confusion is None else confusion.astype(np.int64),
        dead,
        tuple(_histogram(name[7:], arrays) for name in arrays if name.startswith("counts_")),
    )


def _histogram(name: str, arrays: Arrays) -> Histogram:
    layer, _, kind = name.rpartition("_")
    counts, edges = arrays[f"counts_{name}"], arrays[f"edges_{name}"]
    mean, deviation = (float(value) for value in arrays[f"moments_{name}"])
    if kind not in KINDS or counts.ndim != 1 or edges.shape != (len(counts) + 1,):
        raise ValueError(f"counts_{name} has no matching edges")
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise ValueError(f"edges_{name} don't grow")
    whole = counts.astype(np.int64)
    return Histogram(layer, kind, whole, edges.astype(np.float64), mean, deviation, int(whole.sum()))


def _check(path: Path, snapshot: Snapshot, probes: int) -> None:
    probabilities, kernels, confusion = snapshot.probabilities, snapshot.kernels, snapshot.confusion
    if probabilities.ndim != 2 or len(probabilities) != probes:
        raise _damaged(path, f"it answers to {probabilities.shape} in place of {probes} images")
    classes = probabilities.shape[1]
    if confusion is not None and (confusion.shape != (classes, classes) or (confusion < 0).any()):
        raise _damaged(path, f"its confusion matrix is {confusion.shape} for {classes} classes")
    if kernels is not None and (kernels.ndim != 4 or kernels.shape[0] != kernels.shape[1]):
        raise _damaged(path, f"its kernels are {kernels.shape}")
    if any(values.ndim != 3 for values in snapshot.maps.values()):
        raise _damaged(path, "a feature map has no height, width and channels")
    if any(values.ndim != 1 or values.dtype != np.bool_ for values in snapshot.dead.values()):
        raise _damaged(path, "its list of dead units is none")
