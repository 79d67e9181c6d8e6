"""A zip from anyone: unpacked within bounds, or refused with nothing left behind."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from cnnviz import datasets
from cnnviz.datasets import uploads
from cnnviz.datasets.uploads import add_zip
from cnnviz.errors import DataError, StorageError
from cnnviz.specs import DatasetSpec


def png(colour: tuple[int, int, int] = (1, 2, 3)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (10, 10), colour).save(out, "PNG")
    return out.getvalue()


def packed(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    out.seek(0)
    return out


PETS = {f"{label}/{index}.png": png() for label in ("cat", "dog") for index in range(5)}


@pytest.mark.parametrize("around", ["", "pets/", "a/b/"])
def test_class_folders_become_a_data_set(data_dir: Path, around: str) -> None:
    extra = {"__MACOSX/cat/._0.png": b"x", f"{around}cat/.hidden.png": b"x", f"{around}readme.txt": b"hello"}
    name = add_zip("my pets", packed({**{around + key: value for key, value in PETS.items()}, **extra}))
    assert name == "folder:my pets"
    assert datasets.facts(DatasetSpec(name=name)).class_names == ("cat", "dog")
    assert len(datasets.load(DatasetSpec(name=name)).full_train) == 8


def test_halves_are_kept(data_dir: Path) -> None:
    files = {f"x/{half}/{key}": value for half in ("train", "test") for key, value in PETS.items()}
    name = add_zip("pets", packed(files))
    facts = datasets.facts(DatasetSpec(name=name))
    assert (facts.n_train_full, facts.n_test_full) == (10, 10)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"../../evil/0.png": png()}, "outside itself"),
        ({"/etc/evil/0.png": png()}, "outside itself"),
        ({"cat\\..\\..\\0.png": png()}, "outside itself"),
        ({"C:/cat/0.png": png()}, "outside itself"),
        ({"0.png": png(), "1.png": png()}, "pets has no class folder. Place at least two, one a class"),
        ({**PETS, "deep/er/0.png": png()}, r"Class 'deep' in pets has one image \(deep/er/0.png\)"),
        ({"cat/0.txt": b"x"}, "holds no images"),
        ({}, "holds no images"),
        ({"cat/0.png": png(), "cat/1.png": png()}, "has only one class folder"),
        (
            {**PETS, f"{'x' * 256}/0.png": png()},
            "can't be a file's or class's name here: .* longer than 255 bytes",
        ),
        ({**PETS, "cat": png()}, "'cat' as a file and as a folder"),
        ({"cat/0.png": png(), "cat/1.png": png(), "dog/0.png": png()}, "Class 'dog' in pets has one image"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_left(
    data_dir: Path, files: dict[str, bytes], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        add_zip("pets", packed(files))
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"no zip", packed(PETS).getvalue()[:200]])
def test_what_is_no_zip_is_told(data_dir: Path, data: bytes) -> None:
    with pytest.raises(DataError, match="no zip that can be read"):
        add_zip("pets", io.BytesIO(data))
    assert list(data_dir.iterdir()) == []


def test_a_damaged_member_is_told(data_dir: Path) -> None:
    data = bytearray(packed(PETS).getvalue())
    data[60] ^= 255
    with pytest.raises(DataError):
        add_zip("pets", io.BytesIO(bytes(data)))
    assert list(data_dir.iterdir()) == []


def test_a_bomb_is_stopped_by_its_real_size(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 100_000)
    with pytest.raises(DataError, match="makes the zip too large"):
        add_zip("pets", packed({**PETS, "cat/bomb.png": bytes(10_000_000)}))
    monkeypatch.setattr(uploads, "MAX_BYTES", 300)
    with pytest.raises(DataError, match="makes the zip too large"):
        add_zip("pets", packed(PETS))
    monkeypatch.setattr(uploads, "MAX_FILES", 9)
    with pytest.raises(DataError, match="holds 10 files, more than 9"):
        add_zip("pets", packed(PETS))


def test_a_folder_that_is_there_is_never_replaced(data_dir: Path) -> None:
    add_zip("pets", packed(PETS))
    with pytest.raises(DataError, match=r"a folder 'pets' .* already"):
        add_zip("pets", packed(PETS))


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a\\b", "x" * 100, "a\nb", "-", "dot."])
def test_a_name_that_is_no_folders_name_is_refused(data_dir: Path, name: str) -> None:
    with pytest.raises(DataError, match="can't be a folder's name"):
        add_zip(name, packed(PETS))
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize(
    "label", ["Pepper,_bell___healthy", "a' b", "<i>$x$", "do\x07g", "A\u0308pfel", "x" * 200]
)
def test_a_class_may_be_called_whatever_a_folder_may_be(data_dir: Path, label: str) -> None:
    name = add_zip("pets", packed({**PETS, **{f"{label}/{index}.png": png() for index in range(3)}}))
    assert unicodedata.normalize("NFC", label) in datasets.facts(DatasetSpec(name=name)).class_names


def test_what_can_not_be_read_is_added_and_named(data_dir: Path) -> None:
    bad = {"cat/zero.jpg": b"", "dog/page.jpg": b"<html>", "notes.txt": b"hello", "empty/": b""}
    name = add_zip("pets", packed({**PETS, **bad}))
    found = datasets.inventory(name)
    assert (found.n_train + found.n_test, "2 of 12 images" in found.problem) == (10, True)
    assert {(item.reason, item.files, item.example) for item in found.left_out} == {
        ("empty", 1, "cat/zero.jpg"),
        ("a web page", 1, "dog/page.jpg"),
        ("no image (.txt)", 1, "notes.txt"),
        ("a folder without images", 1, "empty"),
    }


def test_a_zip_is_read_by_the_rules_of_a_folder(data_dir: Path) -> None:
    halves = {"training_set": "train", "Valid": "validation", "TEST": "test"}
    add_zip("pets", packed({f"x/{half}/{key}": value for half in halves for key, value in PETS.items()}))
    with zipfile.ZipFile(
        packed({f"y/{half}/{key}": value for half in halves for key, value in PETS.items()})
    ) as same:
        same.extractall(data_dir / "folder")
    zipped, folder = (datasets.load(DatasetSpec(name=f"folder:{name}")) for name in ("pets", "folder"))
    assert (zipped.facts.n_train, zipped.facts.n_validation, zipped.facts.n_test) == (10, 10, 10)
    assert zipped.digest == folder.digest


def test_an_upload_can_be_deleted_and_what_was_placed_is_left_alone(data_dir: Path) -> None:
    name = add_zip("pets", packed(PETS))
    (data_dir / "mine/cat").mkdir(parents=True)
    (data_dir / "mine/cat/0.png").write_bytes(png())
    assert uploads.can_be_deleted(name)
    uploads.delete(name)
    assert [path.name for path in data_dir.iterdir()] == ["mine"]
    for other in ("folder:mine", "folder:../data/mine", "folder:pets", "digits"):
        assert not uploads.can_be_deleted(other)
        with pytest.raises(DataError, match="was not uploaded here"):
            uploads.delete(other)


def test_all_uploads_together_have_a_limit(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_zip("pets", packed(PETS))
    monkeypatch.setattr(uploads, "MAX_TOTAL_BYTES", uploads.MAX_BYTES)
    with pytest.raises(StorageError, match="Delete one that is no longer needed"):
        add_zip("more", packed(PETS))


@pytest.mark.parametrize(
    "name", ["models", "MNIST", "mnist.npz", "cifar-10-batches-py", "fashion_mnist", "a.toml"]
)
def test_names_of_official_files_are_refused(data_dir: Path, name: str) -> None:
    with pytest.raises(DataError, match="what official files are called"):
        add_zip(name, packed(PETS))
