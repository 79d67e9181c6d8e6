"""Explanations as pictures: which colours, how opaque, one pixel a value; and their curves."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnviz.figures import explanation_figures, maps

IMAGE = np.random.default_rng(0).integers(0, 256, (6, 5, 3), np.uint8)
VALUES = np.random.default_rng(1).normal(size=(6, 5))


def opened(png: bytes, mode: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert(mode))


def test_an_image_comes_back_pixel_by_pixel_in_grey_too():
    assert np.array_equal(opened(explanation_figures.image_png(IMAGE), "RGB"), IMAGE)
    grey = IMAGE[..., :1]
    assert np.array_equal(opened(explanation_figures.image_png(grey), "RGB"), grey.repeat(3, axis=2))


def test_under_a_map_the_image_is_grey_and_dark():
    found = opened(explanation_figures.grey_png(IMAGE), "RGB").astype(float)
    brightness = np.asarray(Image.fromarray(IMAGE).convert("L"), float)
    assert (found.min(axis=2) == found.max(axis=2)).all()
    np.testing.assert_allclose(found[..., 0], 0.65 * brightness, atol=1.2)


@pytest.mark.parametrize("signed", [True, False])
def test_an_overlay_is_as_opaque_as_its_value_is_strong(signed):
    values = VALUES if signed else np.abs(VALUES)
    limit = explanation_figures.limit_of(values)
    found = opened(explanation_figures.overlay_png(values, signed=signed, limit=limit), "RGBA")
    np.testing.assert_allclose(found[..., 3], 255 * np.abs(values) / limit, atol=0.51)
    red, blue = found[..., 0].astype(int), found[..., 2].astype(int)
    if signed:
        assert ((blue > red) == (values >= 0)).all()
    strongest = np.unravel_index(np.abs(values).argmax(), values.shape)
    tile = opened(explanation_figures.tile_png(IMAGE, values, signed=signed, limit=limit), "RGB")
    assert np.array_equal(tile[strongest], found[strongest][:3])


def test_a_map_of_zeros_leaves_the_image_alone():
    zeros = np.zeros((6, 5))
    tile = explanation_figures.tile_png(IMAGE, zeros, signed=True, limit=0.0)
    assert np.array_equal(opened(tile, "RGB"), opened(explanation_figures.grey_png(IMAGE), "RGB"))


def test_a_heat_map_has_the_colours_of_the_feature_maps():
    found = opened(explanation_figures.heat_png(np.abs(VALUES), signed=False, limit=5.0, dark=False), "RGB")
    expected = maps.palette(False)[np.rint(np.abs(VALUES) / 5 * (maps.LEVELS - 1)).astype(int)]
    assert np.array_equal(found, expected)


def test_curves_show_the_explanation_and_chance_with_their_areas():
    shares = np.linspace(0, 1, 3)
    own = (shares, np.array([1, 0, 0])), (shares, np.array([0, 1, 1]))
    chance = (shares, np.array([1, 0.5, 0])), (shares, np.array([0, 0.5, 1]))
    figure = explanation_figures.faithfulness_figure(own, chance)
    assert len(figure.data) == 4
    assert figure.layout.xaxis.title.text == "pixels taken away · area 0.250, random 0.500"
    assert figure.layout.xaxis2.title.text == "pixels put in · area 0.750, random 0.500"
    assert [trace.y.tolist() for trace in figure.data if trace.name == "this explanation"] == [
        [1, 0, 0],
        [0, 1, 1],
    ]


def test_an_ascent_is_one_line_a_run():
    figure = explanation_figures.ascent_figure([np.array([0, 1, 2]), np.array([0, 3])], ["a", "b"])
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert figure.data[1].x.tolist() == [0, 1]
