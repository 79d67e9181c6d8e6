"""What a registered data set is, and the registry of all of them.

An entry says everything that can be known without reading a pixel: shape, classes, sizes, source.
Its images come from `make` (drawn or embedded) or from official files that `candidates` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnviz.errors import SpecError
from cnnviz.registry import Registry


class Arrays(NamedTuple):
    """A whole data set. Images uint8 of shape (N, H, W, C), labels int64 of shape (N,)."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


@dataclass(frozen=True)
class Source:
    """One way in which the official files may lie on this machine; they need not exist."""

    title: str
    files: tuple[Path, ...]
    read: Callable[[tuple[Path, ...]], Arrays]


@dataclass(frozen=True)
class Download:
    """One official file: where it comes from, its size and its SHA-256 (empty: none is published)."""

    file: str  # relative to the data folder
    url: str
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class DatasetEntry:
    """A data set, without its pixels.

    Attributes:
        shape: (H, W, C) of an image; with `sizes`, the shape at the first of them.
        sizes: sides in pixels that `DatasetSpec.size` may choose from; () where it is fixed.
        coarse_of: for each class its group, an index into `coarse_names`; () without groups.
        problem: why it can't be used (an image folder that lacks something); "" where it can.
        version: to be raised when `make` or a reader gives other arrays than before.
    """

    name: str
    title: str
    description: str
    source: str
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    n_train: int
    n_test: int
    sizes: tuple[int, ...] = ()
    coarse_names: tuple[str, ...] = ()
    coarse_of: tuple[int, ...] = ()
    make: Callable[[int], Arrays] | None = None
    candidates: Callable[[Sequence[Path]], list[Source]] | None = None
    downloads: tuple[Download, ...] = field(default=())
    problem: str = ""
    version: int = 1

    @property
    def offline(self) -> bool:
        """Whether it needs neither files nor a network."""
        return self.make is not None

    @property
    def has_coarse(self) -> bool:
        """Whether the classes are grouped (`DatasetSpec.labels = "coarse"`)."""
        return bool(self.coarse_names)

    @property
    def download_size(self) -> int:
        """Bytes to be fetched, 0 where nothing has to be."""
        return sum(download.size for download in self.downloads)

    def side(self, size: int | None) -> int:
        """Side of the images in pixels for `DatasetSpec.size`.

        Raises:
            SpecError: this data set has no images of that size.
        """
        allowed = self.sizes or (self.shape[0],)
        if size is None:
            return allowed[0]
        if size not in allowed:
            choice = " or ".join(f"{side}" for side in allowed)
            raise SpecError(f"{self.title} has no images of {size}×{size} pixels. Set size to {choice}.")
        return size


DATASETS: Registry[DatasetEntry] = Registry("data set")
