"""The live curves: what was measured stands at its place, and no more points than can be seen."""

from cnnviz.figures.curves import batch_points, epoch_points, thin
from cnnviz.runs import BatchRecord, EpochRecord

EPOCHS = [
    EpochRecord(epoch=1, accuracy=0.5, val_accuracy=0.4, loss=1.25, val_loss=1.5),
    EpochRecord(epoch=2, accuracy=0.75, val_accuracy=0.6, loss=None, val_loss=0.9),
]


def test_shares_are_percent_at_the_end_of_their_epoch_and_a_loss_that_is_not_finite_is_missing() -> None:
    assert epoch_points(EPOCHS) == [[1, 50.0, 40.0, 1.25, 1.5], [2, 75.0, 60.0, None, 0.9]]


def test_a_line_within_an_epoch_stands_between_two_epochs() -> None:
    line = BatchRecord(epoch=3, batch=5, batches=10, accuracy=0.25, loss=2.0)
    assert batch_points([line]) == [[2.5, 25.0, 2.0]]


def test_without_validation_its_values_are_missing() -> None:
    assert epoch_points([EpochRecord(epoch=1, accuracy=0.5, loss=1.0)]) == [[1, 50.0, None, 1.0, None]]


def test_thinning_keeps_the_last_line() -> None:
    lines = [BatchRecord(epoch=1, batch=number) for number in range(1001)]
    kept = thin(lines, 100)
    assert len(kept) <= 100
    assert kept[-1] == lines[-1]
    assert kept == sorted(kept, key=lambda line: line.batch)
    assert thin(lines[:5], 100) == lines[:5]
