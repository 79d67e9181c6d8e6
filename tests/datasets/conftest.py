"""Small official-looking files and image folders for the tests of data sets."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.datasets.registered.cifar import Layout

Rows = tuple[np.ndarray, np.ndarray]
ImageFolder = Callable[..., Path]


@pytest.fixture
def python_layout() -> Layout:
    """CIFAR-10's python version, with 7 images in each of two training batches and 5 to test."""
    return Layout(
        "cifar-10-batches-py", (("data_batch_1", 7), ("data_batch_2", 7)), (("test_batch", 5),), 10, b"labels"
    )


@pytest.fixture
def binary_layout() -> Layout:
    """The same in the binary version."""
    names = (("data_batch_1.bin", 7), ("data_batch_2.bin", 7))
    return Layout("cifar-10-batches-bin", names, (("test_batch.bin", 5),), 10)


@pytest.fixture
def batches() -> list[Rows]:
    """Rows uint8 (n, 3072) and labels of the three batches of the layouts above."""
    rng = np.random.default_rng(3)
    return [(rng.integers(0, 256, (n, 3072)).astype(np.uint8), rng.integers(0, 10, n)) for n in (7, 7, 5)]


@pytest.fixture
def write_python() -> Callable[..., None]:
    """Write batches as pickled dicts, as the official archive has them."""

    def write(folder: Path, layout: Layout, content: list[Rows], protocol: int = 2) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for path, (rows, labels) in zip(layout.files(folder), content, strict=True):
            batch = {
                b"batch_label": b"x",
                layout.label_key: labels.tolist(),
                b"data": rows,
                b"filenames": [b"a.png"] * len(rows),
            }
            path.write_bytes(pickle.dumps(batch, protocol=protocol))

    return write


@pytest.fixture
def write_binary() -> Callable[..., None]:
    """Write batches as records of label and pixels."""

    def write(folder: Path, layout: Layout, content: list[Rows]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for path, (rows, labels) in zip(layout.files(folder), content, strict=True):
            extra = [labels[:, None].astype(np.uint8)] * layout.label_bytes
            path.write_bytes(np.concatenate([*extra, rows], axis=1).tobytes())

    return write


@pytest.fixture
def image_folder(data_dir: Path) -> ImageFolder:
    """Make an image folder in the data folder: `classes` maps a class's path to its number of images."""

    def make(name: str, classes: dict[str, int], side: int = 12) -> Path:
        for number, (label, count) in enumerate(classes.items()):
            folder = data_dir / name / label
            folder.mkdir(parents=True)
            for index in range(count):
                colour = (40 * number + 10, index % 256, 200)
                Image.new("RGB", (side, side), colour).save(folder / f"{index:04d}.png")
        return data_dir / name

    return make
