"""Home: runs in the words that the other pages use."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cnnviz.runs import RunSummary
from cnnviz.runs.records import RunReport
from cnnviz.ui import run_labels
from cnnviz.ui.home import home_page


def summary(**values: object) -> RunSummary:
    known = {"dataset": "cifar10", "architecture": "two-pairs", "created": datetime.now(UTC).isoformat()}
    return RunSummary(id="a", path=Path("a"), **{**known, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("two-pairs", "Two pairs of convolutions"),
        ("two-pairs (kernel_size 5, dropout 0.1)", "Two pairs of convolutions, kernel size 5, dropout 0.1"),
        ("removed-since", "removed-since"),
    ],
)
def test_networks_have_the_names_of_the_sidebar(label: str, title: str) -> None:
    assert run_labels.network_title(label) == title


def test_an_unnamed_run_is_called_by_data_set_and_network() -> None:
    assert run_labels.run_title(summary()) == "CIFAR-10 · Two pairs of convolutions"
    assert run_labels.run_title(summary(name="mine")) == "mine"
    assert run_labels.run_title(summary(dataset="folder:gone")) == "gone · Two pairs of convolutions"


def test_a_run_shows_its_result_and_without_one_its_state() -> None:
    done = summary(state="done", report=RunReport(test_accuracy=0.7354, fit_seconds=192.03))
    assert home_page.facts(done)[:3] == ("73.5 %", "3 min 12 s", "CIFAR-10")
    assert home_page.facts(summary(state="running"))[:2] == ("running", "–")
