"""The worker as a process: every file of the run directory, and every way to end."""

from __future__ import annotations

import itertools
import json
import resource
import signal
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.training import checkpoint
from cnnviz.training import worker as worker_module


def test_a_finished_run_has_every_file(finished):
    names = {path.name for path in finished.path.iterdir()}
    records = {"spec.json", "status.json", "epochs.jsonl", "batches.jsonl", "report.json", "environment.json"}
    assert names >= records | {"checkpoint", "snapshots", "model.keras", "predictions.npz", "log.txt"}
    assert not [name for name in names if name.startswith(".")]


def test_a_finished_run_is_done_and_says_where_it_ran(finished):
    status = finished.status()
    assert (status.state, status.reason, status.epoch, status.epochs) == ("done", "", 3, 3)
    assert status.started < status.ended
    assert status.pid
    assert "CPU" in status.device or "GPU" in status.device


def test_epochs_are_journaled_with_all_figures(finished):
    epochs = finished.epochs()
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3]
    for epoch in epochs:
        known = {name for name, value in epoch.as_dict().items() if value is not None}
        figures = {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "images_per_second"}
        assert known == figures | {"epoch", "seconds", "train_seconds", "elapsed", "partial"}
        assert 0 < epoch.train_seconds <= epoch.seconds <= epoch.elapsed
        assert epoch.learning_rate == 0.001
        assert not epoch.partial


def test_live_figures_come_at_most_four_times_a_second(finished):
    elapsed = [batch.elapsed for batch in finished.batches()]
    assert elapsed
    assert all(later - earlier >= 0.249 for earlier, later in itertools.pairwise(elapsed))


def test_the_environment_says_what_is_needed_to_judge_and_repeat_the_run(finished):
    environment = finished.environment()
    assert set(environment.versions) == {"cnnviz", "python", "keras", "tensorflow", "numpy"}
    assert environment.device_kind in ("CPU", "GPU")
    assert environment.precision == "float32"
    data = datasets.load(finished.spec().experiment.dataset)
    assert (environment.data.origin, environment.data.fingerprint) == (data.origin, data.fingerprint)


def test_phases_of_time_are_told_apart(finished):
    phases = finished.environment().phases
    assert set(phases) == {"import", "load", "build", "first_step", "training", "evaluation", "saving"}
    assert all(seconds > 0 for seconds in phases.values())
    assert phases["first_step"] < phases["training"]
    assert phases["training"] == finished.report().fit_seconds


def test_the_saved_model_needs_only_keras_and_gives_the_saved_predictions(finished):
    import keras

    with zipfile.ZipFile(finished.model_path) as archive:
        config = json.loads(archive.read("config.json"))
    assert "cnnviz" not in json.dumps(config)
    assert not config["compile_config"]
    model = keras.models.load_model(finished.model_path, safe_mode=True)
    data = datasets.load(finished.spec().experiment.dataset)
    saved = finished.predictions()
    probabilities = model.predict(data.test.images, verbose=0)
    np.testing.assert_allclose(probabilities, saved["test_probabilities"], atol=1e-3)
    np.testing.assert_array_equal(saved["test_labels"], data.test.labels)
    np.testing.assert_array_equal(saved["train_indices"], data.train.indices)
    assert saved["train_probabilities"].shape == (160, 10)


def test_the_report_agrees_with_scikit_learn_and_keras(finished):
    import keras
    from sklearn.metrics import accuracy_score, log_loss

    report, saved = finished.report(), finished.predictions()
    predicted = saved["test_probabilities"].argmax(axis=1)
    assert report.test_accuracy == pytest.approx(accuracy_score(saved["test_labels"], predicted))
    data = datasets.load(finished.spec().experiment.dataset)
    model = keras.models.load_model(finished.model_path)
    exact = model.predict(data.test.images, verbose=0).astype(float)
    exact /= exact.sum(axis=1, keepdims=True)
    expected = log_loss(data.test.labels, exact, labels=range(10))
    assert report.test_crossentropy == pytest.approx(expected, rel=1e-4)
    # With label smoothing and L2, as the curves have it: Keras's own evaluation of one-hot labels.
    model.compile(loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    one_hot = np.eye(10)[data.validation.labels]
    assert report.validation_loss == pytest.approx(
        model.evaluate(data.validation.images, one_hot, verbose=0), rel=1e-4
    )
    assert report.validation_loss == pytest.approx(finished.epochs()[-1].val_loss, rel=1e-4)


def test_the_report_counts_what_was_trained(finished):
    report = finished.report()
    counts = ("n_train", "n_validation", "n_test", "epochs", "weights_epoch", "stopped_early")
    assert [getattr(report, name) for name in counts] == [160, 40, 60, 3, 3, False]
    # conv1 4·3²+4, conv2 6·5²·4+6, dense 8·8·6·10+10
    assert report.params == report.trainable_params == 40 + 606 + 3850


def test_snapshots_hold_the_untrained_network_and_every_epoch(finished):
    names = sorted(path.name for path in finished.snapshots_dir.iterdir())
    assert names == ["epoch-0000.npz", "epoch-0001.npz", "epoch-0002.npz", "epoch-0003.npz", "probes.npz"]
    with np.load(finished.snapshots_dir / "epoch-0003.npz") as snapshot:
        seen = [name for name in snapshot.files if name.startswith(("prob", "kern", "map"))]
        shapes = {name: (snapshot[name].shape, str(snapshot[name].dtype)) for name in seen}
    with np.load(finished.snapshots_dir / "probes.npz") as probes:
        count = len(probes["labels"])
        assert probes["images"].shape == (count, 16, 16, 1)
        assert sorted(set(probes["labels"])) == sorted(probes["labels"]), "one image a class"
    assert shapes == {
        "probabilities": ((count, 10), "float16"),
        "kernels": ((3, 3, 1, 4), "float16"),
        "map_conv1": ((16, 16, 4), "float16"),
        "map_conv2": ((8, 8, 6), "float16"),
    }


def test_an_impossible_batch_fails_with_a_reason_before_keras_is_started(make_run, worker):
    run = make_run(batch_size=161)
    assert worker(run) == 1
    assert run.status().state == "failed"
    assert "larger than the 160 training images" in run.status().reason
    assert "at most 160" in run.status().reason
    log = run.log_path.read_text()
    assert "Traceback" in log
    assert "tensorflow" not in log


def test_a_stop_before_the_first_step_leaves_nothing_trained(make_run, worker_here):
    run = make_run()
    run.wish("stop")
    assert worker_here(run) == 0
    assert run.status().state == "stopped"
    assert "nothing is trained" in run.status().reason
    assert not run.model_path.exists()


def test_a_full_disk_fails_the_run_and_loses_nothing_saved(make_run, build, wish_at, worker_here):
    run = make_run(epochs=3)
    training = build(run, wish_at(run, "stop", epoch=2, batch=1))
    assert training.fit()
    run.unwish("stop")
    before = checkpoint.path_of(run.checkpoint_dir).read_bytes()

    # No file may grow beyond 30 kB: the status still fits, the checkpoint does not.
    limit = 30_000
    assert len(before) > limit
    before_it = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before_it[1]))
    try:
        assert worker_here(run) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before_it)
    assert run.status().state == "failed"
    assert "no space left" in run.status().reason
    assert "Delete runs" in run.status().reason
    assert checkpoint.path_of(run.checkpoint_dir).read_bytes() == before
    assert [epoch.epoch for epoch in run.epochs()][:1] == [1]


def test_sigterm_marks_the_run_interrupted(make_run):
    run = make_run(epochs=10_000)
    command = [sys.executable, "-m", "cnnviz.training.worker", str(run.path)]
    # Held by a pause before anything is loaded, so that the signal meets it at a known place.
    run.wish("pause")
    with subprocess.Popen(command) as process:
        while run.status().state != "paused":
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    assert run.status().state == "interrupted"


def test_devices_checks_and_engine_import_neither_keras_nor_tensorflow():
    code = (
        "import sys, cnnviz.training.checks, cnnviz.training.devices, cnnviz.engine.local, "
        "cnnviz.engine.estimate; cnnviz.training.devices.devices(); "
        "print([m for m in ('keras', 'tensorflow', 'sklearn') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_lack_of_memory_ends_with_advice(make_run):
    assert "a batch of 16 in place of 32" in worker_module._reason(MemoryError(), make_run())
    assert "fewer filters or units" in worker_module._reason(MemoryError(), make_run(batch_size=1))


def test_an_unexpected_error_names_itself_and_the_log(make_run):
    reason = worker_module._reason(ValueError("first line\nsecond line"), make_run())
    assert reason == "Unexpected ValueError: first line. The log holds the details."


def test_a_stop_before_a_resumed_run_goes_on_leaves_its_checkpoint(make_run, build, wish_at, worker_here):
    run = make_run(epochs=3)
    build(run, wish_at(run, "stop", epoch=2, batch=2)).fit()
    before = checkpoint.path_of(run.checkpoint_dir).read_bytes()
    assert worker_here(run) == 0
    assert run.status().state == "stopped"
    assert "Resuming goes on" in run.status().reason
    assert checkpoint.path_of(run.checkpoint_dir).read_bytes() == before


def test_a_damaged_checkpoint_fails_the_run_with_what_to_do(make_run, worker_here):
    run = make_run()
    run.checkpoint_dir.mkdir()
    checkpoint.path_of(run.checkpoint_dir).write_bytes(b"PK\x03\x04 not whole")
    assert worker_here(run) == 1
    assert run.status().state == "failed"
    assert "damaged" in run.status().reason
    assert "Delete the folder 'checkpoint'" in run.status().reason
