"""Class weights by scikit-learn's rule or given, and what is refused before a run begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from cnnviz import architectures
from cnnviz.errors import SpecError
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from cnnviz.training import checks, devices
from cnnviz.training.optimization import class_weights


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_balanced_weights_are_scikit_learns(labels):
    present = np.unique(labels)
    expected = compute_class_weight("balanced", classes=present, y=labels)
    found = class_weights(TrainingSpec(class_weight="balanced"), np.array(labels))
    assert found == pytest.approx(dict(zip(present.tolist(), expected, strict=True)))


def test_given_weights_stand_in_the_order_of_the_classes():
    spec = TrainingSpec(class_weight=" 1,2.50 , 0")
    assert class_weights(spec, np.array([0, 1, 2])) == {0: 1, 1: 2.5, 2: 0}
    assert spec == TrainingSpec(class_weight="1, 2.5, 0"), "one way of writing, one hash"
    assert class_weights(TrainingSpec(), np.array([0])) is None
    assert TrainingSpec(class_weight="").hash() == TrainingSpec().hash()


@pytest.mark.parametrize("text", ["balance", "1, -1", "0, 0", "1,,2", "nan", "1e9"])
def test_what_is_no_weights_is_refused(text):
    with pytest.raises(SpecError, match="Set it to 'balanced', or to a number from 0"):
        TrainingSpec.parse({"class_weight": text})


def test_weights_for_other_classes_are_refused_before_the_run_begins():
    network, training = architectures.make("one-convolution"), TrainingSpec(class_weight="1, 2")
    with pytest.raises(SpecError, match=r"gives 2 numbers for 10 classes. .* order: 0, 1, 2"):
        checks.check(ExperimentSpec(dataset=DatasetSpec(), architecture=network, training=training))


def test_what_no_memory_holds_is_refused_with_the_numbers():
    network = architectures.make("one-convolution")
    summary = architectures.summarise(network, (16, 16, 1), 10)
    largest = max(
        16 * 16 * layer.output_shape[-1] for layer in summary.layers if len(layer.output_shape) == 3
    )
    cpu, needed = devices.resolve("cpu"), 4 * 64 * largest + 2 * 4 * summary.total_params
    training = TrainingSpec(batch_size=64)
    checks.check_memory(summary, training, replace(cpu, memory_bytes=needed))
    with pytest.raises(
        SpecError, match=r"needs at least .* for the output of block1_conv1 \(a batch of 64\)"
    ):
        checks.check_memory(summary, training, replace(cpu, memory_bytes=needed - 1))
    checks.check_memory(
        summary,
        TrainingSpec(batch_size=64, precision="mixed_bfloat16"),
        replace(cpu, memory_bytes=needed - 1),
    )
