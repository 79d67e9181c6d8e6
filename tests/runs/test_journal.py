"""Journals: complete lines only, damage named by its line; a tail holds the same, however the file grew."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.errors import RunError
from cnnviz.runs import BatchRecord, EpochRecord, journal
from cnnviz.runs.journal import Tail

FINITE = st.none() | st.floats(allow_nan=False, allow_infinity=False)
RECORDS = st.lists(st.builds(EpochRecord, st.integers(0, 10**9), loss=FINITE, val_loss=FINITE))
#: Bytes are appended as they come (a line may be cut anywhere), or the first lines are kept.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 40)),
        st.tuples(st.just("cut"), st.integers(0, 3)),
        st.tuples(st.just("look"), st.just(0)),
    ),
    max_size=25,
)


def read(path: Path) -> list[EpochRecord]:
    return journal.read(path, EpochRecord)


@given(RECORDS, st.integers(0, 20))
def test_what_was_appended_is_read_and_an_unfinished_line_is_not(
    tmp_path_factory: pytest.TempPathFactory, records: list[EpochRecord], cut: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "epochs.jsonl"
    for record in records:
        journal.append(path, record)
    assert read(path) == records
    with path.open("ab") as file:
        file.write(b'{"epoch": 12, "loss": 0.25}'[:cut])
    assert read(path) == records


def test_an_absent_journal_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "epochs.jsonl") == []


@pytest.mark.parametrize("line", [b"{broken\n", b"[1, 2]\n", b"\xff\xfe\n", b'{"epoch": "two"}\n', b"{}\n"])
def test_a_damaged_line_is_named_by_its_place_in_the_file(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "epochs.jsonl"
    tail = Tail(path, EpochRecord)
    journal.append(path, EpochRecord(1))
    tail.look()
    with path.open("ab") as file:
        file.write(line)
    for look in (lambda: read(path), tail.look):
        with pytest.raises(RunError, match=r"epochs\.jsonl of run .*, line 2, is damaged: "):
            look()
    assert tail.records == [EpochRecord(1)]


def test_cutting_keeps_the_first_records(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    for epoch in range(1, 6):
        journal.append(path, EpochRecord(epoch))
    with path.open("ab") as file:
        file.write(b'{"epoch": 6')
    journal.cut(path, 2)
    assert read(path) == [EpochRecord(1), EpochRecord(2)]


@settings(max_examples=40)
@given(STEPS)
def test_a_tail_reads_what_the_whole_journal_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("tail") / "batches.jsonl"
    tail = Tail(path, BatchRecord)
    text = "".join(f'{{"epoch":1,"batch":{number}}}\n' for number in range(200)).encode()
    written = 0
    for what, number in steps:
        if what == "add":
            with path.open("ab") as file:
                file.write(text[written : written + number])
            written += number
        elif what == "cut" and path.exists():
            journal.cut(path, number)
            written = path.stat().st_size
        else:
            tail.look()
            assert tail.records == journal.read(path, BatchRecord)
    tail.look()
    assert tail.records == journal.read(path, BatchRecord)


def test_a_journal_of_days_is_read_in_pieces_and_thinned(tmp_path: Path) -> None:
    """50 MB of lines must not become hundreds of megabytes of records: twice the size costs no more."""
    path, lines = tmp_path / "batches.jsonl", 90_000
    text = "".join(f'{{"epoch":1,"batch":{number},"loss":{number % 7}.125}}\n' for number in range(lines))
    most = []
    for times in (1, 2):
        path.unlink(missing_ok=True)
        path.write_text(text * times)
        tail = Tail(path, BatchRecord, most=2000)
        tracemalloc.start()
        try:
            tail.look()
            most.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert path.stat().st_size > 6e6
    assert most[1] < 1.2 * most[0] < 30e6
    assert 1000 <= len(tail.records) <= 2000
    first, origin = tail.records[0], tail.origin
    assert first.batch == 0
    # What comes next is added as ever; a line of more than a piece is no line.
    journal.append(path, BatchRecord(epoch=9, batch=1, batches=2))
    tail.look()
    assert (tail.records[-1].epoch, tail.origin) == (9, origin)
    path.write_bytes(b"x" * 2**21)
    with pytest.raises(RunError, match=r"batches\.jsonl of run .* is damaged: line 1 has no end"):
        tail.look()


def test_a_file_put_in_its_place_begins_anew_under_another_origin(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    tail = Tail(path, EpochRecord)
    tail.look()
    assert (tail.origin, tail.records) == (0, [])
    for epoch in range(1, 4):
        journal.append(path, EpochRecord(epoch))
    tail.look()
    before = tail.origin
    journal.cut(path, 1)
    for epoch in range(2, 9):
        journal.append(path, EpochRecord(epoch, loss=1.0))
    tail.look()
    assert tail.origin != before
    assert tail.records == read(path)
