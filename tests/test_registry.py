"""The registry: no silent overwriting, unknown names with a suggestion."""

import pytest

from cnnviz.errors import CnnvizError, UnknownNameError
from cnnviz.registry import Registry


def test_entries_keep_their_order_and_come_back() -> None:
    numbers: Registry[int] = Registry("number")
    for name, value in (("two", 2), ("one", 1)):
        numbers.add(name, value)
    assert numbers.names() == ("two", "one")
    assert list(numbers) == ["two", "one"]
    assert numbers.get("one") == 1
    assert "one" in numbers
    assert len(numbers) == 2


def test_the_same_name_twice_is_a_defect() -> None:
    numbers: Registry[int] = Registry("number")
    numbers.add("one", 1)
    with pytest.raises(ValueError, match="'one' is registered already"):
        numbers.register("one")(2)


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    nets: Registry[int] = Registry("architecture")
    nets.add("lenet", 1)
    nets.add("vgg16", 2)
    with pytest.raises(
        UnknownNameError, match=r"no architecture 'LeNet5'\. Did you mean 'lenet'\?"
    ) as caught:
        nets.get("LeNet5")
    assert isinstance(caught.value, CnnvizError)
    assert str(caught.value).endswith("Known: lenet, vgg16.")
