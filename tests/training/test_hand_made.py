"""A first layer made by hand: it starts so, stays so where it is frozen, and is saved and resumed so."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from cnnviz import backend
from cnnviz.architectures.layer_training import hand_made
from cnnviz.errors import SpecError
from cnnviz.inspection import network as inspection
from cnnviz.inspection.weights import Weights
from cnnviz.runs import snapshots
from cnnviz.specs import ArchitectureSpec, Dense, Flatten, TrainingSpec
from cnnviz.training import checks
from tests.present import present

#: Keras's own saving warns with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
FROZEN = {"first_kernels": "hand-made", "freeze": "first"}
EXPECTED = hand_made(3, 1, 4)


def kernel(training):
    return backend.array(training.network.get_layer("conv1").kernel)


def test_a_worker_leaves_a_frozen_first_layer_as_it_was_made(make_run, worker_here):
    run = make_run(epochs=2, **FROZEN, augmentation={"rotation": 10})
    assert worker_here(run) == 0, run.log_path.read_text()
    report = run.report()
    assert report.params - report.trainable_params == 40  # 4·3² + 4
    saved = keras.models.load_model(run.model_path)
    np.testing.assert_array_equal(saved.get_layer("conv1").get_weights()[0], EXPECTED)
    np.testing.assert_array_equal(inspection.kernels(Weights(run.path), "conv1").kernel, EXPECTED)
    for file in snapshots.files(run.snapshots_dir):
        np.testing.assert_allclose(present(snapshots.read(file, 10).kernels), EXPECTED, rtol=1e-3)


def test_the_rest_learns(make_run, build):
    training = build(make_run(epochs=1, **FROZEN))
    before = backend.array(training.network.get_layer("conv2").kernel)
    training.fit()
    assert not np.array_equal(before, backend.array(training.network.get_layer("conv2").kernel))
    np.testing.assert_array_equal(kernel(training), EXPECTED)


def test_hand_made_kernels_that_are_not_frozen_learn_on(make_run, build):
    training = build(make_run(epochs=1, first_kernels="hand-made"))
    np.testing.assert_array_equal(kernel(training), EXPECTED)
    training.fit()
    assert not np.array_equal(kernel(training), EXPECTED)


def test_a_random_first_layer_can_be_frozen_too(make_run, build):
    training = build(make_run(epochs=1, freeze="first"))
    drawn = kernel(training)
    training.fit()
    np.testing.assert_array_equal(kernel(training), drawn)


def test_a_network_without_convolution_is_refused_before_queueing(make_run):
    experiment = make_run(**FROZEN).spec().experiment
    flat = ArchitectureSpec.of(Flatten(), Dense(name="out", units="classes", activation="softmax"))
    with pytest.raises(SpecError, match="only where there is a convolution"):
        checks.check(experiment.but(architecture=flat))


def test_two_beginnings_at_once_are_refused():
    with pytest.raises(SpecError, match="Leave first_kernels or init_from empty"):
        TrainingSpec.parse({"first_kernels": "hand-made", "init_from": "some-run"})


def test_experiments_without_it_keep_their_names():
    assert "first_kernels" not in TrainingSpec().to_json()
    assert TrainingSpec.parse(FROZEN).hash() != TrainingSpec().hash()
