"""Snapshots that training writes: against Keras's own look at the same images."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnnviz import datasets
from cnnviz.runs import snapshots
from cnnviz.training.snapshots import BINS, Watch, histogram, histograms_of, spread

#: Keras's own saving warns with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def read(run):
    probes = snapshots.read_probes(run.snapshots_dir)
    return probes, [snapshots.read(file, len(probes.labels)) for file in snapshots.files(run.snapshots_dir)]


@pytest.fixture(scope="module")
def last(finished):
    """The last snapshot of a finished run, with its saved network and its validation images."""
    network = keras.models.load_model(finished.model_path)
    return read(finished)[1][-1], network, datasets.load(finished.spec().experiment.dataset).validation


def test_the_confusion_matrix_is_of_all_validation_images(finished, last):
    snapshot, network, validation = last
    said = network.predict(validation.images, verbose=0).argmax(axis=1)
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (validation.labels, said), 1)
    np.testing.assert_array_equal(snapshot.confusion, expected)
    for one, epoch in zip(read(finished)[1][1:], finished.epochs(), strict=True):
        accuracy = np.trace(one.confusion) / one.confusion.sum()
        assert accuracy == pytest.approx(epoch.val_accuracy, abs=1e-6)


def test_dead_units_are_those_that_keras_finds(last):
    snapshot, network, validation = last
    assert set(snapshot.dead) == {"conv1", "conv2"}
    for name, dead in snapshot.dead.items():
        inside = keras.Model(network.inputs, network.get_layer(name).output)
        largest = inside.predict(validation.images, verbose=0).max(axis=(0, 1, 2))
        np.testing.assert_array_equal(dead, largest == 0)


def test_a_unit_that_never_speaks_is_dead(make_run, build):
    run = make_run(epochs=1)
    training = build(run)
    layer = training.network.get_layer("conv2")
    layer.bias.assign([-1e4, 0, 0, -1e4, 0, 0])
    training.fit()
    for snapshot in read(run)[1]:
        assert snapshot.dead["conv2"][[0, 3]].all()
        assert not snapshot.dead["conv1"].any()


def test_histograms_are_of_the_saved_weights(last):
    snapshot, network, _ = last
    assert [(one.layer, one.kind) for one in snapshot.histograms] == [
        (name, kind) for name in ("conv1", "conv2", "classifier") for kind in ("kernel", "bias")
    ]
    for one in snapshot.histograms:
        weights = network.get_layer(one.layer).get_weights()[one.kind == "bias"]
        assert one.n == weights.size
        assert one.edges[[0, -1]] == pytest.approx([weights.min(), weights.max()], rel=1e-3)
        assert (one.mean, one.deviation) == pytest.approx((weights.mean(), weights.std()), abs=1e-6)


@given(hnp.arrays(np.float32, st.integers(1, 300), elements=st.floats(-1e4, 1e4, width=32)))
def test_a_histogram_counts_every_value_about_where_numpy_does(values):
    counts, edges = histogram(values)
    assert counts.sum() == len(values)
    assert (np.diff(edges) > 0).all()
    exact, _ = np.histogram(values.astype(float), BINS, (float(edges[0]), float(edges[-1])))
    # Rounding moves a value by one bin at most.
    behind = np.abs(np.cumsum(counts) - np.cumsum(exact))
    near = exact + np.append(exact[1:], 0) + counts + np.append(counts[1:], 0)
    assert (behind <= near).all()


def test_weights_that_are_no_numbers_have_no_histogram():
    weights = {"a_kernel": np.array([1.0, np.nan], np.float32), "b_kernel": np.ones(3, np.float32)}
    assert set(histograms_of(weights)) == {"counts_b_kernel", "edges_b_kernel", "moments_b_kernel"}


def test_without_validation_a_part_of_the_training_images_is_seen_and_it_is_said(make_run, build):
    run = make_run(epochs=1, dataset={"validation_split": 0})
    build(run).fit()
    probes, found = read(run)
    assert probes.from_training
    assert [one.confusion.sum() for one in found] == [100, 100]


def test_an_early_end_has_a_snapshot_of_its_own(make_run, build):
    run = make_run(epochs=130, early_stopping=1, optimizer="RMSprop", learning_rate=0.03)
    build(run).fit()
    assert read(run)[1][-1].epoch == len(run.epochs())


def test_watching_adds_no_weights_and_no_figures(make_run, build):
    training = build(make_run(epochs=1))
    assert [w.path for w in training.model.weights] == [w.path for w in training.network.weights]
    figures = training.model.evaluate(*training.validation, verbose=0, return_dict=True)
    assert set(figures) == {"loss", "accuracy"}


def test_many_classes_have_no_confusion_matrix():
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    outputs = keras.layers.Dense(201, activation="softmax")(flat)
    watch = Watch(keras.Model(inputs, outputs))
    watch.reset()
    assert watch.arrays() == {}


def test_positions_are_spread_over_all_images():
    assert spread(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 3).tolist() == [0, 50, 100]
