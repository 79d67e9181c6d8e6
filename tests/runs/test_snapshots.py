"""Reading snapshots: whole ones, those of earlier versions, and files that are none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from cnnviz.errors import RunError
from cnnviz.runs import snapshots
from tests.present import present

#: Arrays by name; without those that are None.
Arrays = Mapping[str, np.ndarray | None]


def write(folder: Path, epoch: int = 1, changes: Arrays = MappingProxyType({})) -> Path:
    """A snapshot of two probes, three classes and one layer; None leaves an array out."""
    arrays: dict[str, np.ndarray | None] = {
        "probabilities": np.full((2, 3), 1 / 3, np.float16),
        "kernels": np.zeros((3, 3, 1, 4), np.float16),
        "map_conv1": np.zeros((8, 8, 4), np.float16),
        "confusion": np.eye(3, dtype=np.int32),
        "silent_conv1": np.array([True, False, False, False]),
        "counts_conv1_kernel": np.array([30, 6], np.int32),
        "edges_conv1_kernel": np.array([-1, 0, 1], np.float32),
        "moments_conv1_kernel": np.array([0.1, 0.5], np.float32),
    }
    arrays |= changes
    folder.mkdir(exist_ok=True)
    path = folder / f"epoch-{epoch:04}.npz"
    np.savez(path, allow_pickle=True, **{k: v for k, v in arrays.items() if v is not None})
    return path


def test_a_snapshot_is_read_whole(tmp_path):
    one = snapshots.read(write(tmp_path / "s", 7), 2)
    assert one.epoch == 7
    assert one.probabilities.dtype == np.float32
    assert one.maps["conv1"].shape == (8, 8, 4)
    assert one.dead["conv1"].sum() == 1
    (histogram,) = one.histograms
    assert (histogram.layer, histogram.kind, histogram.n) == ("conv1", "kernel", 36)
    assert histogram.deviation == 0.5


def test_a_snapshot_of_an_earlier_version_has_what_it_has(tmp_path):
    later = ("confusion", "silent_conv1", "counts_conv1_kernel", "edges_conv1_kernel", "moments_conv1_kernel")
    one = snapshots.read(write(tmp_path / "s", changes=dict.fromkeys(later)), 2)
    assert (one.confusion, one.dead, one.histograms) == (None, {}, ())
    assert one.kernels is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"probabilities": np.zeros((3, 3), np.float16)},
        {"probabilities": None},
        {"confusion": np.zeros((2, 2), np.int32)},
        {"confusion": -np.ones((3, 3), np.int32)},
        {"kernels": np.zeros((3, 4, 1, 4), np.float16)},
        {"map_conv1": np.zeros((8, 8), np.float16)},
        {"silent_conv1": np.zeros(4, np.float32)},
        {"edges_conv1_kernel": np.zeros(9, np.float32)},
        {"edges_conv1_kernel": np.array([1, 0, -1], np.float32)},
        {"edges_conv1_kernel": np.array([0, 1, np.nan], np.float32)},
        {"moments_conv1_kernel": None},
        {"map_conv1": np.array([{"pickled": 1}])},
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, changes):
    with pytest.raises(RunError, match=r"epoch-0001.npz can't be read.*left out"):
        snapshots.read(write(tmp_path / "s", changes=changes), 2)


def test_a_cut_file_is_refused(tmp_path):
    path = write(tmp_path / "s")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(RunError, match="can't be read"):
        snapshots.read(path, 2)


def test_a_file_that_claims_too_much_memory_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "MOST_BYTES", 1000)
    with pytest.raises(RunError, match="it claims"):
        snapshots.read(write(tmp_path / "s"), 2)


def test_epochs_are_listed_in_their_order(tmp_path):
    folder = tmp_path / "s"
    for epoch in (10, 2, 12000):
        write(folder, epoch)
    np.savez(folder / "probes.npz", images=np.zeros((2, 4, 4, 1), np.uint8))
    assert [path.stem for path in snapshots.files(folder)] == ["epoch-0002", "epoch-0010", "epoch-12000"]
    assert snapshots.files(tmp_path / "nowhere") == []


def test_probes_are_images_with_labels(tmp_path):
    good = {
        "images": np.zeros((2, 4, 4, 1), np.uint8),
        "labels": np.array([0, 1]),
        "indices": np.array([5, 9]),
    }
    np.savez(tmp_path / "probes.npz", allow_pickle=False, **good)
    assert not snapshots.read_probes(tmp_path).from_training
    np.savez(tmp_path / "probes.npz", allow_pickle=False, **good, from_training=np.array(True))
    assert snapshots.read_probes(tmp_path).from_training
    for change in ({"images": np.zeros((2, 4, 4, 1))}, {"labels": np.array([0])}, {"indices": np.array([1])}):
        np.savez(tmp_path / "probes.npz", **(good | change))
        with pytest.raises(RunError):
            snapshots.read_probes(tmp_path)
    (tmp_path / "probes.npz").unlink()
    with pytest.raises(RunError):
        snapshots.read_probes(tmp_path)


def test_the_confusion_matrix_alone_is_what_the_whole_file_has(tmp_path):
    path = write(tmp_path / "s")
    alone, whole = snapshots.read_confusion(path), snapshots.read(path, 2).confusion
    assert np.array_equal(present(alone), present(whole))
    assert snapshots.read_confusion(write(tmp_path / "t", changes={"confusion": None})) is None


@pytest.mark.parametrize("matrix", [np.zeros((2, 3), np.int32), -np.ones((3, 3), np.int32), np.eye(3) / 2])
def test_a_matrix_that_counts_nothing_is_refused(tmp_path, matrix):
    with pytest.raises(RunError, match="its confusion matrix"):
        snapshots.read_confusion(write(tmp_path / "s", changes={"confusion": matrix}))
