"""Framed images, read back pixel by pixel."""

import io

import numpy as np
from PIL import Image

from cnnviz.figures.maps import marked_png


def read(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_without_a_frame_every_pixel_is_a_square():
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    found = read(marked_png(image, None, 3))
    assert found.shape == (12, 15, 3)
    assert np.array_equal(found[::3, ::3], image)


def test_the_frame_lies_on_the_outer_pixels_of_its_box_and_nowhere_else():
    image = np.full((6, 6, 1), 90, np.uint8)
    found = read(marked_png(image, (1, 4, 2, 5), 10))
    changed = np.argwhere((found != 90).any(axis=2))
    assert changed.min(axis=0).tolist() == [10, 20]
    assert changed.max(axis=0).tolist() == [39, 49]
    assert (found[14:36, 24:46] == 90).all()
