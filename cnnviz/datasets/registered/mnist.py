"""MNIST and Fashion-MNIST: 28×28 grey images, from idx files, gzipped or not, or Keras's npz.

An idx file begins with two zero bytes, the type of its values (8: unsigned bytes) and the number of axes;
then the sizes as big-endian 32-bit integers, then the values. Source: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry, Download, Source
from cnnviz.datasets.official import damaged, read_npz, seek

_SHAPE = (28, 28, 1)
_GZIP = b"\x1f\x8b"
_STEMS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def _candidates(npz: str, *, fashion: bool) -> Callable[[Sequence[Path]], list[Source]]:
    names = [(f"{stem}-ubyte.gz", f"{stem}-ubyte", f"{stem}.gz", stem) for stem in _STEMS]

    def lies_in(folders: str) -> bool:
        """The two sets' files are called alike; other sets' in the same format, too."""
        other = any(name in folders for name in ("kmnist", "emnist", "qmnist", "notmnist"))
        return ("fashion" in folders) == fashion and not other

    def find(roots: Sequence[Path]) -> list[Source]:
        sources: list[Source] = []
        for root in roots:
            sources += seek(npz, root, [(npz, npz.replace("-", "_"))], _read_npz)
            sources += seek("idx files", root, names, _read_idx, lies_in)
        return sources

    return find


def _read_npz(files: tuple[Path, ...]) -> Arrays:
    return read_npz(files[0], 60_000, 10_000, _SHAPE, 10)


def _read_idx(files: tuple[Path, ...]) -> Arrays:
    arrays = []
    for path, n in zip(files, (60_000, 60_000, 10_000, 10_000), strict=True):
        if "images" in path.name:
            arrays.append(read_idx(path, (n, 28, 28))[..., None])
        else:
            labels = read_idx(path, (n,)).astype(np.int64)
            if labels.max() > 9:
                raise damaged(path, f"it holds the label {labels.max()}", "labels from 0 to 9")
            arrays.append(labels)
    return Arrays(*arrays)


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read unsigned bytes of exactly this shape.

    Raises:
        DataError: truncated, not an idx file, or of another shape.
    """
    header = 4 + 4 * len(shape)
    length = header + int(np.prod(shape))
    expected = f"an idx file of {' × '.join(f'{n:,}' for n in shape)} unsigned bytes"
    try:
        with path.open("rb") as begin:
            zipped = begin.read(2) == _GZIP  # a browser may have unpacked it, and left its name
        with gzip.open(path, "rb") if zipped else path.open("rb") as file:
            data = file.read(length + 1)  # one more than needed, so that a longer file is noticed
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(path, f"it can't be read ({error})", expected) from error
    if data[:4] != bytes([0, 0, 8, len(shape)]):
        raise damaged(path, f"it begins with {data[:4].hex(' ') or 'nothing'}", expected)
    if len(data) < header:
        raise damaged(path, "it is cut short", expected)
    sizes = tuple(int(n) for n in np.frombuffer(data[4:header], ">u4"))
    if sizes != shape:
        raise damaged(path, f"it holds {' × '.join(f'{n:,}' for n in sizes)} values", expected)
    if len(data) != length:
        raise damaged(path, "it is cut short" if len(data) < length else "it is too long", expected)
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


DATASETS.add(
    "mnist",
    DatasetEntry(
        name="mnist",
        title="MNIST",
        description="Handwritten digits: 60,000 training and 10,000 test images, 28×28, grey.",
        source="Y. LeCun, C. Cortes and C. Burges 1998",
        class_names=tuple(str(digit) for digit in range(10)),
        shape=_SHAPE,
        n_train=60_000,
        n_test=10_000,
        candidates=_candidates("mnist.npz", fashion=False),
        downloads=(
            Download(
                "mnist.npz",
                f"{_KERAS}mnist.npz",
                11_490_434,
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
    ),
    order=30,
)


DATASETS.add(
    "fashion-mnist",
    DatasetEntry(
        name="fashion-mnist",
        title="Fashion-MNIST",
        description="Clothes, in MNIST's format: 60,000 training and 10,000 test images, 28×28, grey.",
        source="H. Xiao, K. Rasul and R. Vollgraf 2017, arXiv:1708.07747",
        class_names=(
            *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
            *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
        ),
        shape=_SHAPE,
        n_train=60_000,
        n_test=10_000,
        candidates=_candidates("fashion-mnist.npz", fashion=True),
        downloads=tuple(
            Download(f"fashion-mnist/{stem}-ubyte.gz", f"{_KERAS}{stem}-ubyte.gz", size)
            for stem, size in zip(_STEMS, (26_421_880, 29_515, 4_422_102, 5_148), strict=True)
        ),
    ),
    order=40,
)
