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
from cnnviz.datasets.official import damaged, read_npz

_SHAPE = (28, 28, 1)
_STEMS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def _candidates(folders: tuple[str, ...], npz: tuple[str, ...]) -> Callable[[Sequence[Path]], list[Source]]:
    def find(roots: Sequence[Path]) -> list[Source]:
        sources: list[Source] = []
        for root in roots:
            sources += [Source(f"{name} in {root}", (root / name,), _read_npz) for name in npz]
            sources += [_idx_source(root / folder) for folder in folders]
        return sources

    return find


def _idx_source(folder: Path) -> Source:
    return Source(f"idx files in {folder}", tuple(_variant(folder, stem) for stem in _STEMS), _read_idx)


def _variant(folder: Path, stem: str) -> Path:
    """The file under one of its usual names; the official name where there is none."""
    names = [f"{stem}-ubyte.gz", f"{stem}-ubyte", f"{stem.replace('-idx', '.idx')}-ubyte"]
    return next((path for name in names if (path := folder / name).is_file()), folder / names[0])


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
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
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
        candidates=_candidates(("mnist", "MNIST/raw", "."), ("mnist.npz", "mnist/mnist.npz")),
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
        candidates=_candidates(
            ("fashion-mnist", "FashionMNIST/raw"),
            ("fashion-mnist.npz", "fashion_mnist.npz", "fashion-mnist/fashion-mnist.npz"),
        ),
        downloads=tuple(
            Download(f"fashion-mnist/{stem}-ubyte.gz", f"{_KERAS}{stem}-ubyte.gz", size)
            for stem, size in zip(_STEMS, (26_421_880, 29_515, 4_422_102, 5_148), strict=True)
        ),
    ),
    order=40,
)
