"""Where official files are found, in which order, and what is said where only a part is there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.datasets.official import find_source, keras_dir
from cnnviz.datasets.registered.cifar import CIFAR10_BINARY, CIFAR10_PYTHON
from cnnviz.errors import DataError, DataMissingError
from cnnviz.specs import DatasetSpec

IDX = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


@pytest.fixture(autouse=True)
def keras_home(tmp_path: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of Keras and an empty cache, so that no test sees another's data."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def title(name: str) -> str | None:
    source = find_source(datasets.DATASETS.get(name))
    return source.title if source else None


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("mnist", ["mnist.npz"]),
        ("mnist", [f"mnist/{stem}" for stem in IDX]),
        ("mnist", [f"MNIST/raw/{stem}" for stem in IDX]),
        ("mnist", [f"{stem}.gz" for stem in IDX]),
        ("mnist", [stem.replace("-idx", ".idx") for stem in IDX]),
        ("fashion-mnist", [f"FashionMNIST/raw/{stem}.gz" for stem in IDX]),
        ("fashion-mnist", [f"fashion-mnist/{stem}.gz" for stem in IDX]),
        ("fashion-mnist", ["fashion-mnist.npz"]),
        ("cifar10", ["cifar-10-python.tar.gz"]),
        ("cifar10", ["cifar-10-binary.tar.gz"]),
        ("cifar10", ["cifar10.npz"]),
        ("cifar10", [f"cifar-10-batches-py/{path.name}" for path in CIFAR10_PYTHON.files(Path())]),
        ("cifar10", [f"cifar10/cifar-10-batches-bin/{path.name}" for path in CIFAR10_BINARY.files(Path())]),
        ("cifar100", ["cifar-100-python/train", "cifar-100-python/test"]),
        ("cifar100", ["cifar-100-binary.tar.gz"]),
        # As mirrors, browsers and Keras 2 leave them.
        ("mnist", ["downloads/mnist (1).npz"]),
        ("mnist", [f"{stem}/{stem}" for stem in IDX]),
        ("mnist", [f"archive/mnist/{stem.replace('-idx', '.idx')}.gz" for stem in IDX]),
        ("mnist", [f"Train/{stem} (2).gz" for stem in IDX]),
        ("fashion-mnist", [f"data/Fashion_MNIST/{stem.replace('-idx', '.idx')}" for stem in IDX]),
        ("cifar10", ["cifar-10-python (1).tar.gz"]),
        ("cifar10", ["Downloads/old/cifar-10-python.tar"]),
        ("cifar10", ["cifar-10-batches-py.tar.gz"]),
        ("cifar10", [f"kaggle/cifar-10-batches-py/{path.name}" for path in CIFAR10_PYTHON.files(Path())]),
        ("cifar10", [f"cifar (copy)/{path.name}" for path in CIFAR10_BINARY.files(Path())]),
        ("cifar100", ["data/CIFAR 100/train", "data/CIFAR 100/test"]),
        ("cifar100", ["cifar-100-python (3).tgz"]),
    ],
)
def test_official_files_are_found_in_the_data_folder(data_dir: Path, name: str, files: list[str]) -> None:
    assert title(name) is None
    assert datasets.availability(name) == "download"
    touch(*(data_dir / file for file in files))
    assert title(name)
    assert datasets.availability(name) == "ready"
    assert {other for other in ("mnist", "fashion-mnist", "cifar10", "cifar100") if title(other)} == {name}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("mnist", ["mnist.npz"]),
        ("fashion-mnist", [f"fashion-mnist/{stem}.gz" for stem in IDX]),
        ("cifar10", ["cifar-10-batches-py-target_archive"]),
        ("cifar100", ["cifar-100-python-target_archive"]),
        ("cifar100", [f"cifar-100-python-target/cifar-100-python/{half}" for half in ("train", "test")]),
    ],
)
def test_kerass_own_cache_is_found_and_left_alone(
    data_dir: Path, keras_home: Path, name: str, files: list[str]
) -> None:
    touch(*(keras_home / file for file in files))
    assert str(keras_home) in str(title(name))
    with pytest.raises(DataError, match="can't be used"):  # an "x" is no archive
        datasets.load(DatasetSpec(name=name))
    assert all((keras_home / file).read_bytes() == b"x" for file in files)


def test_the_data_folder_comes_before_kerass_cache(data_dir: Path, keras_home: Path) -> None:
    touch(data_dir / "mnist.npz", keras_home / "mnist.npz")
    assert str(data_dir) in str(title("mnist"))


def test_kerass_home_is_the_users_folder_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_HOME")
    assert keras_dir() == Path("~/.keras/datasets").expanduser()


def test_an_incomplete_set_names_what_is_missing(data_dir: Path) -> None:
    touch(*CIFAR10_BINARY.files(data_dir / "cifar-10-batches-bin"))
    (data_dir / "cifar-10-batches-bin" / "data_batch_3.bin").unlink()
    assert datasets.availability("cifar10") == "download"
    with pytest.raises(
        DataError, match=r"CIFAR-10 is incomplete in .*cifar-10-batches-bin: data_batch_3\.bin missing"
    ):
        datasets.load(DatasetSpec(name="cifar10"))


def test_a_complete_source_is_taken_before_an_incomplete_one(data_dir: Path) -> None:
    touch(data_dir / "cifar-10-batches-py" / "test_batch", data_dir / "cifar-10-binary.tar.gz")
    assert "cifar-10-binary.tar.gz" in str(title("cifar10"))


def test_other_sets_of_the_same_format_and_folders_of_images_are_not_taken_for_them(data_dir: Path) -> None:
    touch(*(data_dir / f"KMNIST/raw/{stem}.gz" for stem in IDX))
    touch(*(data_dir / f"pets/train/cat/{index}.png" for index in range(3)))
    touch(
        data_dir / "pets/test", data_dir / "wide/mnist.npz", *(data_dir / f"wide/{i}.bin" for i in range(250))
    )
    assert [title(name) for name in ("mnist", "fashion-mnist", "cifar10", "cifar100")] == [None] * 4


@pytest.mark.parametrize(
    "file", ["cifar-10-python.zip", "x/cifar-10-python.tar.gz.part", "CIFAR10-python.tar.gz"]
)
def test_a_file_that_is_nearly_called_so_is_named(data_dir: Path, file: str) -> None:
    touch(data_dir / file)
    with pytest.raises(DataMissingError, match=f"There is .*{re.escape(file)}; if it is that, rename it to "):
        datasets.load(DatasetSpec(name="cifar10"))


def test_arrays_by_other_names_are_named(data_dir: Path) -> None:
    np.savez(data_dir / "mnist.npz", train_images=np.zeros(1), test_images=np.zeros(1))
    with pytest.raises(DataError, match="lacks the array x_train; there are: train_images, test_images"):
        datasets.load(DatasetSpec(name="mnist"))


def test_a_missing_set_names_the_file_its_size_and_the_place(data_dir: Path) -> None:
    with pytest.raises(DataMissingError) as error:
        datasets.load(DatasetSpec(name="cifar100"))
    for part in (
        "cifar-100-python.tar.gz",
        "169 MB",
        str(data_dir),
        "https://www.cs.toronto.edu/~kriz/",
        "cnnviz fetch cifar100",
    ):
        assert part in str(error.value)


@pytest.fixture
def tiny_mnist(data_dir: Path, cache_dir: Path) -> Callable[[int], Path]:
    """Write a whole mnist.npz whose images all have one grey level."""

    def write(level: int) -> Path:
        path = data_dir / "mnist.npz"
        arrays = {
            half: (np.full((n, 28, 28), level, np.uint8), np.arange(n, dtype=np.uint8) % 10)
            for half, n in (("train", 60_000), ("test", 10_000))
        }
        np.savez_compressed(
            path,
            x_train=arrays["train"][0],
            y_train=arrays["train"][1],
            x_test=arrays["test"][0],
            y_test=arrays["test"][1],
        )
        return path

    return write


def test_replaced_files_are_read_anew_and_deleted_ones_stay_usable(tiny_mnist: Callable[[int], Path]) -> None:
    path = tiny_mnist(7)
    first, stamp = datasets.load(DatasetSpec(name="mnist")), datasets.stamp(DatasetSpec(name="mnist"))
    assert first.full_train.images_at([0]).max() == 7
    tiny_mnist(9)
    os.utime(path, ns=(1, 1))
    second = datasets.load(DatasetSpec(name="mnist"))
    assert second.full_train.images_at([0]).max() == 9
    assert first.fingerprint != second.fingerprint
    assert datasets.stamp(DatasetSpec(name="mnist")) != stamp
    path.unlink()
    assert datasets.availability("mnist") == "ready"
    assert datasets.load(DatasetSpec(name="mnist")).full_test.images_at([0]).max() in (7, 9)
