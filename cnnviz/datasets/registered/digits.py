"""Handwritten digits, embedded: scikit-learn's 1 797 images of 8×8, enlarged to 16×16 or 32×32.

The csv file that scikit-learn ships is read without importing scikit-learn, which would cost the
app a second.
"""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry
from cnnviz.datasets.split import quotas, stratified
from cnnviz.errors import DataError

_TEST = 360
_SPLIT_SEED = 0


def _file() -> Path:
    package = find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise DataError(
            "The digits come with scikit-learn, which is missing. Run `pip install scikit-learn`."
        )
    return Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"


def read_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (1797, 8, 8) with values 0 … 16, and labels int64 (1797,).

    Raises:
        DataError: the file is missing or damaged.
    """
    path = _file()
    try:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            table = np.loadtxt(lines, delimiter=",")
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} is missing or damaged ({error}). Install scikit-learn again.") from error
    return table[:, :64].reshape(-1, 8, 8).astype(np.uint8), table[:, 64].astype(np.int64)


def enlarge(images: np.ndarray, size: int) -> np.ndarray:
    """Scale uint8 (N, 8, 8), 0 … 16, to uint8 (N, size, size, 1), 0 … 255, bilinearly."""
    grey = (images.astype(np.float32) * (255 / 16)).astype(np.float32)
    large = [Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR) for image in grey]
    return np.stack([np.asarray(image) for image in large]).round().astype(np.uint8)[..., None]


def _make(size: int) -> Arrays:
    images, labels = read_digits()
    counts = np.bincount(labels, minlength=10)
    test = stratified(labels, quotas(counts, _TEST), np.random.default_rng(_SPLIT_SEED))
    train = np.setdiff1d(np.arange(len(labels)), test)
    large = enlarge(images, size)
    return Arrays(large[train], labels[train], large[test], labels[test])


DATASETS.add(
    "digits",
    DatasetEntry(
        name="digits",
        title="Digits",
        description="Handwritten digits, small enough to train in seconds. 8×8 pixels, enlarged bilinearly; "
        "1,437 training and 360 test images, drawn by class with a fixed seed.",
        source="E. Alpaydin and C. Kaynak 1998, UCI Machine Learning Repository, as shipped by scikit-learn",
        class_names=tuple(str(digit) for digit in range(10)),
        shape=(16, 16, 1),
        n_train=1797 - _TEST,
        n_test=_TEST,
        sizes=(16, 32),
        make=_make,
    ),
    order=10,
)
