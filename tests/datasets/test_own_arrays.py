"""An own npz file is a data set: read as Keras's are, or refused with what it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.errors import DataError, SpecError, UnknownNameError
from cnnviz.specs import DatasetSpec


def arrays(
    n: int = 12, shape: tuple[int, ...] = (10, 10), classes: int = 3, **changes: Any
) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for half, count in (("train", n), ("test", n // 2)):
        found[f"x_{half}"] = rng.integers(0, 256, (count, *shape), dtype=np.uint8)
        found[f"y_{half}"] = np.arange(count) % classes
    return {key: value for key, value in {**found, **changes}.items() if value is not None}


SPEC = DatasetSpec(name="npz:mine", validation_split=0.25)


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 1), (10, 10, 3)])
def test_arrays_come_out_as_they_were_put_in(data_dir: Path, shape: tuple[int, ...]) -> None:
    content = arrays(shape=shape)
    np.savez(data_dir / "mine.npz", **content)
    assert datasets.names()[-1] == "npz:mine"
    assert datasets.availability("npz:mine") == "ready"
    data = datasets.load(SPEC)
    assert data.class_names == ("0", "1", "2")
    assert (data.facts.n_train, data.facts.n_validation, data.facts.n_test) == (9, 3, 6)
    np.testing.assert_array_equal(data.full_train.images, content["x_train"].reshape(12, 10, 10, -1))
    np.testing.assert_array_equal(data.full_test.labels, content["y_test"])


def test_validation_arrays_and_names_are_used(data_dir: Path) -> None:
    more: dict[str, Any] = {"x_val": np.full((4, 10, 10), 7, np.uint8), "y_val": [[0], [1], [2], [0]]}
    np.savez_compressed(data_dir / "mine.npz", **arrays(**more), class_names=["ant", "bee", "cow", "dog"])
    data = datasets.load(SPEC)
    assert (len(data.train), len(data.validation), data.class_names[3]) == (12, 4, "dog")
    assert data.validation.images.max() == data.validation.images.min() == 7


def test_a_replaced_file_is_other_data(data_dir: Path) -> None:
    np.savez(data_dir / "mine.npz", **arrays())
    before, stamp = datasets.digest(SPEC), datasets.stamp(SPEC)
    np.savez(data_dir / "mine.npz", **arrays(n=20))
    assert datasets.stamp(SPEC) != stamp
    assert datasets.digest(SPEC) != before


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"y_test": None}, "lacks the array y_test; it holds x_train, y_train, x_test"),
        ({"x_train": np.zeros((12, 10, 10), np.float32)}, r"x_train is float32 .* must be uint8"),
        ({"x_train": np.zeros((12, 10, 11), np.uint8)}, r"squares of 8 to 512"),
        ({"x_test": np.zeros((6, 12, 12), np.uint8)}, "different shapes"),
        ({"y_train": np.zeros(11, int)}, "12 training images, but 11 labels"),
        ({"y_train": np.zeros(12)}, "y_train is float64 .* whole numbers"),
        ({"y_test": np.full(6, -1)}, "label -1. Labels count from 0"),
        ({"class_names": ["a", "b"]}, "2 different names, but labels run from 0 to 2"),
        ({"class_names": np.array(["a", "b", None], object)}, "Python objects"),
    ],
)
def test_what_it_lacks_is_said_and_breaks_no_list(data_dir: Path, changes: dict[str, Any], says: str) -> None:
    np.savez(data_dir / "mine.npz", **arrays(**changes))
    assert "npz:mine" in datasets.names()
    for ask in (datasets.facts, datasets.load):
        with pytest.raises(DataError, match=says):
            ask(SPEC)


def test_a_file_cut_short_or_gone_is_said(data_dir: Path) -> None:
    np.savez(data_dir / "mine.npz", **arrays())
    (data_dir / "mine.npz").write_bytes((data_dir / "mine.npz").read_bytes()[:400])
    with pytest.raises(DataError, match=r"mine\.npz can't be used: it is damaged"):
        datasets.load(SPEC)
    with pytest.raises(UnknownNameError, match=r"no file 'my\.npz' .* Did you mean 'npz:mine'"):
        datasets.facts(DatasetSpec(name="npz:my"))
    np.savez(data_dir / "mine.npz", **arrays())
    with pytest.raises(SpecError, match="color_mode is for image folders of your own"):
        datasets.facts(SPEC.but(color_mode="grayscale"))
    assert "npz:mnist" not in datasets.names()
