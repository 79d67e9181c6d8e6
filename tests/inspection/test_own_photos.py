"""Photographs of handwriting: cut to a chosen square, levelled, and placed as drawings are."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnviz.datasets.pictures import Window, read_square
from cnnviz.inspection.own_pictures import level, otsu, place, prepare


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def page(*, left: float, right: float, ink: float = 0.25, grain: float = 3.0) -> np.ndarray:
    """A photographed 1: 300×400 pixels of paper, unevenly lit from left to right, with grain and a stroke."""
    rng = np.random.default_rng(0)
    light = np.linspace(left, right, 400)[None].repeat(300, axis=0)
    light[60:240, 180:200] *= ink
    return np.clip(light + rng.normal(0, grain, light.shape), 0, 255).astype(np.uint8)


def test_whatever_the_light_the_ground_turns_black_and_the_stroke_white():
    for left, right in ((230, 230), (240, 120), (90, 220)):
        levelled = level(255 - page(left=left, right=right))
        stroke = np.zeros(levelled.shape, bool)
        stroke[62:238, 182:198] = True
        far = np.ones(levelled.shape, bool)
        far[50:250, 170:210] = False
        assert levelled[stroke].mean() > 225, (left, right)
        assert levelled[far].mean() < 1, (left, right)


def test_a_photograph_is_placed_as_the_same_stroke_drawn_is():
    drawn = np.zeros((300, 300), np.uint8)
    drawn[60:240, 130:150] = 255
    wanted = place(png(drawn), 28, 20 / 28).image
    found = place(png(page(left=240, right=120)), 28, 20 / 28, photo=True, invert=True)
    assert np.abs(found.image.astype(int) - wanted).mean() < 2
    assert found.steps[-3:] == ("cut to the strokes", "made 20 of 28 pixels large", found.steps[-1])
    assert "ground levelled" in found.steps


def test_an_empty_sheet_has_no_strokes():
    blank = place(png(np.full((200, 200), 200, np.uint8)), 28, 20 / 28, photo=True, invert=True)
    assert not blank.image.any()
    assert blank.steps[-1] == "no strokes were found"


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(1, 40)), min_size=1, max_size=12))
def test_otsu_parts_the_pixels_with_the_largest_variance_between(counts: list[tuple[int, int]]):
    pixels = np.repeat([value for value, _ in counts], [count for _, count in counts]).astype(np.uint8)

    def between(threshold: int) -> float:
        dark, bright = pixels[pixels <= threshold], pixels[pixels > threshold]
        if not dark.size or not bright.size:
            return 0.0
        return dark.size * bright.size * float(dark.mean() - bright.mean()) ** 2

    best = max(between(threshold) for threshold in range(256))
    assert np.isclose(between(otsu(pixels)), best)


@given(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.1, 0.5))
def test_the_chosen_square_is_what_pillow_cuts(left: float, top: float, side: float):
    pixels = np.random.default_rng(1).integers(0, 256, (60, 90, 3), np.uint8)
    found = read_square(io.BytesIO(png(pixels)), 12, window=Window(left, top, side))
    cut = max(1, round(60 * side))
    x, y = min(round(90 * left), 90 - cut), min(round(60 * top), 60 - cut)
    square = Image.fromarray(pixels[y : y + cut, x : x + cut]).resize((12, 12), Image.Resampling.BILINEAR)
    assert np.abs(found.astype(int) - np.asarray(square)).max() <= 1


def test_the_steps_say_which_square_was_cut():
    found = prepare(png(page(left=200, right=200)), (28, 28, 1), window=Window(0.1, 0.2, 0.5))
    assert "cut to the chosen square of 150 pixels" in found.steps
    assert found.image.shape == (28, 28, 1)
