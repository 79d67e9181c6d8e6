"""`cnnviz transfer`, as a user would type it."""

from __future__ import annotations

import json

import keras
import pytest

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from tests.commands import cnnviz, refused, typed

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def run(runs_dir, cache_dir):
    dataset, spec = DatasetSpec(name="digits"), architectures.make("one-convolution", filters=4, dense=30)
    facts = datasets.facts(dataset)
    keras.utils.set_random_seed(0)
    model = build_model(spec, facts.input_shape, facts.classes)
    made = RunDirectory.create(runs_dir, ExperimentSpec(dataset=dataset, architecture=spec), name="mine")
    model.save(made.model_path)
    made.set_status(state="done")
    return made


def test_a_run_is_named_and_both_protocols_are_printed(run):
    wish = (
        "transfer",
        "--dataset",
        "digits",
        "--train-size",
        "200",
        "--test-size",
        "100",
        "--extractor",
        "mine",
        "--features",
        "20",
    )
    first = typed(*wish, "--json")
    assert first.returncode == 0, first.stderr
    results = json.loads(first.stdout)
    assert results["protocols"]["cross-validation"]["folds"] == 5
    assert results["protocols"]["train-test"]["n_fit"] == 200
    assert len(results["selection"]["chosen"]) == 20
    told = cnnviz(*wish)
    assert "train-test" in told.stdout
    assert "cross-validation" in told.stdout
    assert "20 of 30 features of mine (dense1)" in told.stderr


def test_what_is_impossible_is_one_line_and_exit_code_2(run):
    told = refused("transfer", "--dataset", "digits", "--extractor", "mine", "--features", "31")
    assert "at most 30" in told
