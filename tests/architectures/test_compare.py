"""Two networks beside each other, and why a network has the parameters it has."""

from __future__ import annotations

import pytest
from hypothesis import given

from cnnviz.architectures import ARCHITECTURES, NetworkSummary, compare, explained, make, summarise
from cnnviz.specs import ArchitectureSpec
from tests.architectures import networks


def cifar(name: str, **parameters: object) -> NetworkSummary:
    return summarise(make(name, **parameters), (32, 32, 3), 10)


A3, A4 = cifar("two-pairs"), cifar("two-pairs", kernel_size=5)


def test_3x3_and_5x5_are_aligned_and_marked() -> None:
    rows = compare(A3, A4)
    assert [(row.first.name, row.second.name) for row in rows if row.first and row.second] == [
        (layer.name, layer.name) for layer in A3.layers
    ]
    marks = {row.first.name: row for row in rows if row.first}
    assert marks["block1_conv1"].differences == ("settings", "params", "macs", "receptive_field")
    assert marks["flatten"].differences == ("output_shape", "receptive_field")
    assert marks["softmax"].mark == "same"
    assert sum(row.extra_params for row in rows) == 1_006_634 - 1_250_858


def test_pooling_in_place_of_strides_adds_layers_on_one_side() -> None:
    rows = compare(cifar("strides-or-pooling"), cifar("strides-or-pooling", pooling="max"))
    assert [row.second.name for row in rows if row.mark == "only second" and row.second] == [
        "block1_pool",
        "block2_pool",
    ]
    assert not [row for row in rows if row.mark == "only first"]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_beside_itself_has_no_difference(name: str) -> None:
    assert {row.mark for row in compare(cifar(name), cifar(name))} == {"same"}


@networks.often(60)
@given(a=networks.architectures(), b=networks.architectures())
def test_every_layer_stands_once_in_order_beside_its_own_type(
    a: ArchitectureSpec, b: ArchitectureSpec
) -> None:
    first, second = (summarise(spec, (networks.LARGEST, networks.LARGEST, 1), 3) for spec in (a, b))
    rows = compare(first, second)
    assert tuple(row.first for row in rows if row.first) == first.layers
    assert tuple(row.second for row in rows if row.second) == second.layers
    assert all(row.first.type == row.second.type for row in rows if row.first and row.second)


def test_the_reason_for_fewer_parameters_names_dense_layer_and_trimming() -> None:
    text = " ".join(explained.difference_sentences(A3, A4))
    for part in (
        "244,224 parameters fewer",
        "−360,448 in the dense layers",
        "+116,224 in the convolutions",
        "1,600 (5×5×64)",
        "2,304 (6×6×64)",
        "5×5 convolution trims 4 rows",
    ):
        assert part in text


def test_equal_parameters_and_unequal_work_are_told_apart() -> None:
    strides, pooling = cifar("strides-or-pooling"), cifar("strides-or-pooling", pooling="max")
    assert explained.difference_sentences(strides, pooling) == [
        "Both have 37,146 parameters, but the second needs 2.3 times the multiply-adds."
    ]
    assert "same work" in explained.difference_sentences(strides, strides)[0]


def test_the_largest_layer_of_a3_is_the_dense_one() -> None:
    sentence = explained.largest_sentence(A3)
    assert sentence.startswith("dense1 holds 1,180,160 of 1,250,858 parameters (94.3 %)")
    assert "2,304 (6×6×64)" in sentence


def test_the_largest_layer_of_e3_is_the_dense_one_against_the_report() -> None:
    """The report names a convolution of 9,248 parameters."""
    assert explained.largest_sentence(cifar("strides-or-pooling")).startswith(
        "softmax holds 20,490 of 37,146"
    )


def test_the_largest_layer_may_be_a_convolution() -> None:
    assert explained.largest_sentence(cifar("batch-norm")).startswith("block3_conv2 holds 147,584")


def test_the_working_of_a_convolution_is_complete() -> None:
    assert [tuple(step) for step in explained.steps(A3, "block1_conv2")] == [
        ("Rows, columns", "⌊(n − m) / s⌋ + 1", "⌊(32 − 3) / 1⌋ + 1 = 30"),
        ("Parameters", "N·m²·C + N", "32·3²·32 + 32 = 9,248"),
        ("Multiply-adds", "H·W·N·m²·C", "30·30·32·3²·32 = 8,294,400"),
        ("Receptive field", "r + (m − 1)·j", "3 + (3 − 1)·1 = 5 pixels"),
        ("Memory", "4 bytes a number", "30·30·32·4 = 115,200 bytes an image"),
    ]


def test_rows_and_columns_are_told_apart_where_they_differ() -> None:
    wide = summarise(make("two-pairs"), (32, 48, 3), 10)
    assert [step.worked for step in explained.steps(wide, "block1_conv2")[:2]] == [
        "⌊(32 − 3) / 1⌋ + 1 = 30",
        "⌊(48 − 3) / 1⌋ + 1 = 46",
    ]


@networks.often(60)
@given(spec=networks.architectures())
def test_every_layer_of_every_network_can_be_explained(spec: ArchitectureSpec) -> None:
    summary = summarise(spec, (networks.LARGEST, networks.LARGEST + 50, 1), 3)
    assert explained.largest_sentence(summary)
    for layer in summary.layers:
        steps = {step.what: step for step in explained.steps(summary, layer.name)}
        assert steps["Parameters"].worked.split("= ")[-1] == f"{layer.params:,}"
        assert explained.reason(summary, layer.name).endswith(".")
