"""The registry: found without a list, checked when registered or first used, no silent overwriting."""

import doctest
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz import registry
from cnnviz.errors import CnnvizError, EntryError, UnknownNameError
from cnnviz.registry import Registry, discover


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
    assert numbers.problems("five", 5) == ["5 is odd; take an even number."]


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
    (package / "white.py").write_text("from shades_of_a_test import SHADES\nSHADES.add('white', 256)\n")
    with pytest.raises(EntryError, match=r"shades_of_a_test\.white: The shade 'white' is refused: 0 to 255"):
        discover("shades_of_a_test")
    (package / "white.py").write_text("nothing\n")
    with pytest.raises(NameError) as caught:
        discover("shades_of_a_test")
    assert caught.value.__notes__ == ["while importing shades_of_a_test.white, to find the entries in it"]


def test_the_example_in_the_docstring_runs() -> None:
    results = doctest.testmod(registry, extraglobs={"Iterator": Iterator})
    assert results.attempted >= 6
    assert results.failed == 0
