"""The base from a finished run: its weights arrive, stay where they are when frozen, and are counted so."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz import backend
from cnnviz.errors import RunError, SpecError
from cnnviz.runs import RunDirectory, RunReport
from cnnviz.specs import ExperimentSpec
from cnnviz.training import checks
from cnnviz.training.fit import prepare

#: Keras's own saving warns with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
BASE = ("conv1", "conv2")
#: 4·3²·1 + 4 and 6·5²·4 + 6.
BASE_PARAMS, HEAD_PARAMS = 40 + 606, (8 * 8 * 6) * 10 + 10


def weights(training, name):
    return [backend.array(weight) for weight in training.network.get_layer(name).weights]


@pytest.fixture
def source(make_run, build):
    """A run whose network is saved, and its training."""
    run = make_run(epochs=1)
    training = build(run)
    training.fit()
    training.network.save(run.model_path)
    run.set_status(state="done")
    return run, training


def test_a_frozen_base_keeps_the_weights_of_its_run_and_only_the_rest_is_trained(make_run, build, source):
    run, first = source
    training = build(make_run(epochs=1, seed=5, init_from=run.id, freeze="base"))
    head = weights(training, "classifier")
    training.fit()
    for name in BASE:
        for mine, theirs in zip(weights(training, name), weights(first, name), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(weights(training, "classifier")[0], head[0])
    report = training.completed(RunReport(), restored=False, macs=0)
    assert report.params == BASE_PARAMS + HEAD_PARAMS
    assert report.trainable_params == HEAD_PARAMS


def test_a_base_that_is_not_frozen_starts_there_and_learns_on(make_run, build, source):
    run, first = source
    training = build(make_run(epochs=1, init_from=run.id))
    np.testing.assert_array_equal(weights(training, "conv1")[0], weights(first, "conv1")[0])
    training.fit()
    assert not np.array_equal(weights(training, "conv1")[0], weights(first, "conv1")[0])
    report = training.completed(RunReport(), restored=False, macs=0)
    assert report.trainable_params == BASE_PARAMS + HEAD_PARAMS


def test_a_frozen_base_needs_no_run(make_run, build):
    training = build(make_run(epochs=1, freeze="base"))
    drawn = weights(training, "conv1")
    training.fit()
    np.testing.assert_array_equal(weights(training, "conv1")[0], drawn[0])


def test_resuming_with_a_frozen_base_goes_on_bit_by_bit(make_run, build, wish_at, source):
    settings = {"epochs": 3, "init_from": source[0].id, "freeze": "base"}
    straight = build(make_run(**settings))
    straight.fit()
    broken = make_run(**settings)
    build(broken, wish_at(broken, "stop", epoch=2, batch=2)).fit()
    broken.unwish("stop")
    resumed = build(broken)
    assert resumed.epoch == 1
    resumed.fit()
    for name in (*BASE, "classifier"):
        for one, other in zip(weights(straight, name), weights(resumed, name), strict=True):
            np.testing.assert_array_equal(one, other)


def test_frozen_batch_normalization_learns_no_means_of_its_own(tmp_path):
    from cnnviz.architectures import make
    from cnnviz.architectures.build import build_model
    from cnnviz.specs import TrainingSpec

    architecture, training = make("deep-pairs", blocks=(4,), dense=8), TrainingSpec(freeze="base")
    network = build_model(architecture, (16, 16, 1), 10)
    prepare(network, architecture, training, tmp_path)
    norm = network.get_layer("block1_norm1")
    before = backend.array(norm.moving_mean)
    network(np.random.default_rng(0).integers(0, 255, (8, 16, 16, 1), dtype=np.uint8), training=True)
    np.testing.assert_array_equal(backend.array(norm.moving_mean), before)
    names = {weight.path.split("/")[0] for weight in network.trainable_weights}
    assert names == {"dense1", "softmax"}


def test_a_base_that_can_not_be_had_is_refused_before_queueing(make_run, source):
    run, _ = source
    root, fits = run.path.parent, run.spec().experiment
    checks.check(with_base(fits, run.id), root)
    with pytest.raises(RunError, match="gone, but that run is not there"):
        checks.check(with_base(fits, "gone"), root)
    waiting = make_run(epochs=2)
    with pytest.raises(RunError, match="that run is queued"):
        checks.check(with_base(fits, waiting.id), root)
    wider = fits.but(architecture=widened(fits))
    with pytest.raises(SpecError, match="are others than those of this network"):
        checks.check(with_base(wider, run.id), root)


def test_a_damaged_network_is_named(make_run, build, source):
    run, _ = source
    RunDirectory.open(run.path).model_path.write_bytes(b"no network")
    with pytest.raises(RunError, match="can't be read"):
        build(make_run(init_from=run.id))


def with_base(experiment: ExperimentSpec, run_id: str) -> ExperimentSpec:
    return experiment.but(training=experiment.training.but(init_from=run_id, freeze="base"))


def widened(experiment: ExperimentSpec):
    layers = [layer.model_dump() for layer in experiment.architecture.layers]
    layers[0]["filters"] = 5
    return experiment.architecture.but(layers=layers)
