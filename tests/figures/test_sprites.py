"""Sprites: every pixel enlarged by a whole factor, none smoothed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnviz.figures.sprites import grid_png


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


@given(
    n=st.integers(1, 9),
    columns=st.integers(1, 12),
    scale=st.integers(1, 4),
    gap=st.integers(0, 3),
    channels=st.sampled_from([1, 3]),
)
def test_every_tile_holds_its_image_exactly(
    n: int, columns: int, scale: int, gap: int, channels: int
) -> None:
    images = np.random.default_rng(n).integers(0, 256, (n, 4, 5, channels)).astype(np.uint8)
    picture = decoded(grid_png(images, columns, scale, gap))
    across = min(columns, n)
    down = -(-n // across)
    assert picture.shape[:2] == (down * (4 * scale + gap) - gap, across * (5 * scale + gap) - gap)
    for position, image in enumerate(images):
        y, x = position // across * (4 * scale + gap), position % across * (5 * scale + gap)
        tile = picture[y : y + 4 * scale, x : x + 5 * scale]
        assert np.all(tile[..., 3] == 255)
        for dy in range(scale):
            for dx in range(scale):
                assert np.array_equal(tile[dy::scale, dx::scale, :3], np.broadcast_to(image, (4, 5, 3)))
    assert (picture[..., 3] == 255).sum() == n * 20 * scale**2


def test_labels_stand_below_their_tiles_and_change_no_pixel() -> None:
    images = np.full((2, 30, 30, 1), 200, np.uint8)
    plain, labelled = decoded(grid_png(images, 2, 2)), decoded(grid_png(images, 2, 2, labels=["cat", "dog"]))
    assert labelled.shape[0] > plain.shape[0]
    assert np.array_equal(labelled[:60], plain)
    assert labelled[60:, :60, 3].any()
    assert labelled[60:, 62:, 3].any()


def test_a_long_label_stays_within_its_tile() -> None:
    images = np.zeros((2, 10, 10, 1), np.uint8)
    picture = decoded(grid_png(images, 2, 3, gap=8, labels=["a very long name indeed", ""]))
    assert not picture[30:, 34:, 3].any()


def test_no_images_give_a_picture_all_the_same() -> None:
    assert decoded(grid_png(np.zeros((0, 8, 8, 1), np.uint8))).shape[2] == 4


@pytest.mark.parametrize(
    ("images", "how"),
    [
        (np.zeros((2, 4, 4, 3), np.float32), {}),
        (np.zeros((2, 4, 4), np.uint8), {}),
        (np.zeros((2, 4, 4, 2), np.uint8), {}),
        (np.zeros((2, 4, 4, 1), np.uint8), {"scale": 0}),
        (np.zeros((2, 4, 4, 1), np.uint8), {"labels": ["one"]}),
    ],
)
def test_anything_else_is_refused(images: np.ndarray, how: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        grid_png(images, **how)  # type: ignore[arg-type]
