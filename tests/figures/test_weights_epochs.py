"""Weights over the epochs: values in other bins are the same values; the figure shows what it was given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.figures.weight_figures import Distribution, Epoch, ends_of, epochs_figure, rebinned


def distribution(layer: str, kind: str, reach: float) -> Distribution:
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
        Epoch(epoch, [distribution("conv1", "kernel", 1 + epoch), distribution("conv1", "bias", 0.5)])
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
    one, other = ([Epoch(1, [distribution("conv1", "kernel", reach)])] for reach in (1, 3))
    ends = ends_of([*one, *other])
    assert ends == {("conv1", "kernel"): 3}
    ranges = [epochs_figure(epochs, ends=ends).layout.yaxis.range for epochs in (one, other)]
    assert ranges[0] == ranges[1]
