"""digits against scikit-learn's own loader; shapes against geometry."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import sklearn.datasets

from cnnviz import datasets
from cnnviz.datasets.registered.digits import enlarge, read_digits
from cnnviz.datasets.registered.shapes import OUTLINES, draw
from cnnviz.specs import DatasetSpec


def test_digits_are_scikit_learns() -> None:
    truth = sklearn.datasets.load_digits()
    images, labels = read_digits()
    assert np.array_equal(images, truth.images)
    assert np.array_equal(labels, truth.target)


@pytest.mark.parametrize("size", [16, 32])
def test_every_digit_is_in_exactly_one_half_and_keeps_its_label(size: int) -> None:
    truth = sklearn.datasets.load_digits()
    loaded = datasets.load(DatasetSpec(name="digits", size=size))
    found = [
        (image.tobytes(), int(label))
        for half in (loaded.full_train, loaded.full_test)
        for image, label in zip(half.images, half.labels, strict=True)
    ]
    expected = enlarge(truth.images.astype(np.uint8), size)
    assert sorted(found) == sorted(
        (image.tobytes(), int(t)) for image, t in zip(expected, truth.target, strict=True)
    )


def test_digits_test_set_is_a_fifth_of_every_class() -> None:
    loaded = datasets.load(DatasetSpec(name="digits"))
    whole = np.bincount(sklearn.datasets.load_digits().target)
    held = np.bincount(loaded.full_test.labels)
    assert np.all(np.abs(held - whole * 360 / 1797) < 1)


def test_digits_are_enlarged_bilinearly_to_the_full_range() -> None:
    image = np.zeros((1, 8, 8), np.uint8)
    image[0, 3, 3] = 16
    large = enlarge(image, 16)[0, :, :, 0]
    # Factor two: each new pixel is 3/4 of its own old pixel and 1/4 of the next, in both directions.
    assert large[6, 6] == large[7, 7] == round(255 * 9 / 16)
    assert large[5, 6] == round(255 * 3 / 16)
    assert large[5, 5] == round(255 / 16)
    assert large.sum() == pytest.approx(4 * 255, rel=0.01)


def test_neither_scikit_learn_nor_keras_is_imported_by_the_data_sets() -> None:
    code = (
        "import sys; from cnnviz import datasets; from cnnviz.specs import DatasetSpec;"
        "datasets.load(DatasetSpec()); datasets.load(DatasetSpec(name='shapes'));"
        "print([m for m in ('sklearn', 'keras', 'tensorflow', 'scipy', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_shapes_are_balanced_and_the_same_for_the_same_seed() -> None:
    images, labels = draw(6, np.random.default_rng(4))
    again, _ = draw(6, np.random.default_rng(4))
    assert images.shape == (60, 32, 32, 3)
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [6] * 10
    assert np.array_equal(images, again)


def test_shapes_have_ten_classes_and_the_sizes_they_announce() -> None:
    loaded = datasets.load(DatasetSpec(name="shapes"))
    assert np.bincount(loaded.full_train.labels).tolist() == [500] * 10
    assert np.bincount(loaded.full_test.labels).tolist() == [100] * 10
    assert len({image.tobytes() for image in loaded.full_train.images}) == 5000


@pytest.mark.parametrize(
    ("name", "point", "distance"),
    [
        ("circle", (0, 0), -1),
        ("circle", (2, 0), 1),
        ("square", (0, 0), -0.8),
        ("square", (1.8, 0.3), 1),
        ("ring", (0.78, 0), -0.24),
        ("ring", (0, 0), 0.54),
        ("cross", (0, 0), -np.hypot(0.3, 0.3)),
        ("bar", (0, 1.28), 1),
        ("arrow", (2.1, 0), 1),
        ("triangle", (0, 1.6), 1),
    ],
)
def test_outlines_measure_distances(name: str, point: tuple[float, float], distance: float) -> None:
    u, v = (np.array([value], float) for value in point)
    assert OUTLINES[name](u, v)[0] == pytest.approx(distance)


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("circle", np.pi),
        ("square", 1.6**2),
        ("bar", 2.3 * 0.56),
        ("triangle", 0.95 * 1.7),
        ("cross", 0.6 * 3.4),
        ("ring", np.pi * (1.02**2 - 0.54**2)),
    ],
)
def test_outlines_enclose_their_area(name: str, area: float) -> None:
    side = np.linspace(-1.5, 1.5, 1201)
    u, v = np.meshgrid(side, side)
    inside = (OUTLINES[name](u, v) < 0).mean() * 9
    assert inside == pytest.approx(area, rel=0.01)
