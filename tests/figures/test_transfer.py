"""Figures of transfer: what is chosen is coloured, and no bar hides another."""

import numpy as np

from cnnviz.figures.theme import MUTED, run_colour
from cnnviz.figures.transfer_figures import FEATURES, Bar, scores_figure, selection_figure


def test_bars_of_one_name_stay_apart_and_kinds_look_different():
    bars = [
        Bar("VGG16", "cross-validation", 0.5, 0.45, 0.55, chosen=True),
        Bar("VGG16", "train-test", 0.6, 0.58, 0.62),
        Bar("3×3", "network", 0.7, 0.68, 0.72, colour=1),
    ]
    figure = scores_figure(bars, baseline=0.1)
    drawn = figure.data[0]
    assert list(drawn.y) == [0, 1, 2]
    assert list(figure.layout.yaxis.ticktext) == ["<b>VGG16</b>  ", "VGG16  ", "3×3  "]
    assert list(drawn.marker.color) == [FEATURES, FEATURES, run_colour(1)]
    assert list(drawn.marker.pattern.shape) == ["/", "", ""]
    assert np.allclose(drawn.error_x.array, [0.05, 0.02, 0.02])
    assert list(figure.data[1].text) == ["  50.0 %", "  60.0 %", "  70.0 %"]


def test_features_stand_by_chi_square_and_the_chosen_ones_are_coloured():
    figure = selection_figure(np.array([1.0, 9.0, 4.0, 0.0]), np.array([1, 2]))
    chosen, left = figure.data
    assert (chosen.marker.color, left.marker.color) == (FEATURES, MUTED)
    assert list(chosen.y) == [9.0, 4.0]
    assert list(chosen.customdata) == [2, 3]  # counted from 1
    assert list(left.customdata) == [1, 4]
    assert chosen.name == "chosen (2)"


def test_very_unequal_values_take_a_logarithmic_axis_and_equal_ones_do_not():
    chosen = np.array([0])
    assert selection_figure(np.array([9000.0, 2.0, 1.0]), chosen).layout.yaxis.type == "log"
    assert selection_figure(np.array([9.0, 2.0, 1.0]), chosen).layout.yaxis.type == "linear"
