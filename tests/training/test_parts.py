"""Optimizers, losses, schedules, early stopping and scores: each by itself, against known truth."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnviz import backend
from cnnviz.errors import DataError, StorageError
from cnnviz.specs import OPTIMIZERS, TrainingSpec
from cnnviz.training import checks, finish
from cnnviz.training.checkpoint import Writer
from cnnviz.training.optimization import BestEpoch, Plateau, make_loss, make_optimizer, make_schedule, rate_at


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_keras_own_with_its_default_rate(name):
    import keras

    optimizer = make_optimizer(TrainingSpec(optimizer=name))
    assert type(optimizer) is getattr(keras.optimizers, name)
    default = getattr(keras.optimizers, name)()
    assert float(optimizer.learning_rate) == pytest.approx(float(default.learning_rate))
    changed = make_optimizer(TrainingSpec(optimizer=name, learning_rate=0.5, weight_decay=0.01))
    assert (float(changed.learning_rate), changed.weight_decay) == (0.5, 0.01)


def test_momentum_is_passed_on():
    assert make_optimizer(TrainingSpec(optimizer="SGD", momentum=0.9)).momentum == 0.9


def test_label_smoothing_equals_the_definition():
    labels, outputs = np.array([0, 2]), np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], "float32")
    wanted = 0.9 * np.eye(3)[labels] + 0.1 / 3
    expected = -(wanted * np.log(outputs)).sum(axis=1).mean()
    loss = make_loss(TrainingSpec(label_smoothing=0.1), 3)
    assert float(loss(labels, outputs)) == pytest.approx(expected, rel=1e-5)
    plain = make_loss(TrainingSpec(), 3)
    assert float(plain(labels, outputs)) == pytest.approx(-np.log([0.7, 0.4]).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("cosine", [1, 0.5 + math.sqrt(2) / 4, 0.5, 0.5 - math.sqrt(2) / 4]),
        ("step", [1, 1, 0.1, 0.01]),
        ("exponential", [1, 10**-0.5, 0.1, 10**-1.5]),
    ],
)
def test_schedules_follow_their_curves(schedule, rates):
    assert [rate_at(schedule, 2.0, epoch, 4) / 2 for epoch in range(4)] == pytest.approx(rates)


class Model:
    """What a callback sees of a model: its optimizer's rate, and whether to stop."""

    def __init__(self, rate=1.0):
        import keras

        self.optimizer, self.stop_training = keras.optimizers.SGD(rate), False


def test_a_fixed_curve_sets_the_rate_of_its_epoch():
    (callback,) = make_schedule(TrainingSpec(schedule="step", epochs=4, learning_rate=0.2))
    callback.set_model(Model())
    callback.on_epoch_begin(3)
    assert float(callback.model.optimizer.learning_rate) == pytest.approx(0.002)
    assert make_schedule(TrainingSpec()) == []


def test_a_plateau_halves_the_rate_after_two_epochs_without_a_better_loss():
    plateau = Plateau()
    plateau.set_model(Model())
    rates = []
    for epoch, loss in enumerate([3.0, 2.0, 2.5, 2.0, 1.9, 2.0, 2.0]):
        plateau.on_epoch_end(epoch, {"loss": 0.0, "val_loss": loss})
        rates.append(float(plateau.model.optimizer.learning_rate))
    assert rates == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    other = Plateau()
    other.restore(plateau.state())
    assert other.state() == plateau.state()


def test_a_plateau_without_validation_follows_the_training_loss():
    plateau = Plateau()
    plateau.set_model(Model())
    for epoch in range(3):
        plateau.on_epoch_end(epoch, {"loss": 1.0})
    assert float(plateau.model.optimizer.learning_rate) == 0.5


def test_training_stops_after_as_many_epochs_without_progress_as_patience_says():
    import keras

    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    best = BestEpoch(network, patience=2)
    best.set_model(Model())
    stops = []
    for epoch, loss in enumerate([2.0, 1.0, 1.0, 1.5]):
        best.on_epoch_end(epoch, {"val_loss": loss})
        stops.append(best.model.stop_training)
    assert stops == [False, False, False, True]
    assert best.epoch == 2
    assert best.stopped


def test_without_patience_the_best_epoch_is_noted_and_no_weights_are_kept():
    best = BestEpoch(None, patience=None)
    best.set_model(Model())
    for epoch, loss in enumerate([2.0, 1.0, 3.0, 4.0]):
        best.on_epoch_end(epoch, {"val_loss": loss})
    assert (best.epoch, best.stopped, best.keep_best()) == (2, False, False)


@given(arrays.arrays(np.float32, (20, 4), elements=st.floats(0, 1, width=32)))
def test_halving_never_changes_the_likeliest_class(raw):
    probabilities = (raw + np.float32(1e-3)) / (raw + np.float32(1e-3)).sum(axis=1, keepdims=True)
    halved = finish.halve(probabilities)
    np.testing.assert_array_equal(halved.argmax(axis=1), probabilities.argmax(axis=1))
    np.testing.assert_allclose(halved, probabilities, atol=1e-3)


def test_halving_keeps_the_winner_of_a_tie_that_rounding_makes():
    close = np.array([[0.4, 0.40001, 0.19999]], np.float32)
    assert close.astype(np.float16).argmax() == 0
    assert finish.halve(close).argmax() == 1


def test_labels_without_a_class_are_refused_with_the_first_one():
    with pytest.raises(DataError, match=r"2 training images.*0 … 9.*image 1 with label 10"):
        checks.check_labels(np.array([3, 10, -1]), 10, "training")
    checks.check_labels(np.array([0, 9]), 10, "training")


def test_lack_of_memory_is_told_from_other_errors():
    import tensorflow as tf

    assert backend.is_out_of_memory(MemoryError())
    assert backend.is_out_of_memory(tf.errors.ResourceExhaustedError(None, None, "OOM when allocating"))
    assert backend.is_out_of_memory(tf.errors.InternalError(None, None, "CUBLAS_STATUS_ALLOC_FAILED"))
    assert not backend.is_out_of_memory(tf.errors.InternalError(None, None, "something else"))
    assert not backend.is_out_of_memory(ValueError("out of memory"))


def test_files_are_written_in_order_and_a_failed_one_is_told():
    writer = Writer()
    written: list[int] = []

    def refuse():
        raise StorageError("full")

    for number in range(20):
        writer.submit(partial(written.append, number))
    writer.settle()
    assert written == list(range(20))
    writer.submit(refuse)
    with pytest.raises(StorageError, match="full"):
        writer.settle()
    writer.settle()
