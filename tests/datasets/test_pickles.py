"""A prepared pickle must neither import nor call anything."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.datasets.registered import cifar
from cnnviz.datasets.registered.cifar import read_pickle
from cnnviz.errors import DataError

HERE = Path("data_batch_1")


class Call:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self.call: tuple[Any, ...] = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize(
    "make",
    [
        lambda mark: Call(os.system, f"touch {mark}"),
        lambda mark: Call(eval, f"open({str(mark)!r}, 'w')"),
        lambda mark: Call(subprocess.check_output, ["touch", str(mark)]),
        lambda mark: Call(getattr, "", "join"),
        lambda mark: Call(np.fromfile, str(mark)),
        lambda mark: Call(np.load, str(mark)),
        lambda mark: Path(mark),
        lambda mark: {1, 2},
        lambda mark: object(),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_malicious_pickle_is_refused_and_does_nothing(tmp_path: Path, make: Any, protocol: int) -> None:
    mark = tmp_path / "mark"
    data = pickle.dumps({b"data": make(mark)}, protocol=protocol)
    if isinstance(make(mark), set) and protocol == 4:
        # A set needs no name in protocol 4: harmless, and refused later for not being the labels.
        assert read_pickle(data, HERE)
    else:
        with pytest.raises(DataError, match="data_batch_1 can't be used: its pickle is refused or broken"):
            read_pickle(data, HERE)
    assert not mark.exists()


#: A name that is answered, and a state to set on the answer: a dict of its attributes, or two of them.
_STATES = {"a dict": b"}X\x05\x00\x00\x00addedK\x01s", "slots": b"N}X\x05\x00\x00\x00addedK\x01s\x86"}


@pytest.mark.parametrize("state", _STATES)
@pytest.mark.parametrize("name", cifar._ALLOWED, ids=".".join)
def test_a_refused_pickle_changes_nothing_that_the_next_one_is_read_with(
    name: tuple[str, str], state: str
) -> None:
    module, function = (part.encode() for part in name)
    with pytest.raises(DataError, match="its pickle is refused or broken"):
        read_pickle(b"\x80\x02c" + module + b"\n" + function + b"\n" + _STATES[state] + b"b.", HERE)
    for answer in cifar._ALLOWED.values():
        assert not hasattr(answer, "added")
        assert not hasattr(answer[0], "added")


def test_no_type_of_numbers_is_changed_by_a_pickled_one() -> None:
    swapped = Call(np.dtype, "i8", False, True)
    swapped.call = (*swapped.call, (3, ">", None, None, None, -1, -1, 0))
    read_pickle(pickle.dumps({b"data": swapped}, protocol=2), HERE)
    assert np.array([1], "i8").tobytes() == np.array([1]).astype(np.int64).tobytes()
    assert np.dtype("i8").isnative


def test_the_refused_name_is_told() -> None:
    with pytest.raises(DataError, match=r"it asks for posix\.system, which no data need"):
        read_pickle(pickle.dumps(Call(os.system, "true")), HERE)


def test_a_dotted_name_finds_no_way_round() -> None:
    # Protocol 4 resolves dots: numpy's ndarray.tofile and the like.
    data = b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93."
    with pytest.raises(DataError, match=r"ndarray\.tofile"):
        read_pickle(data, HERE)


@pytest.mark.parametrize("dtype", [np.object_, "U4", "S4", "datetime64[s]", [("a", "i4")], np.longdouble])
def test_arrays_of_anything_but_plain_numbers_are_refused(dtype: Any) -> None:
    with pytest.raises(DataError):
        read_pickle(pickle.dumps({b"data": np.zeros(3, dtype)}, protocol=2), HERE)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, bool])
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_plain_arrays_and_containers_come_back(dtype: Any, protocol: int) -> None:
    given_data: dict[Any, Any] = {
        "data": np.arange(6).astype(dtype).reshape(2, 3),
        b"labels": [1, 2],
        "names": ["a", b"b"],
        "n": 4,
    }
    found = read_pickle(pickle.dumps(given_data, protocol=protocol), HERE)
    assert np.array_equal(found[b"data"], given_data["data"])
    assert found[b"data"].dtype == dtype
    assert found[b"labels"] == [1, 2]


def _answer(data: bytes) -> str:
    try:
        found = read_pickle(data, HERE)
    except DataError as error:
        return "a DataError that names the file" if "data_batch_1" in str(error) else str(error)
    return "a dict" if isinstance(found, dict) else repr(found)


@given(data=st.binary(max_size=200))
def test_random_bytes_give_a_data_error(data: bytes) -> None:
    assert _answer(data) in ("a dict", "a DataError that names the file")


@given(cut=st.integers(0, 20_000), flip=st.integers(0, 20_000), value=st.integers(0, 255))
def test_damaged_batches_never_get_through_as_another_error(cut: int, flip: int, value: int) -> None:
    whole = bytearray(
        pickle.dumps({b"data": np.zeros((4, 3072), np.uint8), b"labels": [1, 2, 3, 4]}, protocol=2)
    )
    whole[flip % len(whole)] = value
    answer = _answer(bytes(whole[: cut % (len(whole) + 1)]))
    assert answer in ("a dict", "a DataError that names the file")
