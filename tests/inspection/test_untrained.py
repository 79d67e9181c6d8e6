"""The weights that a training began with, made again from its seed, against the training itself."""

import shutil

import keras
import numpy as np
import pytest

from cnnviz import architectures, datasets
from cnnviz.errors import RunError
from cnnviz.inspection import network
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.training.fit import Training
from cnnviz.training.progress import Progress

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
DIGITS = DatasetSpec(name="digits", train_size=60, test_size=20)


@pytest.fixture(autouse=True)
def _clean():
    network._networks.clear()
    yield
    keras.mixed_precision.set_global_policy("float32")


def begin(root, architecture="batch-norm", **training) -> tuple[RunDirectory, Training]:
    experiment = ExperimentSpec.parse(
        {"dataset": DIGITS, "architecture": architectures.make(architecture), "training": training}
    )
    run = RunDirectory.create(root, experiment)
    return run, Training(run, experiment, datasets.load(DIGITS), Progress(run))


@pytest.mark.parametrize(
    "training",
    [
        {"seed": 7},
        {
            "precision": "mixed_bfloat16",
            "l2": 1e-3,
            "augmentation": {"rotation": 10, "horizontal_flip": True},
        },
    ],
)
def test_all_weights_are_those_before_the_first_step(tmp_path, training):
    run, begun = begin(tmp_path, **training)
    expected = [np.asarray(weight) for weight in begun.network.get_weights()]
    keras.utils.set_random_seed(99)  # whatever else the process has drawn meanwhile
    found = network.load(str(run.path), untrained=True).model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_the_kernels_are_those_of_the_first_snapshot_and_training_has_changed_them(tmp_path):
    run, begun = begin(tmp_path, "two-pairs", epochs=1, seed=3)
    begun.fit()
    begun.network.save(run.model_path)
    run.set_status(state="done")
    with np.load(run.snapshots_dir / "epoch-0000.npz") as snapshot:
        before = network.kernels(str(run.path), "block1_conv1", untrained=True).kernel
        assert np.array_equal(before.astype(np.float16), snapshot["kernels"])
    assert not np.array_equal(before, network.kernels(str(run.path), "block1_conv1").kernel)
    widest = network.weight_histograms(str(run.path), 10, untrained=True)[0]
    assert widest.deviation == pytest.approx(before.std(), rel=1e-5)


def test_a_run_that_began_with_another_runs_convolutions_shows_them(tmp_path):
    source, taught = begin(tmp_path, "two-pairs", epochs=1, seed=1)
    taught.fit()
    taught.network.save(source.model_path)
    source.set_status(state="done")
    run, begun = begin(tmp_path, "two-pairs", seed=2, init_from=source.id, freeze="base")
    expected = [np.asarray(weight) for weight in begun.network.get_weights()]
    found = network.load(str(run.path), untrained=True).model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    shutil.rmtree(source.path)
    network._networks.clear()
    with pytest.raises(RunError):
        network.load(str(run.path), untrained=True)
