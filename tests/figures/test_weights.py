"""Histograms of weights, weights beside biases: of one run, over its epochs, of several runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.figures.weight_figures import (
    Distribution,
    Epoch,
    RunWeights,
    coarser,
    ends_of,
    epochs_figure,
    overlay_figure,
    reach,
    rebinned,
    weights_figure,
)


def distribution(layer: str, kind: str, values: np.ndarray, bins: int = 5) -> Distribution:
    counts, edges = np.histogram(values, bins)
    return Distribution(layer, kind, counts, edges, float(values.mean()), float(values.std()), values.size)


def test_every_layer_has_a_row_and_shares_add_up_to_one():
    random = np.random.default_rng(0)
    shown = [
        distribution(layer, kind, random.normal(size=n))
        for layer, kind, n in (("a", "kernel", 90), ("a", "bias", 5), ("b", "kernel", 40))
    ]
    figure = weights_figure(shown)
    assert [sum(trace.y) for trace in figure.data] == pytest.approx([1, 1, 1])
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y3"]
    assert "90 weights" in figure.data[0].hovertemplate
    assert "5 biases" in figure.data[1].hovertemplate
    assert figure.layout.title.text


def test_axes_are_symmetric():
    one = [
        distribution("a", "kernel", np.array([-0.5, 0.1])),
        distribution("a", "bias", np.array([0.0, 0.2])),
    ]
    assert reach(one, "kernel") == 0.5
    assert weights_figure(one).layout.xaxis.range == pytest.approx((-0.525, 0.525))
    assert weights_figure(one).layout.xaxis2.range == pytest.approx((-0.21, 0.21))


def test_overlaid_weights_are_densities_of_every_run():
    random = np.random.default_rng(0)
    runs = [
        RunWeights(name, [distribution("conv", "kernel", scale * random.normal(size=5000), 40)], place)
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


def evenly(layer: str, kind: str, reach: float) -> Distribution:
    edges = np.linspace(-reach, reach, 5)
    return Distribution(layer, kind, np.array([1, 2, 3, 4]), edges, 0.1 * reach, 0.5 * reach, 10)


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=8),
    st.floats(-3, 3),
    st.floats(0.1, 4),
    st.integers(1, 30),
)
def test_no_value_is_lost_in_other_bins(counts, low, width, bins):
    edges = np.linspace(low, low + width, len(counts) + 1)
    found = rebinned(np.array(counts), edges, np.linspace(low - 1, low + width + 1, bins + 1))
    assert found.sum() == pytest.approx(sum(counts))
    assert (found >= 0).all()


def test_a_bin_that_is_cut_in_two_gives_each_part_its_share():
    found = rebinned(np.array([4, 8]), np.array([0.0, 1, 2]), np.array([0.0, 0.5, 1, 2]))
    assert found.tolist() == [2, 2, 8]


def test_each_layer_has_a_strip_of_weights_and_one_of_biases_over_all_epochs():
    epochs = [
        Epoch(epoch, [evenly("conv1", "kernel", 1 + epoch), evenly("conv1", "bias", 0.5)])
        for epoch in (0, 1, 3)
    ]
    figure = epochs_figure(epochs)
    strips = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [tuple(trace.x) for trace in strips] == [(0, 1, 3)] * 2
    for trace in strips:
        np.testing.assert_allclose(np.asarray(trace.customdata).sum(axis=0), 1)
    upper = [trace for trace in figure.data if trace.type == "scatter"][1]
    np.testing.assert_allclose(upper.y, [0.6, 1.2, 2.4])
    assert tuple(figure.layout.yaxis.ticktext) == ("−4", "0", "4")


def test_axes_of_two_runs_can_be_the_same():
    one, other = ([Epoch(1, [evenly("conv1", "kernel", reach)])] for reach in (1, 3))
    ends = ends_of([*one, *other])
    assert ends == {("conv1", "kernel"): 3}
    ranges = [epochs_figure(epochs, ends=ends).layout.yaxis.range for epochs in (one, other)]
    assert ranges[0] == ranges[1]
