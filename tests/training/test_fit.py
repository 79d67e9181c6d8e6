"""Fitting: stops, pauses, resumes bit by bit, refuses a loss that is no number."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from cnnviz import backend, datasets
from cnnviz.errors import RunError
from cnnviz.runs import RunReport
from cnnviz.training import checkpoint
from cnnviz.training.journal import NonFiniteLossError
from tests.present import present

#: All that has a random state or a memory of its own.
EVERYTHING = {
    "augmentation": {"rotation": 15, "width_shift": 0.1, "horizontal_flip": True, "brightness": 0.1},
    "schedule": "plateau",
    "early_stopping": 3,
    "label_smoothing": 0.1,
    "l2": 1e-3,
}


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


@pytest.mark.parametrize(("optimizer", "extra"), [("Adam", {}), ("SGD", {"momentum": 0.9})])
def test_resuming_is_bit_exact(make_run, build, wish_at, optimizer, extra):
    settings = EVERYTHING | {"epochs": 4, "optimizer": optimizer} | extra
    straight_run, broken_run = make_run(**settings), make_run(**settings)
    straight = build(straight_run)
    assert not straight.fit()

    first = build(broken_run, wish_at(broken_run, "stop", epoch=3, batch=2))
    assert first.fit()
    assert first.epoch == 2
    broken_run.unwish("stop")
    second = build(broken_run)
    assert second.epoch == 2
    assert not second.fit()

    assert_same(state_of(straight), state_of(second))
    assert curves(straight_run) == curves(broken_run)
    assert second.best.state() == straight.best.state()
    assert second.keeper.plateau.state() == straight.keeper.plateau.state()


def test_the_same_seed_gives_the_same_network_and_another_one_does_not(make_run, build):
    networks = []
    for seed in (7, 7, 8):
        training = build(make_run(epochs=1, seed=seed, augmentation={"rotation": 20}))
        training.fit()
        networks.append(weights_of(training))
    assert_same(networks[0], networks[1])
    assert not np.array_equal(networks[0][0], networks[2][0])


def test_a_stop_is_honoured_within_one_batch_and_the_epoch_marked_partial(make_run, build, wish_at):
    run = make_run(epochs=5)
    training = build(run, wish_at(run, "stop", epoch=2, batch=3))
    assert training.fit()
    assert training.journal.seen == 3 * 32
    whole, part = run.epochs()
    assert (whole.epoch, whole.partial) == (1, False)
    assert (part.epoch, part.partial, part.val_loss) == (2, True, None)
    assert present(checkpoint.load(run.checkpoint_dir)).epoch == 1
    report = training.completed(RunReport(), restored=False, macs=1)
    assert (report.epochs, report.weights_epoch) == (1, 2)


def test_a_stop_is_honoured_within_validation(make_run, build, wish_at):
    run = make_run(epochs=5)
    training = build(run, wish_at(run, "stop", epoch=1, batch=5))
    assert training.fit()
    (part,) = run.epochs()
    assert part.partial
    assert part.val_loss is None


def test_a_resumed_run_cuts_the_partial_epoch_from_its_journals(make_run, build, wish_at):
    run = make_run(epochs=3)
    build(run, wish_at(run, "stop", epoch=2, batch=2)).fit()
    run.unwish("stop")
    training = build(run)
    assert [epoch.epoch for epoch in run.epochs()] == [1]
    assert {batch.epoch for batch in run.batches()} <= {1}
    training.fit()
    assert [(epoch.epoch, epoch.partial) for epoch in run.epochs()] == [(1, False), (2, False), (3, False)]
    assert training.fit_seconds == pytest.approx(run.epochs()[-1].elapsed, rel=0.2)


def test_a_pause_holds_training_between_two_batches_and_changes_nothing(make_run, build, wish_at):
    run, straight = make_run(epochs=2), make_run(epochs=2)
    training = build(run, wish_at(run, "pause", epoch=1, batch=3))
    fitting = threading.Thread(target=training.fit)
    fitting.start()
    while run.status().state != "paused":
        assert fitting.is_alive()
    assert training.journal.seen == 3 * 32
    run.unwish("pause")
    fitting.join(60)
    assert run.status().state == "running"
    expected = build(straight)
    expected.fit()
    assert_same(weights_of(training), weights_of(expected))


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


def test_a_damaged_checkpoint_is_refused_clearly(make_run, build):
    run = make_run(epochs=1)
    build(run).fit()
    path = checkpoint.path_of(run.checkpoint_dir)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(RunError, match=r"damaged.*Delete the folder 'checkpoint'"):
        build(run)


def test_another_networks_checkpoint_is_refused(make_run, build):
    run, other = make_run(epochs=1), make_run(epochs=1, optimizer="SGD")
    build(run).fit()
    checkpoint.save(other.checkpoint_dir, present(checkpoint.load(run.checkpoint_dir)))
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


def test_a_line_without_its_checkpoint_is_cut_and_the_epoch_trained_again(make_run, build, wish_at):
    run, straight = make_run(epochs=3), make_run(epochs=3)
    build(run, wish_at(run, "stop", epoch=2, batch=1)).fit()
    run.unwish("stop")
    # As if the process had died after the line of epoch 2, before its checkpoint was on the disk.
    run.append_epoch(run.epochs()[0].but(epoch=2))
    build(run).fit()
    build(straight).fit()
    assert curves(run) == curves(straight)
