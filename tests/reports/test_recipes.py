"""The recipes against the reports: every ID, every published number, every claim, every error."""

from __future__ import annotations

import pytest

from cnnviz import datasets
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.reports.library import recipes, reports
from cnnviz.reports.recipe import Recipe, RecipeVariant, ScaleName
from cnnviz.specs import ExperimentSpec

#: As the reports are numbered: nothing may be missing and nothing invented.
COUNTS = {"A": 17, "B": 12, "C": 9, "D": 11, "E": 11}
IDS = [f"{report}{number}" for report, count in COUNTS.items() for number in range(1, count + 1)]
#: Printed in the reports: parameters in all and trainable.
PARAMETERS = {
    ("A3", "3×3"): (1_250_858, None),
    ("A3", "3×3, RMSprop 1e-4"): (1_250_858, None),
    ("A4", "5×5"): (1_006_634, None),
    ("A12", "3×3, 10 epochs"): (1_250_858, None),
    ("B3", "base"): (8_739_492, 8_737_572),
    ("C5", "LeNet"): (1_256_080, None),
    ("C7", "one convolution"): (4_200_842, None),
    ("C8", "two pairs"): (1_250_858, None),
    ("D1", "32 filters, stride 2"): (126_786, None),
    ("D8", "batch normalization"): (309_290, 308_394),
    ("D9", "30 epochs"): (186_682, None),
    ("D9", "50 epochs"): (186_682, None),
    ("E3", "strides, n = 5,000"): (37_146, None),
    ("E6", "strides, n = 10,000"): (37_146, None),
    ("E6", "strides, n = 20,000"): (37_146, None),
    ("E6", "strides, n = 40,000"): (37_146, None),
    ("E7", "L1 1e-4, n = 5,000"): (37_146, None),
    ("E7", "L1 1e-4, n = 40,000"): (37_146, None),
    ("E8", "max pooling, n = 5,000"): (37_146, None),
    ("E8", "max pooling, n = 40,000"): (37_146, None),
    ("E9", "thin, n = 5,000, 20 epochs"): (23_314, None),
    ("E9", "thin, n = 5,000, 100 epochs"): (23_314, None),
    ("E9", "thin, n = 40,000, 40 epochs"): (23_314, None),
    ("E9", "thin, n = 40,000, 45 epochs"): (23_314, None),
    ("E9", "thin, n = 40,000, 50 epochs"): (23_314, None),
    ("E9", "thin, n = 40,000, 100 epochs"): (23_314, None),
}
#: Printed in the reports: test accuracy in percent, training time in seconds.
RESULTS = {
    ("A3", "3×3"): (51.05, 28),
    ("A7", "2 epochs, GPU"): (51.05, 28),
    ("A7", "2 epochs, GPU, augmented"): (48.44, 35),
    ("A7", "2 epochs, CPU"): (49.86, 362),
    ("A7", "2 epochs, CPU, augmented"): (50.62, 368),
    ("A7", "10 epochs, GPU"): (67.95, 134),
    ("A7", "10 epochs, GPU, augmented"): (64.19, 239),
    ("A7", "10 epochs, CPU"): (71.19, 2292),
    ("A7", "10 epochs, CPU, augmented"): (69.40, 1638),
    ("A11", "VGG16, 2 epochs"): (48.76, 183),
    ("A11", "VGG16, 10 epochs"): (88.78, 911),
    ("A12", "3×3, 10 epochs"): (67.95, 134),
    ("B2", "three convolutions"): (36.6, 7 * 60 + 9),
    ("B3", "base"): (48.56, 36 * 60 + 14),
    ("B5", "sigmoid"): (51, None),
    ("B6", "augmented"): (59.2, 50 * 60 + 16),
    ("B7", "one block"): (48, 67 * 60),
    ("B8", "five blocks"): (48.75, 38 * 60 + 17),
    ("B9", "dropout"): (53, 15 * 60 + 40),
    ("B10", "all together, 120 epochs"): (63, 48 * 60),
    ("C5", "LeNet"): (99.21, None),
    ("C9", "augmented, 50 epochs"): (78.3, None),
    ("D8", "batch normalization"): (None, 30 * 60),
    ("D9", "30 epochs"): (None, 10 * 60),
    ("E3", "strides, n = 5,000"): (48, 39),
    ("E6", "strides, n = 10,000"): (None, 73),
    ("E6", "strides, n = 20,000"): (None, 146),
    ("E6", "strides, n = 40,000"): (66, 315),
    ("E7", "L1 1e-4, n = 5,000"): (48, 39),
    ("E7", "L1 1e-4, n = 40,000"): (66, 315),
    ("E8", "max pooling, n = 5,000"): (54, 71),
    ("E8", "max pooling, n = 40,000"): (71, 547),
    ("E9", "thin, n = 5,000, 20 epochs"): (47, 29),
    ("E9", "thin, n = 40,000, 40 epochs"): (66, None),
    ("E9", "thin, n = 40,000, 45 epochs"): (None, 545),
    ("E9", "thin, n = 40,000, 50 epochs"): (67, None),
    ("E9", "thin, n = 40,000, 100 epochs"): (68, 1231),
}
LAYERS = {
    ("A3", "3×3"): [896, 9_248, 18_496, 36_928, 1_180_160, 5_130],
    ("A4", "5×5"): [2_432, 25_632, 51_264, 102_464, 819_712, 5_130],
    ("B3", "base"): [
        1_792,
        36_928,
        256,
        73_856,
        147_584,
        512,
        295_168,
        590_080,
        590_080,
        1_024,
        1_180_160,
        2_359_808,
        2_359_808,
        2_048,
        1_049_088,
        51_300,
    ],
    ("D1", "32 filters, stride 2"): [320, 9_248, 113_288, 3_930],
}


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


def test_published_parameters_are_the_reports() -> None:
    found = {
        name: (variant.published["params"], variant.published.get("trainable_params"))
        for name, variant in own_variants().items()
        if "params" in variant.published
    }
    assert found == PARAMETERS


@pytest.mark.parametrize("name", PARAMETERS, ids="/".join)
def test_published_parameters_are_the_arithmetics(name: tuple[str, str]) -> None:
    summary = network(recipe(name[0]).experiment(own_variants()[name], "full"))
    total, trainable = PARAMETERS[name]
    assert summary.total_params == total
    assert trainable is None or summary.trainable_params == trainable


def test_published_accuracies_and_times_are_the_reports() -> None:
    found = {
        name: (variant.published.get("test_accuracy"), variant.published.get("fit_seconds"))
        for name, variant in own_variants().items()
        if {"test_accuracy", "fit_seconds"} & variant.published.keys()
    }
    expected = {
        name: (None if accuracy is None else pytest.approx(accuracy / 100), seconds)
        for name, (accuracy, seconds) in RESULTS.items()
    }
    assert found == expected


def test_other_published_numbers_are_the_reports() -> None:
    variants = own_variants()
    assert variants["C5", "LeNet"].published["test_loss"] == 0.0295
    assert variants["E3", "strides, n = 5,000"].published["parting_epoch"] == 15
    assert variants["E9", "thin, n = 5,000, 100 epochs"].published["parting_epoch"] == 30
    assert recipe("A13").published == {
        "score": 0.5150,
        "score_spread": 0.0081,
        "fit_seconds": 6.3888,
        "fit_seconds_spread": 0.0539,
        "score_seconds": 0.0016,
        "score_seconds_spread": 0.0005,
    }
    assert recipe("B4").published == {
        "best_accuracy": 0.250360,
        "best_accuracy_spread": 0.036097,
        "worst_accuracy": 0.007360,
        "fit_seconds": 47 * 60 + 52,
    }
    assert recipe("E4").published == {"test_accuracy": 0.1}
    assert recipe("C1").options["published_side"] == 23


@pytest.mark.parametrize("name", LAYERS, ids="/".join)
def test_published_layers_are_the_arithmetics_and_travel_with_their_variant(name: tuple[str, str]) -> None:
    counts = LAYERS[name]
    summary = network(recipe(name[0]).experiment(own_variants()[name], "full"))
    assert [layer.params for layer in summary.layers if layer.params] == counts
    using = [variant for key in IDS for variant in recipe(key).variants if variant.label == name[1]]
    assert {variant.layers for variant in using} == {tuple(counts)}


def test_published_class_reports_have_ten_classes_and_their_printed_means() -> None:
    published = recipe("A9").options["published_report"]
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
    assert {claim.id.partition("-")[0] for claim in claims} == worth_testing
    assert all(claim.id.startswith(f"{key}-") for key in IDS for claim in recipe(key).claims)


@pytest.mark.parametrize("scale", ["lecture", "full"])
@pytest.mark.parametrize("key", [key for key in IDS if recipe(key).claims])
def test_claims_can_be_decided_where_they_are_run(key: str, scale: ScaleName) -> None:
    it = recipe(key)
    labels = {variant.label for variant in it.chosen(scale)}
    assert {name for claim in it.claims for name in (claim.first, claim.second) if name} <= labels
    if it.trains and it.id[0] != "B":  # CIFAR-100 on two cores is for looking, not for deciding
        assert len(it.scales[scale].seeds) >= 3


def test_reports_tell_where_they_come_from() -> None:
    assert [(report.key, report.author, report.year) for report in reports()] == [
        ("A", "J. J. Rodríguez Aldavero", 2020),
        ("B", "T. Trankle", 2021),
        ("C", "G. Sakr", None),
        ("D", "", None),
        ("E", "B. Flesch", 2020),
    ]
    assert recipe("A8").source == (
        "J. J. Rodríguez Aldavero, 2020, CIFAR-10: 3×3 against 5×5 kernels, VGG16, feature maps"
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("A11", "4 dense layers"),
        ("A13", "cross-validation on"),
        ("C1", "24×24"),
        ("E2", "sharpens"),
        ("E3", "20,490"),
        ("E11", "leaves out the first"),
    ],
)
def test_notes_name_the_reports_errors(key: str, words: str) -> None:
    assert words in recipe(key).notes


def test_the_reports_errors_are_errors() -> None:
    """The three that arithmetic decides: C1's size, E2's kernels, E3's largest layer."""
    c1, e2 = recipe("C1").options, recipe("E2").options
    assert (c1["side"] - c1["window"]) / c1["stride"] + 1 == 24 != c1["published_side"]
    assert (sum(map(sum, e2["first"])), sum(map(sum, e2["second"]))) == (0, 4)
    e3 = recipe("E3")
    largest = max(network(e3.experiment(e3.variants[0], "full")).layers, key=lambda layer: layer.params)
    assert (largest.type, largest.params) == ("Dense", 20_490)
