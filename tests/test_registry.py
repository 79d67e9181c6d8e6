"""The registry: found without a list, checked when registered or first used, no silent overwriting."""

import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cnnviz
from cnnviz import registry
from cnnviz.errors import CnnvizError, EntryError, UnknownNameError
from cnnviz.registry import Registry, discover, leave_out, left_out, refusing
from tests.examples import examples


@pytest.fixture(autouse=True)
def _nothing_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_left_out", {})


def test_entries_keep_their_order_and_come_back() -> None:
    numbers: Registry[int] = Registry("number")
    for name, value in (("two", 2), ("one", 1)):
        numbers.add(name, value)
    assert numbers.names() == ("two", "one")
    assert list(numbers) == ["two", "one"]
    assert numbers.get("one") == 1
    assert numbers.values() == (2, 1)
    assert "one" in numbers
    assert len(numbers) == 2


def test_an_order_decides_and_entries_without_one_come_last() -> None:
    numbers: Registry[int] = Registry("number")
    numbers.add("later", 1)
    numbers.add("second", 2, order=20)
    numbers.register("first", order=10)(3)
    numbers.add("last", 4)
    assert numbers.names() == ("first", "second", "later", "last")


def test_the_same_name_twice_is_refused() -> None:
    numbers: Registry[int] = Registry("number")
    numbers.add("one", 1)
    with pytest.raises(EntryError, match="'one' is refused: a number of that name is registered already"):
        numbers.register("one")(2)
    assert numbers.get("one") == 1


@pytest.mark.parametrize("name", ["", "two words", "a/b", "-x", "a:b", "x" * 65])
def test_a_name_that_cannot_stand_in_a_link_is_refused(name: str) -> None:
    with pytest.raises(EntryError, match="letters, digits"):
        Registry[int]("number").add(name, 1)


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    nets: Registry[int] = Registry("architecture")
    nets.add("lenet", 1)
    nets.add("VGG16", 2)
    with pytest.raises(
        UnknownNameError, match=r"no architecture 'LeNet5'\. Did you mean 'lenet'\?"
    ) as caught:
        nets.get("LeNet5")
    assert isinstance(caught.value, CnnvizError)
    assert str(caught.value).endswith("Known: lenet, VGG16.")
    with pytest.raises(UnknownNameError, match="Did you mean 'VGG16'"):
        nets.get("vgg")


def _odd(name: str, value: int) -> Iterator[str]:
    if value % 2:
        yield f"{value} is odd; take an even number."
    if value < 0:
        yield f"{value} is negative; take a positive number"


def test_a_wrong_entry_is_refused_with_every_mistake_and_not_kept() -> None:
    numbers: Registry[int] = Registry("number", check=_odd)
    assert numbers.add("two", 2) == 2
    with pytest.raises(EntryError) as caught:
        numbers.add("minus", -1)
    assert str(caught.value) == (
        "The number 'minus' is refused: "
        "-1 is odd; take an even number; -1 is negative; take a positive number."
    )
    assert numbers.names() == ("two",)


def test_the_dear_part_of_a_contract_is_checked_once_and_at_the_first_use() -> None:
    seen: list[str] = []

    def dear(name: str, value: int) -> Iterator[str]:
        seen.append(name)
        yield from _odd(name, value)

    numbers: Registry[int] = Registry("number", first_use=dear)
    numbers.add("two", 2)
    numbers.add("three", 3)
    assert seen == []
    numbers.get("two")
    numbers.get("two")
    assert seen == ["two"]
    for _ in range(2):  # a wrong entry stays refused
        with pytest.raises(EntryError, match="3 is odd"):
            numbers.get("three")
    assert seen == ["two", "three"]
    assert (numbers.names(), "three" in numbers, len(numbers)) == (("two",), False, 1)
    numbers.add("five", 5)
    assert numbers.names() == ("two",)  # what is listed can be used
    assert left_out() == (
        "The number 'three' is refused: 3 is odd; take an even number.",
        "The number 'five' is refused: 5 is odd; take an even number.",
    )
    assert numbers.problems("five", 5) == ["5 is odd; take an even number."]


def test_of_two_of_one_name_the_one_with_the_earlier_place_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are read in the order of their names: a stranger's may come before that of the house."""
    package = tmp_path / "tints_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("from cnnviz.registry import Registry\nTINTS = Registry('tint')\n")
    (package / "a_stranger.py").write_text("from tints_of_a_test import TINTS\nTINTS.add('red', 1)\n")
    (package / "house.py").write_text("from tints_of_a_test import TINTS\nTINTS.add('red', 2, order=10)\n")
    monkeypatch.syspath_prepend(tmp_path)
    discover("tints_of_a_test")
    assert sys.modules["tints_of_a_test"].TINTS.get("red") == 2
    (sentence,) = left_out()
    assert sentence == (
        f"{package}/a_stranger.py: The tint 'red' is refused: a tint of that name is registered already by "
        f"{package}/house.py; choose another name."
    )


def test_modules_of_a_package_are_found_and_a_wrong_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "shades_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from cnnviz.registry import Registry\n"
        "SHADES = Registry('shade', check=lambda name, grey: ['0 to 255, please'] if grey > 255 else [])\n"
    )
    (package / "light.py").write_text(
        "from shades_of_a_test import SHADES\nSHADES.add('light', 200, order=2)\n"
    )
    (package / "dark.py").write_text("from shades_of_a_test import SHADES\nSHADES.add('dark', 20, order=1)\n")
    (package / "_shared.py").write_text("raise AssertionError('imported by nobody')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert discover("shades_of_a_test") == ("shades_of_a_test.dark", "shades_of_a_test.light")
    assert sys.modules["shades_of_a_test"].SHADES.names() == ("dark", "light")
    white = package / "white.py"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for wrong, says in (
        (
            "from shades_of_a_test import SHADES\nSHADES.add('white', 256)\n",
            ": The shade 'white' is refused: 0 to",
        ),
        ("\nnothing\n", " can't be read: NameError in line 2: name 'nothing' is not defined. Mend it there."),
        ("def (\n", " can't be read: SyntaxError in line 1: invalid syntax. Mend it there."),
    ):
        white.write_text(wrong)
        importlib.invalidate_caches()
        discover("shades_of_a_test")
        sys.modules.pop("shades_of_a_test.white", None)
        assert sys.modules["shades_of_a_test"].SHADES.names() == ("dark", "light")
        (sentence,) = left_out()
        assert sentence.startswith(f"{white}{says}")
        with pytest.raises(EntryError, match=re.escape(sentence)), refusing():
            raise AssertionError("a command would go on beside a wrong entry")
        registry._left_out.clear()
        with pytest.raises(EntryError, match=re.escape(sentence)), refusing():
            discover("shades_of_a_test")
        assert left_out() == ()


def test_a_name_whose_file_was_left_out_is_answered_with_the_reason() -> None:
    numbers: Registry[int] = Registry("number", check=_odd)
    with pytest.raises(EntryError) as refused:
        numbers.add("three", 3)
    leave_out(EntryError(f"numbers/three.py: {refused.value}"))
    with pytest.raises(EntryError, match=r"numbers/three\.py: The number 'three' is refused"):
        numbers.get("three")
    with pytest.raises(UnknownNameError, match=r"no number 'four'.*numbers/three\.py: The number"):
        numbers.get("four")


def test_a_check_that_stumbles_over_an_entry_is_the_entrys_mistake() -> None:
    numbers: Registry[Any] = Registry("number", check=_odd)
    with pytest.raises(
        EntryError, match=r"'word' is refused: checking it ends in TypeError: .*; give its fields"
    ):
        numbers.add("word", "three")


def test_the_example_of_a_door_and_its_entry_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for file, code in examples().items():
        if file.startswith("cnnviz/shades/"):
            path = tmp_path / Path(file).relative_to("cnnviz")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
    monkeypatch.setattr(cnnviz, "__path__", [*cnnviz.__path__, str(tmp_path)])
    door = importlib.import_module("cnnviz.shades.entry").SHADES
    assert door.names() == ("stripes",)
    assert door.get("stripes")(4).tolist() == [[0, 255, 0, 255]] * 4
    with pytest.raises(EntryError, match="it has no docstring"):
        door.add("plain", lambda side: None)
    for name in [name for name in sys.modules if name.startswith("cnnviz.shades")]:
        del sys.modules[name]


def test_the_example_in_the_docstring_runs() -> None:
    results = doctest.testmod(registry, extraglobs={"Iterator": Iterator})
    assert results.attempted >= 6
    assert results.failed == 0
