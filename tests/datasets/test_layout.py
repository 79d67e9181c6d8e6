"""Layouts as people really bring them: which file is of which class and half, and what is left out, why."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.datasets.layout import TEST_SHARE, Layout, LeftOut, in_order, labels_from, read

Counts = dict[str, int]


def files_of(counts: Counts) -> list[PurePosixPath]:
    """`{"train/cat": 2}` → `train/cat/0.png`, `train/cat/1.png`; a name with an ending is one file."""
    paths = []
    for place, count in counts.items():
        path = PurePosixPath(place)
        paths += [path] if path.suffix else [path / f"{number}.png" for number in range(count)]
    return paths


def layout(counts: Counts, *, folders: tuple[str, ...] = (), **how: object) -> Layout:
    return read(files_of(counts), map(PurePosixPath, folders), name="pets", **how)  # type: ignore[arg-type]


def sizes(found: Layout) -> tuple[int, int, int]:
    return len(found.train), len(found.validation), len(found.test)


PETS = {"cat": 20, "dog": 20}


@pytest.mark.parametrize("train", ["train", "Training", "training_set", "TRAIN SET", "trainset"])
@pytest.mark.parametrize("test", ["test", "Testing", "test_set", "TEST-SET"])
@pytest.mark.parametrize("validation", ["val", "Valid", "validation", "dev", "validation_set"])
def test_halves_are_known_by_any_usual_name(train: str, validation: str, test: str) -> None:
    counts = {f"{half}/{label}": n for half, n in ((train, 5), (validation, 3), (test, 2)) for label in PETS}
    found = layout(counts)
    assert (sizes(found), found.class_names, found.own_test) == ((10, 6, 4), ("cat", "dog"), True)
    assert found.left_out == ()


@pytest.mark.parametrize("outer", ["pets", "a/b", "pets/train"])
def test_outer_folders_are_stepped_into(outer: str) -> None:
    found = layout({f"{outer}/{label}": n for label, n in PETS.items()})
    assert found.class_names == ("cat", "dog")
    assert sum(sizes(found)) == 40


def test_images_of_folders_inside_a_class_are_of_that_class() -> None:
    found = layout({"cat/day1": 4, "cat/day2": 4, "dog/day1": 4, "dog/day2": 4})
    assert found.class_names == ("cat", "dog")
    assert found.subfolders == ("day1", "day2")
    assert Counter(member.label for member in found.train + found.test) == {0: 8, 1: 8}
    assert all(member.path.parts[0] == found.class_names[member.label] for member in found.train)


def test_what_is_not_used_is_counted_with_the_reason() -> None:
    found = layout(
        {
            "train/cat": 9,
            "train/dog": 9,
            "test": 5,
            "extra": 3,
            "train/loose.png": 1,
            "a.txt": 1,
            "cat/b.txt": 1,
        },
        folders=("train/emu", "train/cat/photo.jpg"),
    )
    assert found.class_names == ("cat", "dog")
    assert found.left_out == (
        LeftOut("no image (.txt)", 2, "a.txt"),
        LeftOut("beside the folders 'train' and 'test': move them into one of these", 3, "extra/0.png"),
        LeftOut("loose: in no class's folder", 1, "train/loose.png"),
        LeftOut("test images without a class: in no class's folder", 5, "test/0.png"),
        LeftOut("a folder named like an image", 1, "train/cat/photo.jpg"),
        LeftOut("a folder without images", 1, "train/emu"),
    )
    assert len(found.test) > 0, "held back of the training images, as those for testing have no class"


def test_halves_beside_the_classes_are_halves_and_a_class_may_be_called_like_one() -> None:
    assert sizes(layout({**PETS, "test/cat": 3, "test/dog": 3})) == (40, 0, 6)
    assert layout({**PETS, "test": 7}).left_out[0].files == 7
    assert layout({"plane": 5, "car": 5, "train": 5}).class_names == ("car", "plane", "train")
    assert layout({"valid": 5, "invalid": 5, "unknown": 5}).class_names == ("invalid", "unknown", "valid")


def test_two_forms_of_a_letter_are_one_class() -> None:
    composed, decomposed = (unicodedata.normalize(form, "Äpfel") for form in ("NFC", "NFD"))
    found = layout({f"train/{composed}": 5, "train/dog": 5, f"test/{decomposed}": 2})
    assert (found.class_names, sizes(found)) == (("dog", composed), (10, 0, 2))


def test_numbers_sort_as_numbers() -> None:
    assert layout(dict.fromkeys(("$10", "$1", "$5"), 2)).class_names == ("$1", "$5", "$10")
    assert sorted(["b2", "b10", "a", "b", "10", "9"], key=in_order) == ["9", "10", "a", "b", "b2", "b10"]


@pytest.mark.parametrize(
    ("counts", "folders", "says"),
    [
        ({}, (), "pets has no class folder. Place at least two"),
        ({"cat": 5}, (), "has only one class folder, 'cat'. Place at least two"),
        ({"cat": 5}, ("dog",), r"only one class folder, 'cat' \('dog' holds no image\)"),
        ({"cat": 5, "dog": 1}, (), r"Class 'dog' in pets has one image \(dog/0.png\)"),
        (
            {"train/cat": 5, "train/dog": 5, "test/cat": 2, "test/dogs": 2},
            (),
            r"'dogs' \(pets/test/dogs\) is a class of test images that .* Did you mean 'dog'",
        ),
        ({"train/cat": 2, "Training/cat": 2}, (), "two folders of train images, 'train' and 'Training'"),
        (
            {f"cat.{i}.png": 1 for i in range(4)} | {f"dog_{i}.png": 1 for i in range(4)},
            (),
            "begin with cat and dog",
        ),
    ],
)
def test_a_refusal_names_what_stands_in_the_way(counts: Counts, folders: tuple[str, ...], says: str) -> None:
    found = layout(counts, folders=folders)
    assert sizes(found) == (0, 0, 0)
    assert re.search(says, found.problem), found.problem


def test_classes_stand_in_the_names_when_asked_for() -> None:
    names = (
        [f"cat.{i}.jpg" for i in range(6)] + [f"big dog ({i}).jpg" for i in range(6)] + ["12.jpg", "emu.jpg"]
    )
    paths = [PurePosixPath("train", name) for name in names]
    found = read(paths, name="pets", classes_from="names")
    assert found.class_names == ("big dog", "cat")
    assert sum(sizes(found)) == 12
    assert [item.files for item in found.left_out] == [2]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["", ".png"])
def test_classes_stand_in_a_table_when_asked_for(delimiter: str, ending: str) -> None:
    rows = [(f"{i}{ending}", str(i * i), "cat" if i % 2 else "dog") for i in range(10)]
    text = "\n".join(delimiter.join(row) for row in [("id", "size", "breed"), *rows, ("99", "1", "emu")])
    paths = [PurePosixPath("train", f"{i}.png") for i in range(12)]
    found = read(paths, name="pets", classes_from="table", labels=labels_from(text, paths))
    assert found.class_names == ("cat", "dog")
    assert sum(sizes(found)) == 10
    assert found.left_out == (LeftOut("not in the table of labels", 2, "train/10.png"),)
    labels = {int(member.path.stem): member.label for member in found.train + found.test}
    assert all(label == (0 if number % 2 else 1) for number, label in labels.items())


def test_a_table_that_names_no_image_gives_no_class() -> None:
    paths = [PurePosixPath("1.png"), PurePosixPath("2.png")]
    for text in ("", "id,label\n", "id,label\n7,cat", "only\n1\n2"):
        assert labels_from(text, paths) == {}
    assert "table of labels" in read(paths, name="pets", classes_from="table").problem


words = st.text(string.ascii_lowercase + "0123456789_ .ä", min_size=1, max_size=8).filter(
    lambda s: s.strip(". ")
)
places = st.lists(words, max_size=4).map(lambda parts: "/".join(parts))
any_paths = st.lists(
    st.tuples(places, words, st.sampled_from([".png", ".JPG", ".txt", ""])).map(
        lambda part: PurePosixPath(part[0], part[1] + part[2])
    ),
    unique=True,
    max_size=30,
)


@given(any_paths, st.sampled_from(["folders", "names"]))
def test_every_file_is_used_once_or_counted_among_what_is_left_out(paths, way):
    found = read(paths, name="pets", classes_from=way)
    used = [member.path for member in found.train + found.validation + found.test]
    assert len(used) == len(set(used))
    assert set(used) <= set(paths)
    if not found.problem:
        left = sum(item.files for item in found.left_out if not item.reason.startswith("a folder"))
        assert len(used) + left == len(paths)
        assert {member.label for member in found.train} == set(range(len(found.class_names)))


@given(
    st.sets(st.integers(0, 10_000), min_size=60, max_size=120), st.sets(st.integers(0, 10_000), max_size=40)
)
def test_an_added_image_moves_no_other_one_between_the_halves(first, more):
    def halves(numbers):
        paths = [PurePosixPath(label, f"{number}.png") for label in PETS for number in numbers]
        found = read(paths, name="pets")
        return [[member.path for member in half] for half in (found.train, found.test)]

    (train, test), (later_train, later_test) = halves(first), halves(first | more)
    kept = set(train) | set(test)
    assert [path for path in later_train if path in kept] == train, "nor in their order"
    assert [path for path in later_test if path in kept] == test


def test_a_fifth_is_held_back_of_every_class() -> None:
    found = layout({"cat": 2000, "dog": 1000, "emu": 2})
    counts = Counter(member.label for member in found.test)
    # Each with probability 0.2, independently: four standard deviations.
    for label, n in ((0, 2000), (1, 1000)):
        assert abs(counts[label] - n * TEST_SHARE) < 4 * (n * TEST_SHARE * (1 - TEST_SHARE)) ** 0.5
    assert counts[2] == 1, "one of two, so that it is trained and tested"
