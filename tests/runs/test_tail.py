"""A tail holds what the journal holds, however the file grew or was replaced between two looks."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.errors import RunError
from cnnviz.runs import journal
from cnnviz.runs.tail import Tail

#: Bytes are appended as they come (a line may be cut anywhere), or the first lines are kept.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 40)),
        st.tuples(st.just("cut"), st.integers(0, 3)),
        st.tuples(st.just("look"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(STEPS)
def test_it_reads_what_the_whole_journal_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("tail") / "batches.jsonl"
    tail = Tail(path)
    text = "".join(f'{{"batch":{number}}}\n' for number in range(200)).encode()
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
            assert tail.lines == journal.read(path)
    tail.look()
    assert tail.lines == journal.read(path)


def test_a_file_put_in_its_place_begins_anew_under_another_origin(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    tail = Tail(path)
    tail.look()
    assert (tail.origin, tail.lines) == (0, [])
    for epoch in range(1, 4):
        journal.append(path, {"epoch": epoch})
    tail.look()
    before = tail.origin
    journal.cut(path, 1)
    for epoch in range(2, 9):
        journal.append(path, {"epoch": epoch, "again": True})
    tail.look()
    assert tail.origin != before
    assert tail.lines == journal.read(path)


def test_a_damaged_line_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    tail = Tail(path)
    journal.append(path, {"epoch": 1})
    tail.look()
    with path.open("ab") as file:
        file.write(b"{broken\n")
    with pytest.raises(RunError, match="damaged in line 2"):
        tail.look()
    assert tail.lines == [{"epoch": 1}]
