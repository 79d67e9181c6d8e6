"""Fitting: stops, pauses, resumes bit by bit, refuses a loss that is no number."""

from __future__ import annotations

import shutil
import threading
from typing import Any

import numpy as np
import pytest

from cnnviz import backend, datasets
from cnnviz.architectures.layer_training import hand_made as made_by_hand
from cnnviz.errors import RunError, StorageError
from cnnviz.inspection import network as inspection
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunDirectory, RunReport, journal, snapshots
from cnnviz.training import checkpoint
from cnnviz.training.journal import NonFiniteLossError
from tests.present import present
from tests.training.conftest import built, experiment

#: All that has a random state or a memory of its own.
EVERYTHING: dict[str, Any] = {
    "augmentation": {"rotation": 15, "width_shift": 0.1, "horizontal_flip": True, "brightness": 0.1},
    "schedule": "plateau",
    "early_stopping": 3,
    "label_smoothing": 0.1,
    "l2": 1e-3,
    "epochs": 4,
}


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The training of EVERYTHING to its end; only to be looked at."""
    training = built(RunDirectory.create(tmp_path_factory.mktemp("straight"), experiment(**EVERYTHING)))
    assert not training.fit()
    return training


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, wish_at):
    """The same, stopped in its third epoch after two batches; only to be looked at."""
    run = RunDirectory.create(tmp_path_factory.mktemp("stopped"), experiment(**EVERYTHING))
    training = built(run, wish_at(run, "stop", epoch=3, batch=2))
    assert training.fit()
    return training


@pytest.fixture
def cut_run(stopped, tmp_path):
    """A copy of the stopped run, free to go on."""
    run = RunDirectory(shutil.copytree(stopped.run.path, tmp_path / "runs" / stopped.run.id))
    run.unwish("stop")
    return run


def snapshots_of(run):
    return [snapshots.read(file, 10) for file in snapshots.files(run.snapshots_dir)]


def state_of(training):
    return checkpoint.capture(training.model)


def weights_of(training):
    return [backend.array(weight) for weight in training.network.weights]


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def curves(run):
    names = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "partial")
    return [{name: getattr(epoch, name) for name in names} for epoch in run.epochs()]


def assert_goes_on_as_if_never_cut(run, straight):
    training = built(run)
    assert training.epoch == 2
    assert [epoch.epoch for epoch in run.epochs()] == [1, 2]
    assert {batch.epoch for batch in run.batches()} <= {1, 2}
    assert not training.fit()

    assert_same(state_of(straight), state_of(training))
    assert curves(straight.run) == curves(run)
    assert [epoch.partial for epoch in run.epochs()] == [False] * 4
    assert training.fit_seconds == pytest.approx(run.epochs()[-1].elapsed, rel=0.2)
    assert training.best.state() == straight.best.state()
    assert training.keeper.plateau.state() == straight.keeper.plateau.state()


def test_resuming_is_bit_exact_and_cuts_the_partial_epoch_from_the_journals(straight, cut_run):
    untrained = (cut_run.snapshots_dir / "epoch-0000.npz").stat().st_mtime_ns
    assert_goes_on_as_if_never_cut(cut_run, straight)
    # It keeps its snapshots, and adds to them.
    assert (cut_run.snapshots_dir / "epoch-0000.npz").stat().st_mtime_ns == untrained
    for one, other in zip(snapshots_of(cut_run), snapshots_of(straight.run), strict=True):
        np.testing.assert_array_equal(one.confusion, other.confusion)
        np.testing.assert_array_equal(one.kernels, other.kernels)


def test_resuming_is_bit_exact_with_momentum_and_hand_made_kernels_too(make_run, build, wish_at):
    hand_made = {"first_kernels": "hand-made", "freeze": "first"}
    settings = EVERYTHING | hand_made | {"optimizer": "SGD", "momentum": 0.9}
    straight, run = build(make_run(**settings)), make_run(**settings)
    assert not straight.fit()
    assert build(run, wish_at(run, "stop", epoch=3, batch=2)).fit()
    run.unwish("stop")
    looked_at = inspection.load(Weights(run.path))  # its checkpoint, while it would train
    np.testing.assert_array_equal(looked_at.model.get_layer("conv1").get_weights()[0], made_by_hand(3, 1, 4))
    assert_goes_on_as_if_never_cut(run, straight)


def test_a_line_without_its_checkpoint_is_cut_and_the_epoch_trained_again(cut_run, build):
    # As if the process had died after the line of epoch 3, before its checkpoint was on the disk.
    cut_run.append_epoch(cut_run.epochs()[0].but(epoch=3))
    assert build(cut_run).epoch == 2
    assert [epoch.epoch for epoch in cut_run.epochs()] == [1, 2]


def test_another_seed_gives_another_network(straight, make_run, build):
    training = build(make_run(**EVERYTHING, seed=8))
    training.fit()
    assert not np.array_equal(weights_of(training)[0], weights_of(straight)[0])


def test_a_stop_is_honoured_within_one_batch_and_the_epoch_marked_partial(stopped):
    assert stopped.journal.seen == 2 * 32
    *whole, part = stopped.run.epochs()
    assert [(epoch.epoch, epoch.partial) for epoch in whole] == [(1, False), (2, False)]
    assert (part.epoch, part.partial, part.val_loss) == (3, True, None)
    assert stopped.epoch == present(checkpoint.load(stopped.run.checkpoint_dir)).epoch == 2
    report = stopped.completed(RunReport(), restored=False, macs=1)
    assert (report.epochs, report.weights_epoch) == (2, 3)


def test_a_stop_is_honoured_within_validation(make_run, build, wish_at):
    run = make_run(epochs=5)
    training = build(run, wish_at(run, "stop", epoch=1, batch=5))
    assert training.fit()
    (part,) = run.epochs()
    assert part.partial
    assert part.val_loss is None


def test_a_pause_holds_training_between_two_batches_and_changes_nothing(straight, make_run, build, wish_at):
    """The same seed gives the same network, bit by bit."""
    run = make_run(**EVERYTHING)
    training = build(run, wish_at(run, "pause", epoch=1, batch=3))
    fitting = threading.Thread(target=training.fit)
    fitting.start()
    while run.status().state != "paused":
        assert fitting.is_alive()
    assert training.journal.seen == 3 * 32
    run.unwish("pause")
    fitting.join(60)
    assert run.status().state == "running"
    assert_same(weights_of(training), weights_of(straight))


def test_a_stop_ends_a_pause(make_run, build, wish_at):
    run = make_run(epochs=2)
    training = build(run, wish_at(run, "pause", epoch=1, batch=3))
    fitting = threading.Thread(target=training.fit)
    fitting.start()
    while run.status().state != "paused":
        assert fitting.is_alive()
    run.wish("stop")
    fitting.join(60)
    assert training.journal.seen == 3 * 32


def test_a_loss_that_is_no_number_ends_training_and_says_where(make_run, build):
    run = make_run(epochs=3, optimizer="SGD", learning_rate=1000, l2=1000)
    with pytest.raises(
        NonFiniteLossError, match=r"in epoch \d, batch \d of 5.*learning rate.*100 in place"
    ) as error:
        build(run).fit()
    assert "in place of 1000" in str(error.value)
    assert run.batches()[-1].loss is None
    assert run.epochs()[-1].partial
    assert run.epochs()[-1].loss is None


def test_early_stopping_keeps_the_weights_of_the_best_epoch(make_run, build):
    run = make_run(epochs=30, early_stopping=1, optimizer="RMSprop", learning_rate=0.03)
    training = build(run)
    assert not training.fit()
    losses = [epoch.val_loss for epoch in run.epochs()]
    assert len(losses) < 30
    assert training.best.epoch == 1 + int(np.argmin(losses)) == len(losses) - 1
    assert training.best.keep_best()
    loss, _ = training.model.evaluate(*training.validation, batch_size=128, verbose=0)
    assert loss == pytest.approx(min(losses), rel=1e-5)
    report = training.completed(RunReport(), restored=True, macs=1)
    assert (report.stopped_early, report.weights_epoch) == (True, training.best.epoch)
    # Whoever resumes it has nothing left to train, but still knows the best weights.
    again = build(run)
    assert again.over
    again.best.keep_best()
    assert_same(weights_of(again), weights_of(training))


def test_training_without_validation_has_no_validation_figures(make_run, build):
    run = make_run(epochs=2, schedule="plateau", dataset={"validation_split": 0})
    training = build(run)
    assert not training.fit()
    assert run.epochs()[0].val_loss is None
    assert training.completed(RunReport(), restored=False, macs=1).best_epoch is None


def test_a_damaged_checkpoint_is_refused_clearly(cut_run, build):
    path = checkpoint.path_of(cut_run.checkpoint_dir)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(RunError, match=r"damaged.*Delete the folder 'checkpoint'"):
        build(cut_run)


def test_another_networks_checkpoint_is_refused(stopped, make_run, build):
    other = make_run(epochs=1, optimizer="SGD")
    checkpoint.save(other.checkpoint_dir, present(checkpoint.load(stopped.run.checkpoint_dir)))
    with pytest.raises(RunError, match="does not fit the network"):
        build(other)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_weights_and_softmax_in_float32(make_run, build, precision):
    run = make_run(epochs=1, precision=precision)
    training = build(run)
    assert not training.fit()
    assert training.network.get_layer("conv2").compute_dtype == precision.removeprefix("mixed_")
    assert {weight.dtype for weight in training.network.weights} == {"float32"}
    assert training.network.outputs[0].dtype == "float32"
    assert build(run).over, "its checkpoint is read back"


@pytest.mark.parametrize("batch_size", [1, 33, 160])
def test_any_batch_size_that_fits_sees_every_image_once(make_run, build, batch_size):
    data = datasets.load(make_run().spec().experiment.dataset)
    training = build(make_run(batch_size=batch_size))
    orders = []
    for epoch in (0, 1, 1):
        training.batches.set_epoch(epoch)
        batches = list(training.batches.dataset)
        assert len(batches) == training.batches.batches == -(-160 // batch_size)
        orders.append(np.concatenate([images.numpy() for images, _ in batches]))
    flat = [images.reshape(160, -1) for images in (*orders, data.train.images)]
    assert not np.array_equal(flat[0], flat[1])
    np.testing.assert_array_equal(flat[1], flat[2])
    sorted_rows = [images[np.lexsort(images.T)] for images in flat]
    np.testing.assert_array_equal(sorted_rows[0], sorted_rows[3])
    np.testing.assert_array_equal(sorted_rows[1], sorted_rows[3])


def test_an_image_counts_in_the_loss_as_its_class_weighs(make_run, build):
    weights = [0.0, 2.5, *[1.0] * 8]
    training = build(make_run(epochs=1, learning_rate=1e-12, class_weight=", ".join(map(str, weights))))
    training.network.get_layer("dropout1").rate = 0.0
    data = datasets.load(training.run.spec().experiment.dataset).train
    answers = training.network.predict(data.images, verbose=0)
    losses = -np.log(answers[np.arange(len(data)), data.labels])
    training.fit()
    (epoch,) = training.run.epochs()
    # Keras divides the weighted sum by the number of images.
    assert epoch.loss == pytest.approx(float(np.mean(np.array(weights)[data.labels] * losses)), rel=1e-4)


def test_what_the_journal_tells_of_is_what_resumes(make_run, build, monkeypatch):
    run = make_run(epochs=3)
    save = checkpoint.save

    def fails_at_the_second(folder, state):
        assert len(run.epochs()) == state.epoch - 1, "the line follows the checkpoint"
        if state.epoch == 2:
            raise StorageError("full")
        save(folder, state)

    monkeypatch.setattr(checkpoint, "save", fails_at_the_second)
    with pytest.raises(StorageError, match="full"):
        build(run).fit()
    assert [line.epoch for line in run.epochs()] == [1]
    monkeypatch.undo()
    build(run).fit()
    epochs = run.epochs()
    assert [line.epoch for line in epochs] == [1, 2, 3]
    # Killed between the two: the checkpoint knows the line that is missing.
    journal.cut(run.path / "epochs.jsonl", 2)
    assert build(run).over
    assert run.epochs() == epochs
