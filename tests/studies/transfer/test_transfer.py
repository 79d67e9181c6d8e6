"""Extractors and the whole path: processes, cache, weights in the official layout, leakage."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnviz import architectures, datasets, runs
from cnnviz.architectures.build import build_model
from cnnviz.datasets import Split
from cnnviz.errors import DataError, DataMissingError, RunError, SpecError
from cnnviz.inspection.service import inspector
from cnnviz.jobs.job import Stopped
from cnnviz.runs import RunDirectory, RunReport
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.studies.transfer import networks, vgg16_weights
from cnnviz.studies.transfer.features import FeatureStore
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.studies.transfer.transfer_spec import (
    GetImagenetMaps,
    TransferSpec,
    extractor,
    fitting,
    imagenet,
    planned,
)
from tests.conftest import keep_shapes_in
from tests.present import present
from tests.studies.transfer import imagenet_weights

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
DIGITS = DatasetSpec(name="digits", train_size=120, test_size=80)
SHAPES = DatasetSpec(name="shapes", train_size=40, test_size=40)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """A data folder with a file of random weights under the official name, and what is in it."""
    folder = tmp_path_factory.mktemp("imagenet")
    return folder, imagenet_weights.write(folder / "models" / vgg16_weights.FILE)


@pytest.fixture
def placed(weights, monkeypatch):
    """That data folder in use; gives the weights by layer."""
    monkeypatch.setenv("CNNVIZ_DATA_DIR", str(weights[0]))
    return weights[1]


@pytest.fixture
def own(runs_dir, cache_dir, tmp_path_factory):
    """Folders of this test's own; shapes need not be drawn again."""
    keep_shapes_in(cache_dir, tmp_path_factory)
    return runs_dir


def make_run(root, dataset=DIGITS, name="own", architecture="two-pairs", **parameters):
    spec = architectures.make(architecture, **parameters)
    facts = datasets.facts(dataset)
    keras.utils.set_random_seed(1)
    model = build_model(spec, facts.input_shape, facts.classes)
    run = RunDirectory.create(root, ExperimentSpec(dataset=dataset, architecture=spec), name=name)
    model.save(run.model_path)
    run.write_report(RunReport(test_accuracy=0.5, n_test=80))
    run.set_status(state="done")
    return run, model


def done(spec):
    job = TransferJob.create(spec)
    assert job.run().state == "done"
    return job, job.results()


def test_preprocessing_is_imagenets_and_leaves_the_images_alone():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 32, 32, 3), np.uint8)
    for given in (images.copy(), images.astype(np.float32)):
        seen = networks.as_imagenet(given)
        assert np.array_equal(given, images)  # Keras's own function changes float arrays in place
        means = np.array([103.939, 116.779, 123.68], np.float32)
        assert seen == pytest.approx(images[..., ::-1].astype(np.float32) - means, abs=1e-4)


def test_small_grey_images_are_enlarged_by_a_whole_factor_and_made_coloured():
    assert vgg16_weights.adaptation((16, 16, 1)) == (
        2,
        "enlarged 2 times to 32 × 32 and grey repeated as red, green and blue",
    )
    assert vgg16_weights.adaptation((32, 32, 3)) == (1, "")
    assert vgg16_weights.adaptation((28, 28, 1))[0] == 2
    image = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    seen = networks.as_imagenet(image)
    assert seen.shape == (1, 32, 32, 3)
    assert seen[0, ::2, ::2, 2] + 123.68 == pytest.approx(image[0, ..., 0], abs=1e-3)
    assert np.array_equal(seen[0, ::2, ::2], seen[0, 1::2, 1::2])


def test_imagenet_layers_and_widths_are_keras_own():
    model = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    theirs = [(layer.name, layer.output.shape[-1]) for layer in model.layers[1:]]
    assert [(layer.name, layer.width) for layer in imagenet().layers] == theirs
    assert imagenet().layer("") == ("block5_pool", 512, False)


def test_the_file_of_weights_is_read_as_it_was_written(placed):
    image = datasets.load(SHAPES).train.images_at([0])
    found = networks.imagenet_maps(present(vgg16_weights.find()), ["block1_conv1"], image[0])
    kernel, bias = placed["block1_conv1"]
    padded = np.pad(networks.as_imagenet(image)[0], ((1, 1), (1, 1), (0, 0)))
    window = padded[10:13, 20:23]  # around pixel (10, 20)
    by_hand = np.maximum(np.tensordot(window, kernel, 3) + bias, 0)
    assert found[0].values.shape == (32, 32, 64)
    assert found[0].values[10, 20] == pytest.approx(by_hand, rel=1e-3, abs=1e-2)


def test_features_are_the_means_of_the_last_maps(placed):
    images = datasets.load(SHAPES).train.images_at(range(5))
    extract = networks.imagenet_extractor(present(vgg16_weights.find()), "block3_pool", (32, 32, 3))
    model = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    model.set_weights([array for pair in placed.values() for array in pair])
    inside = keras.Model(model.inputs, model.get_layer("block3_pool").output)
    copied = keras.applications.vgg16.preprocess_input(images.astype(np.float32))
    theirs = inside.predict(copied, verbose=0).mean(axis=(1, 2))
    assert extract(images) == pytest.approx(theirs, rel=1e-3, abs=1e-3)


def test_the_whole_path_with_weights_in_the_official_layout(placed, own):
    folder = TransferJob.create(TransferSpec(dataset=SHAPES, features=60, folds=4))
    stages = []
    assert folder.run(lambda now: stages.append(now.stage)).state == "done"
    results = present(folder.results())
    assert results.extractor.model_dump() == {
        "id": "imagenet",
        "title": "VGG16 with ImageNet weights",
        "layer": "block5_pool",
        "official": False,
        "adapted": "",
        "stamp": vgg16_weights.checksum(present(vgg16_weights.find())),
    }
    assert results.selection.width == 512
    assert len(results.selection.chosen) == 60
    assert present(results.score("cross-validation")).folds == 4
    assert present(results.score("train-test")).n_fit == 40
    assert folder.selection()["scores"].shape == (512,)
    assert stages
    assert [one.id for one in TransferJob.with_results()] == [folder.id]


def test_grey_digits_go_through_it_too(placed, own):
    _, results = done(
        TransferSpec(
            dataset=DIGITS.but(train_size=20, test_size=20), layer="block1_pool", features=10, folds=2
        )
    )
    assert results.extractor.adapted.startswith("enlarged 2 times")
    assert results.selection.width == 64


def test_without_the_file_the_message_names_it_and_its_place(data_dir, own, monkeypatch):
    monkeypatch.setattr(vgg16_weights, "URL", "http://127.0.0.1:9/absent.h5")
    with pytest.raises(DataMissingError) as caught:
        vgg16_weights.bring(lambda text, share: None)
    for part in (vgg16_weights.FILE, str(data_dir / "models"), "your own runs"):
        assert part in str(caught.value)
    assert list((data_dir / "models").iterdir()) == []


def test_a_download_is_checked_and_lands_in_the_data_folder(data_dir, tmp_path, monkeypatch):
    served = tmp_path / "served"
    served.mkdir()
    (served / "weights.h5").write_bytes(b"weights")
    handler = partial(SimpleHTTPRequestHandler, directory=str(served))
    told = []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/weights.h5"
        md5 = hashlib.md5(b"weights", usedforsecurity=False).hexdigest()  # Keras checks it
        monkeypatch.setattr(vgg16_weights, "URL", url)
        monkeypatch.setattr(vgg16_weights, "MD5", md5)
        path = vgg16_weights.bring(lambda *said: told.append(said))
        server.shutdown()
    assert path == data_dir / "models" / vgg16_weights.FILE
    assert path.read_bytes() == b"weights"
    assert vgg16_weights.checksum(path) == md5
    assert told


def test_keras_own_cache_is_used_but_never_written(data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert vgg16_weights.find() is None
    file = tmp_path / "keras" / "models" / vgg16_weights.FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    assert vgg16_weights.find() == file
    assert vgg16_weights.bring(lambda text, share: None) == file


def test_a_damaged_file_is_named(data_dir, own):
    (data_dir / "models").mkdir()
    (data_dir / "models" / vgg16_weights.FILE).write_bytes(b"nonsense")
    job = TransferJob.create(TransferSpec(dataset=SHAPES))
    with pytest.raises(DataError, match="damaged"):
        job.run()
    assert job.status().state == "failed"
    assert "damaged" in job.status().reason


def test_a_run_serves_as_the_extractor(own):
    run, model = make_run(own)
    _, results = done(TransferSpec(dataset=DIGITS, extractor=run.id, features=50))
    assert results.extractor.layer == "dense1"
    assert results.selection.width == 512
    images = datasets.load(DIGITS).test.images
    theirs = keras.Model(model.inputs, model.get_layer("block2_conv1").output).predict(images, verbose=0)
    extract = networks.run_extractor(run.path, "block2_conv1", (16, 16, 1))
    assert extract(images) == pytest.approx(theirs.mean(axis=(1, 2)), rel=1e-4, abs=1e-5)


def test_features_are_computed_once_and_classified_anew(own):
    run, _ = make_run(own)
    _, first = done(TransferSpec(dataset=DIGITS, extractor=run.id, features=50))
    _, second = done(TransferSpec(dataset=DIGITS, extractor=run.id, features=20, C=1.0))
    assert not first.seconds.from_cache
    assert second.seconds.from_cache
    assert second.seconds.features == first.seconds.features
    run.model_path.touch()  # as if it had been trained again
    _, third = done(TransferSpec(dataset=DIGITS, extractor=run.id, features=20))
    assert not third.seconds.from_cache


def test_selection_sees_no_test_image_and_no_test_label(own, monkeypatch):
    run, _ = make_run(own)
    folder, before = done(TransferSpec(dataset=DIGITS, extractor=run.id, features=30))
    chosen, scores = before.selection.chosen, folder.selection()["scores"]
    load = datasets.load

    def shuffled(spec):
        data = load(spec)
        labels = np.random.default_rng(0).permutation(data.full_test.labels)
        images = data.full_test.images[::-1]
        test = Split(images, labels, data.test.indices)
        return data.__class__(**{**data.__dict__, "test": test, "fingerprint": "shuffled"})

    monkeypatch.setattr(datasets, "load", shuffled)
    folder, after = done(TransferSpec(dataset=DIGITS, extractor=run.id, features=30))
    assert after.selection.chosen == chosen
    assert np.array_equal(folder.selection()["scores"], scores)
    assert after.protocols["train-test"].score != before.protocols["train-test"].score


def test_a_stop_keeps_the_parts_and_the_next_start_goes_on(own):
    data = datasets.load(DatasetSpec(name="digits", validation_split=0.0))
    store = FeatureStore(TransferSpec(dataset=data.spec), data, "weights")
    seen = []

    def extract(images):
        seen.append(len(images))
        return images.mean(axis=(1, 2)).astype(np.float32)

    def stop_after_two(done, total):
        if len(seen) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        store.compute(extract, stop_after_two)
    assert seen == [512, 512]
    told = []
    features = store.compute(extract, lambda *counts: told.append(counts))
    assert sum(seen) == len(data.train) + len(data.test)  # nothing was computed twice
    assert told[-1] == (sum(seen), sum(seen))
    assert features.train == pytest.approx(data.train.images.mean(axis=(1, 2)))
    again = present(store.find())
    assert np.array_equal(again.test, features.test)
    assert [path.name for path in store.path.iterdir()] == ["features.npz"]


def test_damaged_features_are_computed_again(own):
    data = datasets.load(DIGITS)
    store = FeatureStore(TransferSpec(dataset=DIGITS), data, "weights")
    store.path.mkdir(parents=True)
    (store.path / "features.npz").write_bytes(b"nonsense")
    assert store.find() is None


def test_a_wish_to_stop_is_told_as_such(own):
    run, _ = make_run(own)
    job = TransferJob.create(TransferSpec(dataset=DIGITS, extractor=run.id))
    assert job.run(lambda now: job.stop()).state == "stopped"
    assert job.results() is None
    assert job.run().state == "done"  # which takes the wish back
    assert present(job.results()).protocols


def test_a_download_is_stopped_too_and_leaves_nothing(data_dir, own, monkeypatch):
    monkeypatch.setattr(vgg16_weights, "URL", "http://127.0.0.1:9/absent.h5")
    job = TransferJob.create(TransferSpec(dataset=SHAPES))

    def stop_the_download(now):
        if now.stage.startswith("downloading"):
            job.stop()

    assert job.run(stop_the_download).state == "stopped"
    assert list((data_dir / "models").iterdir()) == []


def test_impossible_wishes_are_named_before_anything_starts(own):
    run, _ = make_run(own)
    with pytest.raises(SpecError, match=r"16×16×1; shapes has 32×32×3"):
        planned(TransferSpec(dataset=SHAPES, extractor=run.id))
    with pytest.raises(SpecError, match="no layer 'dense9'"):
        planned(TransferSpec(dataset=DIGITS, extractor=run.id, layer="dense9"))
    with pytest.raises(SpecError, match="gives 512 features; 600"):
        planned(TransferSpec(dataset=DIGITS, extractor=run.id, features=600))
    with pytest.raises(RunError):
        planned(TransferSpec(dataset=DIGITS, extractor="nobody"))
    with pytest.raises(SpecError):
        TransferSpec.parse({"dataset": DIGITS, "folds": 1})


def test_layers_that_answer_below_zero_are_not_offered(own):
    run, _ = make_run(own, SHAPES, architecture="batch-norm")
    found = extractor(run.id)
    assert any(layer.signed for layer in found.layers)
    assert not any(layer.signed for layer in found.usable)
    signed = next(layer.name for layer in found.layers if layer.signed)
    with pytest.raises(SpecError, match="below 0"):
        found.layer(signed)


def test_only_finished_runs_of_that_shape_fit_and_lost_images_do_no_harm(own, data_dir):
    grey, _ = make_run(own, name="grey")
    colour, _ = make_run(own, SHAPES, name="colour")
    lost, _ = make_run(own, SHAPES, name="lost")
    spec = (lost.path / "spec.json").read_text().replace('"name":"shapes"', '"name":"folder:gone"')
    (lost.path / "spec.json").write_text(spec)
    waiting = RunDirectory.create(
        own, ExperimentSpec(dataset=SHAPES, architecture=architectures.make("lenet"))
    )
    assert waiting.status().state == "queued"
    found = runs.list_runs()
    assert len(found) == 4
    assert [run.id for run in fitting(found, (32, 32, 3))] == [colour.id]
    assert [run.id for run in fitting(found, (16, 16, 1))] == [grey.id]


def test_few_test_images_leave_one_protocol_and_say_why(own):
    run, _ = make_run(own)
    _, results = done(TransferSpec(dataset=DIGITS.but(test_size=20), extractor=run.id))
    assert results.protocols["train-test"].n == 20
    assert "fewer folds" in results.protocols["cross-validation"].problem


def test_the_inspection_process_answers_with_imagenets_maps(placed):
    image = datasets.load(SHAPES).train.images_at([0])[0]
    layers = ["block1_conv1", "block5_conv3"]
    found = inspector().ask(GetImagenetMaps.of(present(vgg16_weights.find()), layers, image))
    with pytest.raises(DataError):
        inspector().ask(GetImagenetMaps.of(Path(__file__), layers[:1], image))
    assert [one.values.shape for one in found] == [(32, 32, 64), (2, 2, 512)]


def test_a_folder_without_anything_is_new(own):
    folder = TransferJob(own / "nothing")
    assert folder.status().state == "waiting"
    assert folder.results() is None
    assert folder.selection() == {}
