"""docs/reproduction.md: it holds the numbers of the results, and lists what was not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnviz.reports.library import recipes
from cnnviz.reports.reproduction_job import reproduce
from cnnviz.reports.results import Results
from docs import reproduction
from tests.present import present


@pytest.fixture
def pooling(outcome) -> Results:
    """The results of E8 with runs as training leaves them, without any training."""
    outcome(recipes().get("E8"))
    return present(reproduce("E8", "smoke").results())


def test_the_document_holds_the_numbers_of_the_results(pooling: Results, runs_dir: Path) -> None:
    by_name = {"E8": pooling, "A5": present(reproduce("A5", "smoke").results())}
    text = reproduction.document(reproduction.read([runs_dir], "smoke"), {}, "The machine did other work.")
    assert "The machine did other work." in text
    assert "| GPU | none |" in text
    for name, results in by_name.items():
        recipe = recipes().get(name)
        section = text.split(f"### {name} {recipe.title}\n")[1].split("\n### ")[0]
        assert recipe.question in section
        for claim in results.claims:
            assert f"{claim.verdict}**: {claim.text}" in section
            assert claim.test in section or claim.reason in section
    section = text.split("### E8 ")[1].split("\n### ")[0]
    for row in pooling.rows:
        (line,) = [line for line in section.splitlines() if line.startswith(f"| {row.name} |")]
        assert f"{100 * row.measured['test_accuracy'].mean:.1f} %" in line
        assert f"{row.measured['fit_seconds'].mean:.1f} s" in line
        assert f"{100 * row.published['test_accuracy']:g} %" in line
        assert f"{row.published['params']:,.0f}" in line


def test_the_document_lists_what_was_not_run(tmp_path: Path, runs_dir: Path) -> None:
    assert reproduction.read([tmp_path], "smoke") == []
    reproduce("A5", "smoke")
    (one,) = reproduction.read([runs_dir], "smoke")
    reasons = reproduction.not_run([runs_dir], [one])
    lines = reproduction.document([one], {}, reasons=reasons).splitlines()
    listed = [line for line in lines if line.startswith("| ")]
    assert "| E8 | Pooling or strides? | – | – | not run: It was not asked for. |" in listed
    assert any(line.startswith("| [A5](#a5-") and "| smoke | – | ✓ holds |" in line for line in listed)
    assert all(any(line.startswith((f"| {name} |", f"| [{name}](")) for line in listed) for name in recipes())
    assert "A5" not in reasons
