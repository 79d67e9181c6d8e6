"""Numbers on colours can be read everywhere: 4.5 : 1, as WCAG asks for text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.figures import theme
from cnnviz.figures.confusion_figures import confusion_figure, difference_figure
from cnnviz.figures.theme import colours_at, ink, luminance

SCALES = (theme.SEQUENTIAL, theme.SEQUENTIAL_DARK, theme.DIVERGING, theme.DIVERGING_DARK)


def channels(text: str) -> tuple[float, float, float]:
    red, green, blue = (float(int(text[i : i + 2], 16)) for i in (1, 3, 5))
    return red, green, blue


def ratio(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_known_ratios():
    assert ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    # The darkest grey on white that passes, by WCAG's own example: #767676.
    assert ratio((0x76,) * 3, (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


@given(st.tuples(*[st.floats(0, 255)] * 3))
def test_ink_is_read_on_any_colour(colour):
    assert ratio(colour, channels(ink(colour))) >= 4.5


@pytest.mark.parametrize("scale", SCALES)
def test_a_scale_is_mixed_between_its_stops(scale):
    places, texts = zip(*scale, strict=True)
    assert colours_at(scale, np.array(places)) == pytest.approx(np.array([channels(text) for text in texts]))
    (low, first), (high, second) = scale[1:3]
    middle = (np.array(channels(first)) + np.array(channels(second))) / 2
    assert colours_at(scale, (low + high) / 2) == pytest.approx(middle)


@pytest.mark.parametrize("dark", [False, True])
def test_every_number_of_a_matrix_has_an_ink_of_its_own(dark):
    matrix = np.arange(36).reshape(6, 6) + 1
    names = list("abcdef")
    for figure in (
        confusion_figure(matrix, names, dark=dark),
        difference_figure(matrix - 18, names, dark=dark),
    ):
        texts = figure.data[2]
        assert figure.data[0].text is None
        assert len(texts.text) == len(texts.textfont.color) == len(figure.data[1].x)
    assert texts.text[0] == "−17"


def test_among_many_classes_the_chosen_pair_is_named():
    names = [f"class {i}" for i in range(100)]
    figure = confusion_figure(np.eye(100, dtype=int), names, chosen=(37, 82), dark=False)
    assert "<b>class 37</b>" in figure.layout.yaxis.ticktext
    assert "<b>class 82</b>" in figure.layout.xaxis.ticktext
    assert len(figure.layout.shapes) == 3
