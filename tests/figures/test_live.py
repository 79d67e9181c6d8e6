"""The live curves: what was measured stands at its place, and no more points than can be seen."""

from cnnviz.figures.live import live_option, thin

EPOCHS = [
    {"epoch": 1, "accuracy": 0.5, "val_accuracy": 0.4, "loss": 1.25, "val_loss": 1.5},
    {"epoch": 2, "accuracy": 0.75, "val_accuracy": 0.6, "loss": None, "val_loss": 0.9},
]
BATCHES = [{"epoch": 1, "batch": 5, "batches": 10, "accuracy": 0.25, "loss": 2.0}]


def points(option: dict, name: str) -> list:
    return next(series["data"] for series in option["series"] if series["name"] == name)


def test_shares_are_percent_at_the_end_of_their_epoch() -> None:
    option = live_option(EPOCHS, BATCHES, "accuracy", 10)
    assert points(option, "training") == [[1, 50.0], [2, 75.0]]
    assert points(option, "validation") == [[1, 40.0], [2, 60.0]]
    assert points(option, "training, within the epoch") == [[0.5, 25.0]]
    assert (option["xAxis"]["min"], option["xAxis"]["max"]) == (0, 10)


def test_a_loss_that_is_not_finite_leaves_a_gap() -> None:
    assert points(live_option(EPOCHS, [], "loss", 2), "training") == [[1, 1.25], [2, None]]


def test_without_validation_there_is_no_validation_curve() -> None:
    names = [series["name"] for series in live_option([{"epoch": 1, "loss": 1.0}], [], "loss", 1)["series"]]
    assert "validation" not in names


def test_thinning_keeps_the_last_line() -> None:
    lines = [{"batch": number} for number in range(1001)]
    kept = thin(lines, 100)
    assert len(kept) <= 100
    assert kept[-1] == lines[-1]
    assert kept == sorted(kept, key=lambda line: line["batch"])
    assert thin(lines[:5], 100) == lines[:5]
