"""Outcomes: published beside measured, by variant and seed, and what differs."""

from __future__ import annotations

import pytest

from cnnviz.reports.outcome import differences, read_outcome
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.reports.results import results_of
from tests.present import present


def test_means_and_spread_are_over_seeds(recipe, outcome):
    accuracies = {("a", 0): 0.50, ("a", 1): 0.52, ("a", 2): 0.57}
    found = outcome(recipe(), {key: {"test_accuracy": value} for key, value in accuracies.items()})
    measure = found.row("a").measure("test_accuracy")
    assert measure.mean == pytest.approx(0.53)
    # By hand: deviations −.03, −.01, .04; squares sum to .0026; / 2; root.
    assert measure.deviation == pytest.approx(0.0013**0.5)
    assert measure.n == 3
    assert found.row("a").published["test_accuracy"] == 0.5


def test_derived_numbers(recipe, outcome):
    row = outcome(recipe()).row("a")
    assert row.values("generalization_gap")[0] == pytest.approx(0.2)
    assert row.values("seconds_per_epoch") == {0: 2.0, 1: 2.0, 2: 2.0}
    # The journal's validation loss is smallest (median of three) at epoch 2 and rises after it.
    assert set(row.values("parting_epoch").values()) == {2}
    assert row.values("weights_rms") == {}


def test_counts_are_those_of_the_published_network_and_need_no_run(recipe):
    row = present(read_outcome(recipe(), "smoke", ReproductionJob.at("E6", "smoke")).row("a"))
    # 2 filters of 3×3 over one channel; pooled to 8×8×2; 4 units; 10 classes.
    assert present(row.measure("params")).mean == (2 * 9 + 2) + 4 * (8 * 8 * 2 + 1) + 10 * 5


def test_without_runs_there_is_nothing_measured(recipe):
    found = read_outcome(recipe(), "smoke", ReproductionJob.at("E6", "smoke"))
    assert [row.label for row in found.rows] == ["a", "b"]
    assert present(found.row("a")).measure("test_accuracy") is None
    assert differences(found) == ()


def test_a_failed_member_is_told_and_the_others_are_kept(recipe, outcome):
    asked = recipe()
    found = outcome(asked)
    found.row("a").runs[1].directory.set_status(state="failed", reason="Out of memory.")
    again = read_outcome(asked, "smoke", ReproductionJob(found.folder))
    assert sorted(present(again.row("a")).runs) == [0, 2]
    assert present(again.row("a")).problems == ("failed: Out of memory.",)
    assert present(again.row("b")).problems == ()
    told = results_of(again, "incomplete", (), {})
    assert told.problems == ("a: failed: Out of memory.",)
    assert told.rows[0].measured["test_accuracy"].n == 2


def test_claims_judged_again_with_more_seeds_are_preliminary(recipe, outcome):
    claims = [{"id": "E6-more", "text": "More images help.", "first": "b", "second": "a"}]
    scales = {"smoke": {"seeds": [0, 1, 2]}, "lecture": {}, "full": {}}
    first = results_of(outcome(recipe(claims=claims, scales=scales)), "done", (), {})
    assert not any("Preliminary" in sentence for sentence in first.differences)
    scales["smoke"] = {"seeds": [0, 1, 2, 3, 4]}
    found = outcome(recipe(claims=claims, scales=scales))
    again = results_of(found, "done", (), {}, first)
    assert again.looked_at == (3,)
    assert any("judged with 3 seeds before 5 were asked for" in sentence for sentence in again.differences)
    # The same seeds once more are no new look, and what was looked at stays known.
    assert results_of(found, "done", (), {}, again).looked_at == (3,)


def test_what_differs_is_said_in_sentences(recipe, outcome):
    scales = {"smoke": {"epochs_share": 0.5, "seeds": [0, 1]}, "lecture": {}, "full": {}}
    text = " ".join(differences(outcome(recipe(scales=scales))))
    assert "Scale smoke: 1 of 2 epochs." in text
    assert "2 seeds; the published numbers come from one" in text
    assert "a CPU; published times: an old machine" in text
    assert "Keras 3.15.1, TensorFlow 2.21.0" in text
