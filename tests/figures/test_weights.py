"""Histograms of weights: one row a layer, weights beside biases."""

import numpy as np
import pytest

from cnnviz.figures.weight_figures import Distribution, reach, weights_figure


def distribution(layer: str, kind: str, values: np.ndarray) -> Distribution:
    counts, edges = np.histogram(values, 5)
    return Distribution(layer, kind, counts, edges, values.mean(), values.std(), values.size)


def test_every_layer_has_a_row_and_shares_add_up_to_one():
    random = np.random.default_rng(0)
    given = [
        distribution(layer, kind, random.normal(size=n))
        for layer, kind, n in (("a", "kernel", 90), ("a", "bias", 5), ("b", "kernel", 40))
    ]
    figure = weights_figure(given)
    assert [sum(trace.y) for trace in figure.data] == pytest.approx([1, 1, 1])
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y3"]
    assert "90 weights" in figure.data[0].hovertemplate
    assert "5 biases" in figure.data[1].hovertemplate
    assert figure.layout.title.text


def test_axes_are_symmetric_and_can_be_shared():
    one = [
        distribution("a", "kernel", np.array([-0.5, 0.1])),
        distribution("a", "bias", np.array([0.0, 0.2])),
    ]
    assert reach(one, "kernel") == 0.5
    assert weights_figure(one).layout.xaxis.range == pytest.approx((-0.525, 0.525))
    shared = weights_figure(one, ends=(2, 1))
    assert shared.layout.xaxis.range == pytest.approx((-2.1, 2.1))
    assert shared.layout.xaxis2.range == pytest.approx((-1.05, 1.05))
