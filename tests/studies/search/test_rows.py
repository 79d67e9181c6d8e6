"""Rows of a space: what people write is read, and what is read can be written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.architectures import ARCHITECTURES
from cnnviz.errors import CnnvizError
from cnnviz.studies.search import Dimension, SearchSpec
from cnnviz.studies.search.search_space import presets, read_row, setting_names, values_text


@pytest.mark.parametrize(
    ("name", "values", "choices"),
    [
        ("training.optimizer", "SGD, Adam", ("SGD", "Adam")),
        ("training.learning_rate", "default, 0.1, 1e-3", (None, 0.1, 0.001)),
        ("training.batch_size", "16, 32", (16, 32)),
        ("architecture.kernel_size", "3,5", (3, 5)),
        ("architecture.filters", "8, 16; 32, 64", ((8, 16), (32, 64))),
        ("training.augmentation.horizontal_flip", "yes, no", (True, False)),
    ],
)
def test_choices_are_read_as_what_they_are(name: str, values: str, choices: tuple) -> None:
    assert read_row("two-pairs", name, values).choices == choices


@pytest.mark.parametrize("values", ["0.0001 … 0.1", "1e-4..0.1", "0.0001 ... .1"])
def test_a_range_is_read(values: str) -> None:
    found = read_row("two-pairs", "training.learning_rate", values, log=True)
    assert (found.low, found.high, found.log, found.whole) == (0.0001, 0.1, True, False)


@pytest.mark.parametrize("name", ["architecture.dense", "training.batch_size"])
def test_a_range_of_what_is_counted_is_of_whole_numbers(name: str) -> None:
    assert read_row("two-pairs", name, "16 … 64").whole


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("architecture.kernel_size", "three, five", "kernel_size of two-pairs must be"),
        ("architecture.second_dense", "0, 128", "two-pairs has no setting 'second_dense'"),
        ("training.optimizer", "Adam", "at least two choices"),
        ("training.l2", "", "needs choices, or a range"),
    ],
)
def test_what_can_not_be_read_is_named(name: str, values: str, says: str) -> None:
    with pytest.raises(CnnvizError, match=says):
        read_row("two-pairs", name, values)


@given(
    low=st.floats(1e-5, 0.5).map(lambda value: float(f"{value:g}")),
    factor=st.floats(1.5, 1000),
    log=st.booleans(),
)
def test_a_written_range_is_read_back(low: float, factor: float, log: bool) -> None:
    high = float(f"{low * factor:g}")
    one = Dimension(name="training.l2", low=low, high=high, log=log)
    assert read_row("two-pairs", one.name, values_text(one), log=log) == one


@pytest.mark.parametrize("architecture", list(ARCHITECTURES))
def test_spaces_to_begin_with_are_allowed_and_can_be_written(architecture: str) -> None:
    entry = ARCHITECTURES.get(architecture)
    for space in presets(architecture).values():
        base = {"dataset.name": entry.dataset, "architecture.name": architecture}
        SearchSpec(title="t", base=base, space=space).check()
        for one in space:
            assert one.name in setting_names(architecture)
            assert read_row(architecture, one.name, values_text(one), log=one.log) == one
