"""Facts, Split and Dataset: what the rest of cnnviz sees of a data set.

Images are always uint8 of shape (N, H, W, C), grey ones with C = 1; labels int64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.specs import DatasetSpec


@dataclass(frozen=True)
class Facts:
    """What is known about a data set without its pixels. Counts of images are those a run sees."""

    input_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    n_train: int
    n_validation: int
    n_test: int
    n_train_full: int
    n_test_full: int

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)


class Split:
    """Some images of a stored array, in the stored order.

    Attributes:
        labels: int64, shape (N,), read-only.
        indices: int64, shape (N,), read-only: positions in the whole stored array.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, indices: np.ndarray | None = None) -> None:
        self._stored = images
        self.indices = np.arange(len(labels)) if indices is None else np.array(indices, dtype=np.int64)
        self.labels = np.array(labels if indices is None else labels[self.indices], dtype=np.int64)
        self.indices.flags.writeable = self.labels.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of one image."""
        height, width, channels = self._stored.shape[1:]
        return int(height), int(width), int(channels)

    @property
    def images(self) -> np.ndarray:
        """All images, uint8 (N, H, W, C): read-only map where the split is whole, else a fresh copy."""
        if len(self) == len(self._stored):
            return self._stored
        return self._stored[self.indices]

    def images_at(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """The images at `positions` of this split, uint8 (n, H, W, C); only these are read.

        Raises:
            IndexError: a position is outside 0 … len - 1.
        """
        wanted = np.asarray(positions, dtype=np.int64).reshape(-1)
        if wanted.size and not (wanted.min() >= 0 and wanted.max() < len(self)):
            raise IndexError(f"positions must be within 0 … {len(self) - 1}; received {positions!r}")
        return self._stored[self.indices[wanted]]


@dataclass(frozen=True)
class Dataset:
    """A loaded data set: the parts that a run sees, and the whole.

    Attributes:
        fingerprint: names the files or the generator that the images came from.
        origin: the same in words ("mnist.npz in /data", "drawn by cnnviz").
    """

    spec: DatasetSpec
    facts: Facts
    train: Split
    validation: Split
    test: Split
    full_train: Split
    full_test: Split
    fingerprint: str
    origin: str

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, by label."""
        return self.facts.class_names

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of one image."""
        return self.facts.input_shape
