"""What a registered data set is, the registry of all of them, and the contract of an entry.

An entry says everything that can be known without reading a pixel: shape, classes, sizes, source.
Its images come from `make` (drawn or embedded) or from official files that `candidates` lists.

An entry is one file; nothing else has to be touched:

    # cnnviz/datasets/registered/grey.py
    import numpy as np
    from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry

    def _make(size: int) -> Arrays:
        rng = np.random.default_rng(0)
        labels = np.arange(1200) % 2
        images = rng.integers(0, 100, (1200, size, size, 1)) + 100 * labels[:, None, None, None]
        return Arrays(*(half for part in (slice(1000), slice(1000, None))
                        for half in (images[part].astype(np.uint8), labels[part])))

    DATASETS.add(
        "grey",
        DatasetEntry(
            name="grey", title="Dark and light", description="Noise, dark or light.", source="drawn here",
            class_names=("dark", "light"), shape=(16, 16, 1), n_train=1000, n_test=200, make=_make,
        ),
    )

What it says is checked when it is registered, and its arrays when they are made or read for the first time.
They are then kept in the cache folder. They are made anew when the file that `make` is written in changes;
where a reader of official files, or what `make` calls in another file, gives other arrays than before, raise
`version`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnviz.datasets.layout import LeftOut
from cnnviz.errors import CnnvizError, DataError, SpecError
from cnnviz.registry import Registry, file_of, raised, shown_path


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
        n_validation: validation images that the data set itself sets aside.
        left_out: of an image folder: files that are not used, with the reason.
        bad_files: of an image folder whose images have been opened: path and reason of each bad one;
            `left_out` counts them by reason.
        subfolders: of an image folder: folders inside those of classes, whose images count for their class.
        problem: why it can't be used (an image folder that lacks something); "" where it can.
        version: to be raised when what is kept in the cache is no longer what would be made or read; a change
            of the file that holds `make` is noticed without it.
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
    n_validation: int = 0
    left_out: tuple[LeftOut, ...] = ()
    bad_files: tuple[tuple[str, str], ...] = ()
    subfolders: tuple[str, ...] = ()
    problem: str = ""
    version: int = 1

    @property
    def offline(self) -> bool:
        """Whether it needs neither files nor a network."""
        return self.make is not None

    @property
    def own_images(self) -> bool:
        """Whether it is a folder of somebody's own images, which are scaled to any size."""
        return self.make is None and self.candidates is None and bool(self.sizes)

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


def _problems(name: str, entry: DatasetEntry) -> Iterator[str]:
    """What is wrong with an entry, before any of its pixels is read."""
    if entry.name != name:
        yield f"it calls itself '{entry.name}'; write the same name twice"
    if not (entry.title and entry.description and entry.source):
        yield "it has no title, description or source, which pages show; write all three"
    height, width, channels = entry.shape
    if height != width or not 8 <= height <= 512 or channels not in (1, 3):
        shown = f"{height}×{width}×{channels}"
        yield f"its images are {shown}; they must be squares of 8 to 512 pixels with 1 or 3 channels"
    if entry.sizes and entry.sizes[0] != height:
        yield f"its first size is {entry.sizes[0]}, but its shape says {height}; begin with the shape's"
    if len(entry.class_names) < 2:
        yield "it has fewer than two classes; name at least two"
    yield from _twice("class", entry.class_names)
    yield from _twice("group of classes", entry.coarse_names)
    if entry.coarse_names or entry.coarse_of:
        groups = set(range(len(entry.coarse_names)))
        if len(entry.coarse_of) != len(entry.class_names) or set(entry.coarse_of) != groups:
            yield "coarse_of must give each class the index of one of coarse_names, and use them all"
    if entry.n_train < len(entry.class_names) or entry.n_test < 1:
        yield "it states fewer training images than classes, or no test image; state how many there are"
    if (entry.make is None) == (entry.candidates is None):
        yield "its images come from `make` or from files that `candidates` lists; give one of the two"
    if entry.candidates is not None and not entry.downloads:
        yield "nothing says where its files come from; list them in `downloads`"


def _twice(what: str, names: Sequence[str]) -> Iterator[str]:
    yield from (f"two of its names of a {what} are '{name}'" for name, n in Counter(names).items() if n > 1)


def problems_of_arrays(entry: DatasetEntry, arrays: Arrays, side: int) -> list[str]:
    """What of a data set's arrays is not as its entry says, a sentence a mistake.

    Args:
        side: of the images, in pixels.
    """
    problems = []
    shape, classes = (side, side, entry.shape[2]), len(entry.class_names)
    for half, images, labels, n in (
        ("training", arrays.train_images, arrays.train_labels, entry.n_train),
        ("test", arrays.test_images, arrays.test_labels, entry.n_test),
    ):
        if images.dtype != np.uint8 or images.shape != (n, *shape):
            problems.append(
                f"its {half} images are {images.dtype} of shape {images.shape}; they must be uint8 of shape "
                f"{(n, *shape)}"
            )
        if labels.dtype.kind not in "iu" or labels.shape != (n,):
            problems.append(
                f"its {half} labels are {labels.dtype} of shape {labels.shape}; they must be whole numbers "
                f"of shape {(n,)}"
            )
        elif n and not (labels.min() >= 0 and labels.max() < classes):
            problems.append(
                f"its {half} labels run from {labels.min()} to {labels.max()}; with {classes} class names "
                f"they must run from 0 to {classes - 1}"
            )
    return problems


def checked_arrays(entry: DatasetEntry, produce: Callable[[], Arrays], side: int) -> Arrays:
    """Make or read a data set's arrays, and refuse what is not as its entry says.

    Returns:
        The arrays, labels as int64.
    Raises:
        DataError: `produce` failed, or its arrays break the contract; says how, and what they must be.
    """
    # What can't be read of official files is the disk's; of what is drawn, whoever wrote `make` can mend it.
    file = file_of(entry.make) if entry.make else ""
    others: tuple[type[Exception], ...] = (CnnvizError, MemoryError, *(() if entry.make else (OSError,)))
    try:
        arrays = produce()
        if not isinstance(arrays, Arrays):
            raise TypeError(f"it gives {type(arrays).__name__}, and no Arrays")
        problems = problems_of_arrays(entry, arrays, side)
    except others:
        raise
    except Exception as error:
        raise DataError(f"{entry.title} can't be made ({raised(error, file)}). {_remedy(file)}") from error
    if problems:
        raise DataError(f"{entry.title} can't be used: {'; '.join(problems)}. {_remedy(file)}")
    return arrays._replace(
        train_labels=arrays.train_labels.astype(np.int64), test_labels=arrays.test_labels.astype(np.int64)
    )


def _remedy(file: str) -> str:
    return f"Mend what registers it in {shown_path(file)}." if file else "Mend what registers it."


DATASETS: Registry[DatasetEntry] = Registry("data set", check=_problems)
