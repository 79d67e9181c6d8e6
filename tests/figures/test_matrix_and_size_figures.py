"""Figures that studies bring along: overlaid weights, small matrices, sizes."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.figures.convolution_figures import Mark, Panel, panels_figure
from cnnviz.figures.published import Series, sizes_figure
from cnnviz.figures.weight_figures import Distribution, RunWeights, coarser, overlay_figure


def distribution(layer: str, kind: str, values: np.ndarray) -> Distribution:
    counts, edges = np.histogram(values, 40)
    return Distribution(layer, kind, counts, edges, float(values.mean()), float(values.std()), values.size)


def test_overlaid_weights_are_densities_of_every_run():
    random = np.random.default_rng(0)
    runs = [
        RunWeights(name, [distribution("conv", "kernel", scale * random.normal(size=5000))], place)
        for place, (name, scale) in enumerate({"plain": 1.0, "L2": 0.3}.items())
    ]
    figure = overlay_figure(runs)
    assert [trace.name for trace in figure.data] == ["plain", "L2"]
    for trace in figure.data:
        assert np.trapezoid(trace.y, trace.x) == pytest.approx(1, abs=0.03)
    # Both share the axis of the wider one.
    low, high = figure.layout.xaxis.range
    assert low < figure.data[0].x[0] < figure.data[0].x[-1] < high


def test_few_values_get_few_bins_and_none_is_lost():
    counts, edges = np.histogram(np.random.default_rng(0).normal(size=20), 40)
    fewer, wider = coarser(counts, edges)
    assert fewer.sum() == 20
    assert (len(fewer), len(wider)) == (5, 6)
    assert (wider[0], wider[-1]) == (edges[0], edges[-1])
    many = np.histogram(np.random.default_rng(0).normal(size=9000), 40)
    assert len(coarser(*many)[0]) == 40


def test_small_matrices_show_their_numbers_and_marks():
    small = Panel("kernel", np.array([[-1.0, 8.0], [1160.0, 0.25]]), signed=True, marks=(Mark(0, 1, 1, 1),))
    figure = panels_figure([small, Panel("image", np.ones((30, 30)))], "title")
    assert [list(row) for row in figure.data[0].text] == [["−1", "8"], ["1,160", "0.25"]]
    assert figure.data[1].text is None
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1160, 1160)
    (mark,) = figure.layout.shapes
    assert (mark.x0, mark.x1, mark.y0, mark.y1) == (0.5, 1.5, -0.5, 0.5)


def test_only_times_have_a_fitted_line():
    series = [Series("measured", (1000, 2000, 3000), (1.0, 2.0, 3.0))]
    assert [trace.mode for trace in sizes_figure(series, "seconds").data] == ["markers", "lines"]
    assert "1 s per 1,000 images, R² = 1.000" in sizes_figure(series, "seconds").data[1].name
    assert len(sizes_figure(series, "accuracy").data) == 1
