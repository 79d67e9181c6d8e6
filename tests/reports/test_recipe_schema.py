"""What a recipe file may say: refused with a sentence where it is wrong, filled in where it is short."""

from __future__ import annotations

from typing import Any

import pytest

from cnnviz.errors import SpecError, UnknownNameError
from cnnviz.reports.library import Report, recipes
from cnnviz.reports.recipe import Claim, Recipe

PLAIN: dict[str, Any] = {
    "id": "A3",
    "title": "Small",
    "question": "Small?",
    "kind": "training",
    "draw": ["table"],
    "variants": [{"label": "one"}, {"label": "two", "set": {"training.epochs": 4}}],
}
USER: dict[str, Any] = {**PLAIN, "id": "A4", "variants": [], "uses": ["A3"]}
HEAD: dict[str, Any] = {
    "key": "A",
    "title": "T",
    "author": "N. Body",
    "hardware": "a machine",
    "base": {"dataset.name": "digits", "training.epochs": 2},
}


def read(*experiments: dict[str, Any], **head: Any) -> tuple[Recipe, ...]:
    return Report.parse({**HEAD, **head, "experiment": list(experiments)}).recipes


def test_the_reports_base_hardware_and_source_fill_an_experiment() -> None:
    (only,) = read(PLAIN)
    assert (only.source, only.published_on) == ("N. Body, T", "a machine")
    assert [variant.set["training.epochs"] for variant in only.variants] == [2, 4]
    assert only.experiment(only.variants[0], "full").dataset.name == "digits"


def test_an_experiments_own_words_count_more_than_the_reports() -> None:
    (only,) = read({**PLAIN, "published_on": "another one", "base": {"training.epochs": 3}})
    assert only.published_on == "another one"
    assert [variant.set["training.epochs"] for variant in only.variants] == [3, 4]


def test_uses_takes_variants_with_their_settings_scales_and_layers() -> None:
    first = {
        **PLAIN,
        "base": {"training.batch_size": 8},
        "variants": [{"label": "one", "layers": [1, 2]}, PLAIN["variants"][1]],
        "scales": {"smoke": {"train_share": 0.5, "variants": ["one"]}, "lecture": {"seeds": [4, 5]}},
    }
    origin, user = read(first, {**USER, "scales": {"smoke": {"epochs_at_most": 1}}})
    assert [variant.set for variant in user.variants] == [variant.set for variant in origin.variants]
    assert {variant.origin for variant in user.variants} == {"A3"}
    assert [variant.layers for variant in user.variants] == [(1, 2), ()]
    assert (user.scales["smoke"].train_share, user.scales["smoke"].epochs_at_most) == (0.5, 1)
    assert user.scales["smoke"].variants == ()
    assert user.scales["lecture"].seeds == (4, 5)
    assert origin.study("full") != user.study("full")
    assert _runs(origin) == _runs(user)


def _runs(recipe: Recipe) -> list[str]:
    study = recipe.study("full")
    assert study
    return [member.experiment.hash() for member in study.members()]


def test_one_variant_can_be_taken_alone_and_others_added() -> None:
    _, user = read(PLAIN, {**USER, "uses": ["A3/two"], "variants": [{"label": "three"}]})
    assert [(variant.label, variant.origin) for variant in user.variants] == [("two", "A3"), ("three", "")]


def test_variants_stand_in_the_order_that_compares_them() -> None:
    added = {**USER, "variants": [{"label": "three"}], "order": ["three", "one", "two"]}
    _, user = read(PLAIN, added)
    assert [variant.label for variant in user.variants] == ["three", "one", "two"]


def test_scales_come_along_through_several_experiments() -> None:
    first = {**PLAIN, "scales": {"smoke": {"train_share": 0.25}}}
    second = {**USER, "variants": [{"label": "three", "set": {"training.epochs": 9}}]}
    *_, last = read(first, second, {**USER, "id": "A5", "uses": ["A4"]})
    assert last.scales["smoke"].train_share == 0.25


def test_a_network_can_be_smaller_at_one_scale() -> None:
    variant = {"label": "one", "at": {"smoke": {"architecture.dense": 16}}}
    (only,) = read({**PLAIN, "variants": [variant]})
    assert only.changes(only.variants[0], "smoke") == ("dense 16",)
    assert only.changes(only.variants[0], "full") == ()
    assert only.experiment(only.variants[0], "smoke").architecture.parameters == {"dense": 16}


def test_options_of_a_scale_lie_over_those_of_the_recipe() -> None:
    (only,) = read({**PLAIN, "options": {"k": 10, "n": 1}, "scales": {"smoke": {"options": {"k": 2}}}})
    assert (only.options_at("smoke"), only.options_at("full")) == ({"k": 2, "n": 1}, {"k": 10, "n": 1})


@pytest.mark.parametrize(
    ("experiments", "says"),
    [
        ([{**PLAIN, "titel": "?"}], "'titel' is not a setting. Did you mean 'title'"),
        ([{**PLAIN, "kind": "cooking"}], "kind must be 'training', 'counting'"),
        ([{**PLAIN, "id": "F1"}], "Report A has an experiment 'F1'. Number it A1"),
        ([{**PLAIN, "id": "A 1"}], "Report A has an experiment 'A 1'"),
        ([{**PLAIN, "draw": []}], "draw .*at least 1"),
        ([{**PLAIN, "variants": [{"label": "one", "sett": {}}]}], "'variants.0.sett' is not a setting"),
        ([{**PLAIN, "variants": [{"set": {}}]}], "variants.0.label is missing"),
        ([{**PLAIN, "variants": [{"label": "x", "published": {"acuracy": 0.5}}]}], "acuracy"),
        ([{**PLAIN, "variants": [{"label": "one"}] * 2}], "two variants called 'one'"),
        ([{**PLAIN, "scales": {"smoke": {"share": 0.1}}}], "'scales.smoke.share' is not a setting"),
        ([{**PLAIN, "scales": {"full": {"variants": ["three"]}}}], "Scale full of A3 names 'three'"),
        ([PLAIN, PLAIN], "two experiments A3"),
        ([PLAIN, {**USER, "uses": ["A3/too"]}], "uses 'A3/too'.* Did you mean"),
        ([PLAIN, {**USER, "uses": ["B3"]}], "A4 uses B3 first"),
        ([PLAIN, {**USER, "order": ["one"]}], "must list each variant once: one, two"),
        ([USER, PLAIN], "A3 first, which must stand above"),
        ([{**USER, "uses": ["A4"]}], "A4 first, which must stand above"),
        ([PLAIN, {**USER, "base": {"training.l2": 0.1}}], "leaves training.l2 open"),
        ([PLAIN, {**USER, "variants": [{"label": "one"}]}], "two variants called 'one'"),
    ],
)
def test_mistakes_are_refused_with_a_sentence(experiments: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(SpecError, match=f"(?i){says}"):
        read(*experiments)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ({"colour": "red"}, "'colour' is not a setting"),
        ({"key": "report"}, "key string should match"),
        ({"scales": {"huge": {}}}, "huge"),
        ({"scales": {"smoke": {"set": {"training.epochs": 1}}}}, "must not set training.epochs"),
    ],
)
def test_mistakes_at_the_head_of_a_file_are_refused(head: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        read(PLAIN, **head)


def test_a_setting_that_does_not_exist_is_refused_when_the_variant_is_made() -> None:
    (only,) = read({**PLAIN, "variants": [{"label": "one", "set": {"training.epoch": 3}}]})
    with pytest.raises(SpecError, match="Did you mean 'epochs'"):
        only.study("full")


CLAIM: dict[str, Any] = {"id": "A3-it-is-so", "text": "It is so.", "first": "one", "second": "two"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"second": "three"}, "Claim A3-it-is-so names 'three', which is no variant"),
        ({"second": ""}, "'first' and 'second'"),
        ({"relation": "ratio"}, "'ratio' needs 'factor'"),
        ({"relation": "similar"}, "'similar' needs 'margin'"),
        ({"relation": "proportional", "first": "", "second": ""}, "needs 'against'"),
        ({"relation": "proportional", "against": "n_train"}, "none of them where it is about all"),
        ({"metric": "beauty"}, "There is no metric 'beauty'"),
        ({"id": "It is so"}, "id string should match"),
        ({"id": "A4-it-is-so"}, "does not belong to A3: begin its ID with 'A3-'"),
    ],
)
def test_a_claim_that_can_not_be_decided_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=f"(?i){says}"):
        read({**PLAIN, "claims": [{**CLAIM, **changes}]})


def test_a_claim_about_all_variants_names_none() -> None:
    claim = {"id": "A3-grows", "text": "It grows.", "relation": "proportional", "against": "n_train"}
    (only,) = read({**PLAIN, "claims": [claim]})
    assert only.claims == (Claim.parse(claim),)


def test_an_unknown_experiment_is_answered_with_all_that_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"no experiment 'A18'.* Known: A1, A2, .*, E11"):
        recipes().get("A18")
