"""The recipes against the reports: every ID, every published number, every claim, every error."""

from __future__ import annotations

from typing import Any

import pytest

from cnnviz import datasets
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.reports.library import recipes, reports
from cnnviz.reports.recipe import BESIDE, SAMPLED, Recipe, RecipeVariant, ScaleName
from cnnviz.specs import ExperimentSpec

#: As the reports are numbered: nothing may be missing and nothing invented.
COUNTS = {"A": 17, "B": 12, "C": 9, "D": 11, "E": 11}
IDS = [f"{report}{number}" for report, count in COUNTS.items() for number in range(1, count + 1)]


def recipe(key: str) -> Recipe:
    return recipes().get(key)


def own_variants() -> dict[tuple[str, str], RecipeVariant]:
    return {
        (key, variant.label): variant
        for key in recipes()
        for variant in recipe(key).variants
        if not variant.origin
    }


def network(experiment: ExperimentSpec) -> NetworkSummary:
    facts = datasets.facts(experiment.dataset)
    return summarise(experiment.architecture, facts.input_shape, len(facts.class_names))


def test_every_id_of_the_reports_has_one_recipe() -> None:
    assert list(recipes().names()) == list(IDS)


@pytest.mark.parametrize("key", IDS)
def test_a_recipe_says_what_a_lecturer_needs(key: str) -> None:
    it = recipe(key)
    assert it.question.endswith("?")
    assert it.source
    assert "\n" not in it.notes.strip()  # pages and tables wrap lines themselves
    assert len(set(it.draw)) == len(it.draw)


COUNTED = {
    name: variant
    for name, variant in own_variants().items()
    if variant.layers or "params" in variant.published
}


@pytest.mark.parametrize("name", COUNTED, ids="/".join)
def test_published_parameters_are_the_arithmetics(name: tuple[str, str]) -> None:
    variant, published = COUNTED[name], COUNTED[name].published
    summary = network(recipe(name[0]).experiment(variant, "full"))
    assert published.get("params", summary.total_params) == summary.total_params
    assert published.get("trainable_params", summary.trainable_params) == summary.trainable_params
    counts = tuple(layer.params for layer in summary.layers if layer.params)
    assert variant.layers in ((), counts)


def test_published_numbers_are_shares_seconds_and_epochs() -> None:
    for variant in own_variants().values():
        for metric, value in variant.published.items():
            assert 0 < value < (1 if metric.endswith("accuracy") else float("inf")), (variant.label, metric)


def test_published_class_reports_have_ten_classes_and_their_printed_means() -> None:
    published: Any = recipe("A9").options["published_report"]
    assert set(published) == {"3×3", "5×5"}
    for scores in published.values():
        for field in ("precision", "recall", "f1"):
            assert len(scores[field]) == 10
            # The means were printed from unrounded scores: half a hundredth on either side.
            assert sum(scores[field]) / 10 == pytest.approx(scores["mean"][field], abs=0.0101)


def test_every_claim_of_the_reports_is_attached() -> None:
    claims = [claim for key in IDS for claim in recipe(key).claims]
    assert len({claim.id for claim in claims}) == len(claims)
    worth_testing = {"A5", "A7", "A15", "B6", "B7", "B9", "B10", "D3", "D7", "E6", "E8", "E9"}
    worth_testing |= {"A13", "A16", "A17", "D8", "D10", "E7"}  # what the reports observe without testing it
    assert {claim.id.partition("-")[0] for claim in claims} == worth_testing
    assert all(claim.id.startswith(f"{key}-") for key in IDS for claim in recipe(key).claims)


@pytest.mark.parametrize("scale", ["lecture", "full"])
@pytest.mark.parametrize("key", [key for key in IDS if recipe(key).claims])
def test_claims_can_be_decided_where_they_are_run(key: str, scale: ScaleName) -> None:
    it = recipe(key)
    labels = {variant.label for variant in it.chosen(scale)} | set(BESIDE)
    assert {name for claim in it.claims for name in claim.compared} <= labels
    over_seeds = any(claim.metric not in SAMPLED for claim in it.claims)
    if it.trains and over_seeds and it.id[0] != "B":  # CIFAR-100 on two cores is for looking
        assert len(it.scales[scale].seeds) >= 3


def test_reports_tell_where_they_come_from() -> None:
    assert [report.key for report in reports()] == list(COUNTS)
    for report in reports():
        assert {it.source for it in report.recipes} == {report.source}
        assert report.title in report.source


def test_the_reports_errors_are_errors() -> None:
    """The three that arithmetic decides: C1's size, E2's kernels, E3's largest layer."""
    c1: Any = recipe("C1").options
    e2: Any = recipe("E2").options
    assert (c1["side"] - c1["window"]) / c1["stride"] + 1 == 24 != c1["published_side"]
    assert (sum(map(sum, e2["first"])), sum(map(sum, e2["second"]))) == (0, 4)
    e3 = recipe("E3")
    largest = max(network(e3.experiment(e3.variants[0], "full")).layers, key=lambda layer: layer.params)
    assert (largest.type, largest.params) == ("Dense", 20_490)
