"""Names, parameters and their checks."""

from __future__ import annotations

import pytest

from cnnviz.architectures import make, parameter_values
from cnnviz.errors import SpecError, UnknownNameError


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("kernel_size", "5", 5),
        ("filters", "16, 32", (16, 32)),
        ("filters", [16, 32], (16, 32)),
        ("dropout", "0.1", 0.1),
        ("dropout", 0, 0.0),
        ("dense", 64.0, 64),
    ],
)
def test_text_and_numbers_mean_the_same(name: str, text: object, value: object) -> None:
    assert make("two-pairs", **{name: text}) == make("two-pairs", **{name: value})
    assert parameter_values(make("two-pairs", **{name: text}))[name] == value


def test_defaults_written_out_are_the_same_spec() -> None:
    assert make("two-pairs", kernel_size=3, dropout=0.25).hash() == make("two-pairs").hash()
    assert make("two-pairs", kernel_size=5).label() == "two-pairs (kernel_size 5)"


def test_dropout_of_zero_leaves_the_layer_out() -> None:
    assert not [
        layer for layer in make("two-pairs", dropout=0, dense_dropout=0).layers if "dropout" in layer.name
    ]


def test_an_unknown_network_gets_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'two-pairs'"):
        make("two-pair")


def test_an_unknown_parameter_gets_a_suggestion() -> None:
    with pytest.raises(
        SpecError, match=r"two-pairs has no parameter 'kernelsize'\. Did you mean 'kernel_size'"
    ):
        make("two-pairs", kernelsize=5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kernel_size", 0),
        ("kernel_size", -3),
        ("kernel_size", 2.5),
        ("kernel_size", "three"),
        ("kernel_size", True),
        ("kernel_size", 10**12),
        ("kernel_size", float("nan")),
        ("kernel_size", None),
        ("kernel_size", float("inf")),
        ("kernel_size", "9" * 5000),
        ("filters", 4097),
        ("filters", "32,64,128"),
        ("filters", "a,b"),
        ("filters", "32,,64"),
        ("filters", ""),
        ("dropout", 1),
        ("dropout", -0.1),
        ("dropout", "nan"),
        ("dense", 0),
        ("dense", 70_000),
    ],
)
def test_impossible_values_say_what_is_allowed(name: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"{name} of two-pairs must be .*; received"):
        make("two-pairs", **{name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("batch_norm", "perhaps"), ("activation", "rlu"), ("blocks", "")]
)
def test_other_kinds_are_checked_too(name: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"{name} of deep-pairs must be"):
        make("deep-pairs", **{name: value})


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("false", False), (True, True), ("0", False)])
def test_yes_and_no_can_be_written(text: object, value: bool) -> None:
    assert parameter_values(make("deep-pairs", batch_norm=text))["batch_norm"] is value
