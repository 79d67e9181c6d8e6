"""Journals: complete lines only, damage named by its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.errors import RunError
from cnnviz.runs import journal

RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["epoch", "loss", "text"]), st.integers() | st.text() | st.none())
)


@given(RECORDS, st.integers(0, 20))
def test_what_was_appended_is_read_and_an_unfinished_line_is_not(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict], cut: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "epochs.jsonl"
    for record in records:
        journal.append(path, record)
    assert journal.read(path) == records
    with path.open("ab") as file:
        file.write(b'{"epoch": 12, "loss": 0.25}'[:cut])
    assert journal.read(path) == records


def test_an_absent_journal_is_empty(tmp_path: Path) -> None:
    assert journal.read(tmp_path / "epochs.jsonl") == []


@pytest.mark.parametrize("line", [b"{broken\n", b"[1, 2]\n", b"\xff\xfe\n"])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "epochs.jsonl"
    journal.append(path, {"epoch": 1})
    with path.open("ab") as file:
        file.write(line)
    with pytest.raises(RunError, match="damaged in line 2"):
        journal.read(path)


def test_cutting_keeps_the_first_records(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    for epoch in range(1, 6):
        journal.append(path, {"epoch": epoch})
    journal.cut(path, 2)
    assert journal.read(path) == [{"epoch": 1}, {"epoch": 2}]
