"""Sprites of feature maps and framed images: exact pixels, honest scales."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from cnnviz.figures import maps


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_every_value_is_a_square_of_its_colour_and_gaps_are_transparent():
    values = np.zeros((2, 2, 3), np.float32)
    values[..., 0] = [[0, 1], [2, 4]]
    values[..., 1] = 8
    sprite = maps.maps_sprite(values, signed=False, columns=2, zoom=3, gap=1)
    image = pixels(sprite.png)
    assert image.shape == (2 * 6 + 1, 2 * 6 + 1, 4)
    colours = maps.palette(False)
    for row, column, share in ((0, 0, 0), (0, 1, 0.25), (1, 0, 0.5), (1, 1, 1)):
        square = image[3 * row : 3 * row + 3, 3 * column : 3 * column + 3]
        expected = [*colours[round(share * (maps.LEVELS - 1))], 255]
        assert (square == expected).all()
    assert (image[6, :, 3] == 0).all()
    assert (image[:, 6, 3] == 0).all()
    assert (image[:6, 7:, :3] == colours[-1]).all()
    left, top, width, height = sprite.box(2)
    assert (left, top, width, height) == (0, 7, 6, 6)
    assert (image[top:, :6, :3] == colours[0]).all()  # a dead map: the colour of 0
    assert (image[top:, 7:, 3] == 0).all()  # no fourth map


def test_a_scale_per_layer_keeps_maps_comparable_and_per_map_does_not():
    values = np.stack([np.full((3, 3), 1.0), np.full((3, 3), 4.0)], axis=-1)
    assert maps.colour_limits(values, scale="layer").tolist() == [4, 4]
    assert maps.colour_limits(values, scale="map").tolist() == [1, 4]
    by_layer = pixels(maps.maps_sprite(values, signed=False, scale="layer", gap=0, columns=2).png)
    assert tuple(by_layer[0, 0, :3]) == tuple(maps.palette(False)[63])  # a quarter of 252
    by_map = pixels(maps.maps_sprite(values, signed=False, scale="map", gap=0, columns=2).png)
    assert tuple(by_map[0, 0, :3]) == tuple(maps.palette(False)[-1])


@pytest.mark.parametrize("dark", [False, True])
def test_zero_has_the_middle_colour_of_signed_maps_and_opposites_mirror(dark):
    values = np.array([[-2.0, 0.0, 2.0]])[..., None]
    image = pixels(maps.maps_sprite(values, signed=True, dark=dark).png)
    colours = maps.palette(True, dark=dark)
    assert [tuple(p) for p in image[0, :, :3]] == [
        tuple(colours[0]),
        tuple(colours[126]),
        tuple(colours[252]),
    ]


def test_what_is_not_finite_is_a_hole():
    values = np.array([[np.nan, 1.0, np.inf]])[..., None]
    assert pixels(maps.maps_sprite(values, signed=False).png)[0, :, 3].tolist() == [0, 255, 0]


@given(arrays(np.float32, (3, 4, 5), elements=st.floats(-1e6, 1e6, width=32)), st.booleans())
def test_brighter_never_means_less(values, signed):
    values = values if signed else np.abs(values)
    high = maps.colour_limits(values, scale="layer")
    index = maps.levels(values, high, signed=signed).astype(int)
    order = np.argsort(values, axis=None)
    assert (np.diff(index.ravel()[order]) >= 0).all()
    assert index.max() < maps.LEVELS


def test_bars_have_the_height_of_their_share_around_a_common_zero_line():
    image = pixels(maps.bars_sprite(np.array([1.0, 0.5, 0.0]), signed=False, width=2, height=10, gap=0).png)
    assert (image[..., 3] > 0).sum(axis=0).tolist() == [10, 10, 5, 5, 0, 0]
    image = pixels(maps.bars_sprite(np.array([2.0, -1.0, -2.0]), signed=True, width=1, height=10, gap=0).png)
    assert (image[:5, :, 3] > 0).sum(axis=0).tolist() == [5, 0, 0]
    assert (image[5:, :, 3] > 0).sum(axis=0).tolist() == [0, 3, 5]


def test_512_maps_are_one_small_file():
    values = np.random.default_rng(0).random((14, 14, 512), np.float32)
    sprite = maps.maps_sprite(values, signed=False)
    assert sprite.tiles == 512
    assert len(sprite.png) < 150_000


def test_colour_kernels_are_symmetric_around_mid_grey():
    kernels = np.zeros((1, 1, 3, 2))
    kernels[0, 0, :, 0] = [-0.2, 0, 0.2]
    assert maps.colour_kernels(kernels)[0, 0, 0].tolist() == [0, 128, 255]
    assert maps.colour_kernels(kernels)[1, 0, 0].tolist() == [128] * 3


def test_palettes_differ_in_lightness_all_along():
    """Readable without colour: relative luminance of the sequential palette only rises."""
    linear = (maps.palette(False) / 255.0) ** 2.2
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > -2e-3).all()
    assert luminance[-1] - luminance[0] > 0.6


def shown(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_without_a_frame_every_pixel_is_a_square():
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    found = shown(maps.marked_png(image, None, 3))
    assert found.shape == (12, 15, 3)
    assert np.array_equal(found[::3, ::3], image)


def test_the_frame_lies_on_the_outer_pixels_of_its_box_and_nowhere_else():
    image = np.full((6, 6, 1), 90, np.uint8)
    found = shown(maps.marked_png(image, (1, 4, 2, 5), 10))
    changed = np.argwhere((found != 90).any(axis=2))
    assert changed.min(axis=0).tolist() == [10, 20]
    assert changed.max(axis=0).tolist() == [39, 49]
    assert (found[14:36, 24:46] == 90).all()
