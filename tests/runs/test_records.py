"""Records: what was written is read, what earlier versions wrote too, and a wrong type is one refusal."""

import json
import math
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from cnnviz.errors import RunError
from cnnviz.runs import BatchRecord, EpochRecord, RunEnvironment, RunReport, Status
from cnnviz.runs.records import DataStamp, Record

KINDS: list[type[Any]] = [Status, RunReport, RunEnvironment, EpochRecord, BatchRecord]
REPORT = RunReport(test_accuracy=0.98, n_test=10_000, epochs=5, stopped_early=True, fit_seconds=33.25)
WHOLE: list[Record] = [
    Status(state="running", reason="é", pid=7, heartbeat=1.5, epoch=2),
    REPORT,
    RunEnvironment(
        versions={"keras": "3.15.1"},
        device="two cores",
        threads=2,
        data=DataStamp("embedded", "ab12"),
        deterministic=True,
        phases={"load": 0.25, "first_step": 1.0},
    ),
    EpochRecord(3, loss=0.5, val_accuracy=0.75, learning_rate=0.001, seconds=2.0, elapsed=6.0, partial=True),
    BatchRecord(1, 4, 100, loss=1.0, images_per_second=1148.7, elapsed=0.25),
]


@pytest.mark.parametrize("record", WHOLE, ids=lambda record: type(record).__name__)
@pytest.mark.parametrize("indent", [None, 1])
def test_what_is_written_is_read(record: Record, indent: int | None) -> None:
    assert type(record).from_json(record.to_json(indent), "it") == record
    assert json.loads(record.to_json(indent)) == record.as_dict()


@pytest.mark.parametrize("record", WHOLE, ids=lambda record: type(record).__name__)
def test_nobody_changes_a_record(record: Record) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(record, fields(record)[0].name, 1)  # type: ignore[arg-type]


def test_a_file_of_an_earlier_version_has_none_where_it_lacks_something_and_a_later_ones_is_read() -> None:
    old = RunReport.from_json('{"test_accuracy": 0.5, "n_test": 80, "new": {"in": 2030}}', "it")
    assert (old.test_accuracy, old.n_test, old.macs, old.stopped_early) == (0.5, 80, None, False)
    assert RunEnvironment.from_json("{}", "it") == RunEnvironment()


def test_a_number_that_is_not_finite_is_written_as_null() -> None:
    written = EpochRecord(1, loss=math.nan, val_loss=math.inf).to_json()
    assert EpochRecord.from_json(written, "it") == EpochRecord(1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("\x00\x00", "it is not JSON"),
        ("[]", "it is not an object"),
        ("3", "it is not an object"),
    ],
)
def test_what_is_no_object_is_refused_by_its_name(kind: type[Record], text: str, why: str) -> None:
    with pytest.raises(RunError, match=rf"report\.json of run 7 is damaged: {why}"):
        kind.from_json(text, "report.json of run 7")


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (RunReport, '{"test_accuracy": "0.9"}', "test_accuracy must be a valid number; received '0.9'"),
        (RunReport, '{"epochs": 2.5}', "epochs must be a valid integer"),
        (RunReport, '{"epochs": true}', "epochs must be a valid integer"),
        (RunReport, '{"test_loss": NaN}', "test_loss must be a finite number"),
        (Status, '{"state": "dancing"}', "state must be 'queued', "),
        (EpochRecord, '{"loss": 1.0}', "epoch is missing"),
        (EpochRecord, '{"epoch": null}', "epoch must be a valid integer"),
        (RunEnvironment, '{"phases": [1]}', "phases "),
        (RunEnvironment, '{"phases": {"load": "1"}}', "phases.load must be a valid number"),
        (RunEnvironment, '{"data": {"origin": 3}}', "data.origin must be a valid string"),
    ],
)
def test_a_field_of_a_wrong_type_is_named(kind: type[Record], text: str, says: str) -> None:
    with pytest.raises(RunError, match=f"it is damaged: {says}"):
        kind.from_json(text, "it")


def test_a_changed_copy_is_checked_too() -> None:
    assert Status().but(state="running", epoch=2) == Status(state="running", epoch=2)
    with pytest.raises(RunError, match="state must be 'queued'"):
        Status().but(state="dancing")
    with pytest.raises(TypeError, match="phaze"):
        Status().but(phaze="x")
