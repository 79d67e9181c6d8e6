"""Images in both halves are found, whole or nearly, and no others; whoever wants leaves them out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnviz import datasets
from cnnviz.datasets import duplicates
from cnnviz.datasets.duplicates import LIKENESS, find
from cnnviz.datasets.traps import traps
from cnnviz.specs import DatasetSpec


def noise(count: int, channels: int = 3, side: int = 16, seed: int = 0) -> np.ndarray:
    """Smooth pictures, as photographs are."""
    small = np.random.default_rng(seed).integers(0, 256, (count, 4, 4, channels), dtype=np.uint8)
    return small.repeat(side // 4, axis=1).repeat(side // 4, axis=2)


def moved(image: np.ndarray) -> np.ndarray:
    """All pixels in a row, each channel of mean 0."""
    return (image - image.mean((0, 1))).ravel()


@given(st.integers(0, 1000), st.sampled_from([1, 3]), st.sampled_from([6, 8, 16]))
def test_pairs_are_those_of_a_plain_comparison(seed, channels, side):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (12, side, side, channels), dtype=np.uint8)
    train, test = images[rng.integers(0, 12, 20)], images[rng.integers(0, 12, 7)].copy()
    test[::3] = (test[::3] * 0.8 + 10).astype(np.uint8)
    found = find(train, test)
    rows = {int(a): (int(b), bool(e)) for a, b, e in zip(*found, strict=True)}
    for index, image in enumerate(train):
        equal = [j for j, other in enumerate(test) if np.array_equal(image, other)]
        likeness = [np.corrcoef(moved(image), moved(other))[0, 1] for other in test]
        if equal:
            assert rows[index] == (equal[0], True)
        elif max(likeness) > LIKENESS + 1e-4:
            assert not rows[index][1]
            assert likeness[rows[index][0]] == pytest.approx(max(likeness), abs=1e-4)
        elif max(likeness) < LIKENESS - 1e-4:
            assert index not in rows


def test_jpegs_and_brightness_make_no_other_image_and_another_one_is_another():
    train = noise(40)
    copies = []
    for image in train[:10]:
        out = io.BytesIO()
        Image.fromarray(image).save(out, "JPEG", quality=90, subsampling=0)
        copies.append(np.asarray(Image.open(out)))
    darker = (train[10:20] * 0.7).astype(np.uint8)
    found = find(train, np.concatenate([copies, darker, noise(20, seed=1)]))
    assert found.train.tolist() == list(range(20))
    assert found.test.tolist() == list(range(20))
    assert not found.exact.any()


def test_images_without_any_difference_in_them_are_the_same_only_where_they_are_equal():
    flat = np.array([[10], [20], [20]], np.uint8)[:, :, None, None].repeat(8, 1).repeat(8, 2)
    found = find(flat[:2], flat[1:])
    assert (found.train.tolist(), found.test.tolist(), found.exact.tolist()) == ([1], [0], [True])


@pytest.fixture
def doubled(image_folder: Callable[..., Path]) -> DatasetSpec:
    """Six of twenty-four training images stand in the test half, too: two as they are, four made darker."""
    folder = image_folder("pets", {"train/cat": 0, "train/dog": 0, "test/cat": 0, "test/dog": 0})
    pictures = noise(34)
    for index, picture in enumerate(pictures[:24]):
        Image.fromarray(picture).save(folder / "train" / ("cat", "dog")[index % 2] / f"{index}.png")
    again = [*pictures[:2], *(pictures[2:6] * 0.8).astype(np.uint8), *pictures[24:]]
    for index, picture in enumerate(again):
        Image.fromarray(picture).save(folder / "test" / ("cat", "dog")[index % 2] / f"{index}.png")
    return DatasetSpec(name="folder:pets", size=16)


def test_they_are_said_before_training_and_left_out_where_asked(doubled: DatasetSpec) -> None:
    (said,) = traps(doubled.but(validation_split=0.0))
    assert "6 test images (37.5 %) can be learnt by heart: 6 training images show the same" in said
    assert "(2 exactly, the others nearly)" in said
    without = doubled.but(leave_out_duplicates=True)
    data, whole = datasets.load(without), datasets.load(doubled)
    assert len(data.train) + len(data.validation) == 18
    assert (data.facts.n_train, data.facts.n_validation) == (len(data.train), len(data.validation))
    twice = datasets.duplicates_of(doubled).train
    assert not set(twice) & {*data.train.indices, *data.validation.indices}
    assert traps(without) == []
    assert data.digest == whole.digest, "the same data set, of which a run sees less"
    assert without.hash() != doubled.hash()


def test_a_damaged_note_is_made_again(doubled: DatasetSpec, cache_dir: Path) -> None:
    first = datasets.duplicates_of(doubled)
    (note,) = cache_dir.glob("datasets/*/*/duplicates.json")
    for text in ("", "[", '{"a": 1}', "[[1, 2]]", '["x"]'):
        note.write_text(text)
        np.testing.assert_array_equal(datasets.duplicates_of(doubled).train, first.train)


def test_the_answer_is_kept_beside_the_images(doubled: DatasetSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    first = datasets.duplicates_of(doubled)
    monkeypatch.setattr(duplicates, "find", None)
    for one, other in zip(first, datasets.duplicates_of(doubled), strict=True):
        np.testing.assert_array_equal(one, other)


def test_missing_and_very_unequal_classes_are_said(image_folder: Callable[..., Path]) -> None:
    image_folder("pets", {"train/cat": 40, "train/dog": 3, "train/emu": 2, "test/cat": 2, "test/emu": 2})
    spec = DatasetSpec(name="folder:pets", validation_split=0.0)
    assert any("very unequal: 40 training images of 'cat', 2 of 'emu'" in said for said in traps(spec))
    first = next(n for n in range(2, 40) if 0 < len(set(datasets.load(spec).full_train.labels[:n])) < 3)
    (missing, *_) = traps(spec.but(train_size=first, selection="first"))
    assert "classes have no training image" in missing
    assert "Choose them stratified." in missing
    assert traps(DatasetSpec()) == [], "nothing is wrong with the digits"
