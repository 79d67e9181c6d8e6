"""Official files in all their layouts, and what is said when one is wrong or cut short."""

from __future__ import annotations

import gzip
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnnviz.datasets.official import read_npz
from cnnviz.datasets.registered.cifar import (
    CIFAR100,
    CIFAR100_GROUP_OF,
    CIFAR100_GROUPS,
    Layout,
    look_into,
    read_archive,
    read_files,
)
from cnnviz.datasets.registered.mnist import read_idx
from cnnviz.errors import DataError

Rows = tuple[np.ndarray, np.ndarray]
Write = Callable[..., None]


# The official order of coarse labels by fine label, as in the meta file of the python version.
OFFICIAL_COARSE = """
    4 1 14 8 0 6 7 7 18 3 3 14 9 18 7 11 3 9 7 11 6 11 5 10 7
    6 13 15 3 15 0 11 1 10 12 14 16 9 11 5 5 19 8 8 15 13 14 17 18 10
    16 4 17 4 2 0 17 4 18 17 10 3 2 12 12 16 12 1 9 19 2 10 0 1 16
    12 9 13 15 13 16 19 2 4 6 19 5 5 8 19 18 1 2 15 6 0 17 8 14 13
"""


def test_cifar100_has_its_official_groups() -> None:
    assert list(CIFAR100_GROUP_OF) == [int(group) for group in OFFICIAL_COARSE.split()]
    assert len(set(CIFAR100)) == 100
    assert len(CIFAR100_GROUPS) == 20
    assert (CIFAR100[0], CIFAR100[53], CIFAR100[99]) == ("apple", "orange", "worm")


def _expected(content: list[Rows]) -> tuple[np.ndarray, np.ndarray]:
    """Independent of the reader: pixel by pixel from the planes."""
    rows = np.concatenate([r for r, _ in content])
    images = np.empty((len(rows), 32, 32, 3), np.uint8)
    for channel in range(3):
        for y in range(32):
            start = 1024 * channel + 32 * y
            images[:, y, :, channel] = rows[:, start : start + 32]
    return images, np.concatenate([labels for _, labels in content])


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_python_batches_of_every_protocol_are_read(
    tmp_path: Path, python_layout: Layout, batches: list[Rows], write_python: Write, protocol: int
) -> None:
    write_python(tmp_path, python_layout, batches, protocol)
    found = read_files(python_layout.files(tmp_path), python_layout)
    images, labels = _expected(batches)
    assert np.array_equal(np.concatenate([found.train_images, found.test_images]), images)
    assert np.array_equal(np.concatenate([found.train_labels, found.test_labels]), labels)
    assert len(found.test_images) == 5


def test_binary_batches_are_read(
    tmp_path: Path, binary_layout: Layout, batches: list[Rows], write_binary: Write
) -> None:
    write_binary(tmp_path, binary_layout, batches)
    found = read_files(binary_layout.files(tmp_path), binary_layout)
    images, labels = _expected(batches)
    assert np.array_equal(found.train_images, images[:14])
    assert np.array_equal(found.test_labels, labels[14:])


def test_the_second_label_byte_of_cifar100_is_the_fine_one(tmp_path: Path) -> None:
    layout = Layout("cifar-100-binary", (("train.bin", 2),), (("test.bin", 1),), 100, label_bytes=2)
    pixels = bytes(3072)
    (tmp_path / "train.bin").write_bytes(bytes([4, 0]) + pixels + bytes([13, 99]) + pixels)
    (tmp_path / "test.bin").write_bytes(bytes([10, 53]) + pixels)
    found = read_files(layout.files(tmp_path), layout)
    assert found.train_labels.tolist() == [0, 99]
    assert found.test_labels.tolist() == [53]


@pytest.fixture
def archive(tmp_path: Path, python_layout: Layout, batches: list[Rows], write_python: Write) -> Path:
    """The python version as .tar.gz, in its official folder."""
    write_python(tmp_path / python_layout.folder, python_layout, batches)
    path = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tmp_path / python_layout.folder, arcname=python_layout.folder)
    return path


def test_the_archive_is_read_without_being_extracted(
    archive: Path, python_layout: Layout, batches: list[Rows]
) -> None:
    found = read_archive((archive,), python_layout)
    assert np.array_equal(found.train_images, _expected(batches)[0][:14])


def test_the_files_can_be_looked_into_as_they_are(
    tmp_path: Path, archive: Path, python_layout: Layout, batches: list[Rows]
) -> None:
    """Extracted or not: keys, rows and labels of every file, before anything is made of them."""
    folder = python_layout.files(tmp_path / python_layout.folder)
    for files in ((archive,), folder):
        found = look_into(files, python_layout)
        assert [batch.name for batch in found] == [path.name for path in folder]
        for batch, (rows, labels) in zip(found, batches, strict=True):
            assert np.array_equal(batch.rows, rows)
            assert np.array_equal(batch.labels, labels)
            assert batch.held["data"] == f"uint8, {len(rows)} × 3072"
            assert batch.held["labels"] == f"{len(rows)} whole numbers"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_named(archive: Path, python_layout: Layout, share: float) -> None:
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * share)])
    with pytest.raises(DataError, match=r"cifar-10-python\.tar\.gz can't be used: .*Remove or replace"):
        read_archive((archive,), python_layout)


def test_an_archive_of_something_else_is_named(tmp_path: Path, python_layout: Layout) -> None:
    path = tmp_path / "cifar-10-python.tar.gz"
    (tmp_path / "readme.txt").write_text("nothing")
    with tarfile.open(path, "w:gz") as tar:
        tar.add(tmp_path / "readme.txt", arcname="readme.txt")
    with pytest.raises(DataError, match="it lacks data_batch_1, data_batch_2, test_batch"):
        read_archive((path,), python_layout)


@pytest.mark.parametrize("change", ["short", "long", "empty"])
def test_a_binary_file_of_another_length_is_named(
    tmp_path: Path, binary_layout: Layout, batches: list[Rows], write_binary: Write, change: str
) -> None:
    write_binary(tmp_path, binary_layout, batches)
    path = tmp_path / "data_batch_2.bin"
    data = path.read_bytes()
    path.write_bytes({"short": data[:-1], "long": data + b"x", "empty": b""}[change])
    with pytest.raises(DataError, match=r"data_batch_2\.bin .*7 records of 3,073 bytes: 21,511"):
        read_files(binary_layout.files(tmp_path), binary_layout)


def test_a_label_out_of_range_is_named(
    tmp_path: Path, binary_layout: Layout, batches: list[Rows], write_binary: Write
) -> None:
    batches[0][1][3] = 10
    write_binary(tmp_path, binary_layout, batches)
    with pytest.raises(DataError, match=r"data_batch_1\.bin can't be used: its labels run from 0 to 10"):
        read_files(binary_layout.files(tmp_path), binary_layout)


@pytest.mark.parametrize(
    "batch",
    [
        [1, 2],
        {b"data": None, b"labels": [1] * 7},
        {b"data": np.zeros((7, 3071), np.uint8), b"labels": [1] * 7},
        {b"data": np.zeros((7, 3072), np.float32), b"labels": [1] * 7},
        {b"data": np.zeros((7, 3072), np.uint8), b"labels": [1] * 6},
        {b"data": np.zeros((7, 3072), np.uint8), b"labels": [b"a"] * 7},
        {},
    ],
)
def test_a_batch_with_other_content_is_named(
    tmp_path: Path, python_layout: Layout, batches: list[Rows], write_python: Write, batch: object
) -> None:
    write_python(tmp_path, python_layout, batches)
    (tmp_path / "data_batch_2").write_bytes(pickle.dumps(batch, protocol=2))
    with pytest.raises(DataError, match="data_batch_2 can't be used"):
        read_files(python_layout.files(tmp_path), python_layout)


def _idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_are_read_plain_and_gzipped(tmp_path: Path, suffix: str) -> None:
    array = np.random.default_rng(0).integers(0, 256, (5, 4, 3)).astype(np.uint8)
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    path.write_bytes(gzip.compress(_idx(array)) if suffix else _idx(array))
    assert np.array_equal(read_idx(path, (5, 4, 3)), array)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it begins with nothing"),
        (b"PK\x03\x04" + bytes(40), "it begins with 50 4b 03 04"),
        (_idx(np.zeros((4, 4, 3), np.uint8)), "it holds 4 × 4 × 3 values"),
        (_idx(np.zeros((5, 4, 3), np.uint8))[:-1], "it is cut short"),
        (_idx(np.zeros((5, 4, 3), np.uint8)) + b"x", "it is too long"),
        (bytes([0, 0, 8, 3, 0]), "it is cut short"),
    ],
)
def test_wrong_idx_files_are_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"t10k-images-idx3-ubyte can't be used: {message}"):
        read_idx(path, (5, 4, 3))


def test_a_broken_gzip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(
        gzip.compress(_idx(np.random.default_rng(0).integers(0, 10, 900).astype(np.uint8)))[:-20]
    )
    with pytest.raises(DataError, match="can't be read"):
        read_idx(path, (900,))


def _npz(path: Path, **changes: np.ndarray | None) -> Path:
    arrays: dict[str, np.ndarray | None] = {
        "x_train": np.zeros((6, 4, 4), np.uint8),
        "y_train": np.arange(6),
        "x_test": np.ones((3, 4, 4), np.uint8),
        "y_test": np.arange(3),
        **changes,
    }
    np.savez(path, allow_pickle=True, **{key: value for key, value in arrays.items() if value is not None})
    return path


def test_npz_gets_its_channel_axis_and_flat_labels(tmp_path: Path) -> None:
    path = _npz(tmp_path / "x.npz", y_train=np.arange(6)[:, None])
    found = read_npz(path, 6, 3, (4, 4, 1), 10)
    assert found.train_images.shape == (6, 4, 4, 1)
    assert found.train_labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.test_images.max() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "lacks the array y_test; there are: x_train"),
        ({"x_train": np.zeros((6, 4, 4))}, "float64"),
        ({"x_train": np.zeros((6, 5, 4), np.uint8)}, r"\(6, 5, 4, 1\)"),
        ({"y_train": np.arange(5)}, "6, 5, 3, 3"),
        ({"y_train": np.arange(5, 11)}, "5 to 10"),
        ({"y_train": np.array(["a"] * 6)}, "labels are"),
        ({"y_train": np.array([{}] * 6, object)}, "no complete npz"),
    ],
)
def test_wrong_npz_files_are_named(
    tmp_path: Path, changes: dict[str, np.ndarray | None], message: str
) -> None:
    path = _npz(tmp_path / "mnist.npz", **changes)
    with pytest.raises(DataError, match=rf"mnist\.npz can't be used: .*{message}"):
        read_npz(path, 6, 3, (4, 4, 1), 10)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.95])
def test_a_truncated_npz_is_named(tmp_path: Path, share: float) -> None:
    path = _npz(tmp_path / "mnist.npz")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(DataError, match=r"mnist\.npz can't be used"):
        read_npz(path, 6, 3, (4, 4, 1), 10)
