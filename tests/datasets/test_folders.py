"""Own images: folders of classes, their split, their sizes, and what is said when something is wrong."""

from __future__ import annotations

import io
import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz import datasets
from cnnviz.datasets.pictures import read_square
from cnnviz.errors import DataError, SpecError, UnknownNameError
from cnnviz.specs import DatasetSpec

ImageFolder = Callable[..., Path]


def spec(name: str, **fields: object) -> DatasetSpec:
    return DatasetSpec.parse({"name": f"folder:{name}", "validation_split": 0.0, **fields})


def test_one_folder_a_class_is_split_the_same_whatever_the_seed(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 20, "dog": 10})
    assert datasets.names()[-1] == "folder:pets"
    facts = datasets.facts(spec("pets"))
    assert facts.class_names == ("cat", "dog")
    assert (facts.n_train_full + facts.n_test_full, facts.input_shape) == (30, (32, 32, 3))
    loaded = datasets.load(spec("pets"))
    assert set(loaded.full_test.labels.tolist()) == {0, 1}
    other = datasets.load(spec("pets", seed=5))
    assert np.array_equal(loaded.full_test.images, other.full_test.images)


def test_images_keep_their_class_and_no_test_image_is_trained_on(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 20, "dog": 10, "emu": 5})
    loaded = datasets.load(spec("pets"))
    seen = []
    for half in (loaded.full_train, loaded.full_test):
        for image, label in zip(half.images, half.labels, strict=True):
            assert image[0, 0].tolist() == [
                40 * label + 10,
                image[0, 0, 1],
                200,
            ]  # the colour names class and index
            seen.append((int(label), int(image[0, 0, 1])))
    assert sorted(seen) == sorted((c, i) for c, n in enumerate((20, 10, 5)) for i in range(n))


def test_train_and_test_folders_are_taken_as_they_are(image_folder: ImageFolder) -> None:
    image_folder("pets", {"train/cat": 3, "train/dog": 4, "test/cat": 2, "test/dog": 1})
    loaded = datasets.load(spec("pets", size=16))
    assert (len(loaded.full_train), len(loaded.full_test)) == (7, 3)
    assert loaded.input_shape == (16, 16, 3)
    assert np.bincount(loaded.full_test.labels).tolist() == [2, 1]


def test_the_first_images_are_of_several_classes(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 40, "dog": 40})
    loaded = datasets.load(spec("pets", train_size=20, selection="first"))
    assert set(loaded.train.labels.tolist()) == {0, 1}


def test_an_added_image_is_seen(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    before, stamp = datasets.load(spec("pets")), datasets.stamp(spec("pets"))
    assert stamp == datasets.stamp(spec("pets"))
    Image.new("RGB", (9, 9), (10, 77, 200)).save(folder / "cat" / "more.png")
    os.utime(folder / "cat", ns=(1, 1))
    after = datasets.load(spec("pets"))
    assert datasets.facts(spec("pets")).n_train_full + datasets.facts(spec("pets")).n_test_full == 11
    assert before.fingerprint != after.fingerprint
    assert datasets.stamp(spec("pets")) != stamp


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({"cat": 5}, "only one class folder, 'cat'. Place at least two"),
        ({"cat": 5, "dog": 0}, r"only one class folder, 'cat' \('dog' holds no image\)"),
    ],
)
def test_what_a_folder_lacks_is_told_and_breaks_no_list(
    image_folder: ImageFolder, classes: dict[str, int], message: str
) -> None:
    image_folder("pets", classes)
    assert "folder:pets" in datasets.names()
    assert re.search(message, datasets.entry("folder:pets").problem)
    for ask in (datasets.facts, datasets.load):
        with pytest.raises(DataError, match=message):
            ask(spec("pets"))


@pytest.mark.parametrize("name", ["nothing", "../pets", "", ".", "..", "a/b", "/etc", ".hidden"])
def test_no_other_folder_can_be_named(image_folder: ImageFolder, name: str) -> None:
    image_folder("pets", {"cat": 5, "dog": 5})
    with pytest.raises(UnknownNameError, match="There is no image folder"):
        datasets.entry(f"folder:{name}")


def test_a_near_name_is_suggested(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 5, "dog": 5})
    with pytest.raises(UnknownNameError, match="Did you mean 'folder:pets'"):
        datasets.facts(spec("pet"))


def test_official_folders_are_no_image_folders(data_dir: Path) -> None:
    for name in ("cifar-10-batches-py", "MNIST/raw", ".download-x/cat"):
        (data_dir / name).mkdir(parents=True)
        (data_dir / name / "data_batch_1").write_bytes(b"x")
    assert not [name for name in datasets.names() if name.startswith("folder:")]


def test_more_than_the_folder_has_is_refused(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 5, "dog": 5})
    with pytest.raises(SpecError, match="train_size is 9, but pets has 8"):
        datasets.facts(spec("pets", train_size=9))


BAD = {
    b"": "empty",
    b"not an image": "no image",
    b"\x89PNG\r\n\x1a\n" + bytes(30): "damaged",
    b"<!DOCTYPE html><html>403</html>": "a web page",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n": "a Git LFS pointer",
    b"%PDF-1.7": "a PDF",
}


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("L", (20, 20)).save(out, "GIF")
    return out.getvalue()


def cut_jpeg() -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(out, "JPEG")
    return out.getvalue()[:1000]


def test_all_bad_files_are_one_list_and_are_left_out_by_one_switch(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    kinds = {**BAD, gif(): "a GIF that is named .jpg", cut_jpeg(): "cut off"}
    for number, content in enumerate(kinds):
        (folder / f"cat/bad{number}.jpg").write_bytes(content)
    (folder / "dog/gone.jpg").symlink_to("nowhere.jpg")
    found = datasets.inventory("folder:pets")
    reasons = {item.reason.partition(":")[0]: (item.files, item.example) for item in found.left_out}
    expected = {kind: (1, f"cat/bad{number}.jpg") for number, kind in enumerate(kinds.values())}
    assert reasons == {**expected, "a link to nothing": (1, "dog/gone.jpg")}
    with pytest.raises(DataError, match=r"9 of 19 images in 'pets' can't be read") as refused:
        datasets.facts(spec("pets"))
    said = str(refused.value)
    assert all(kind in said for kind in reasons)
    assert {file for file, _ in found.bad_files} == {example for _, example in reasons.values()}
    assert "leave_out_bad=true" in said
    assert str(folder) not in said
    assert "<_io" not in said
    loaded = datasets.load(spec("pets", leave_out_bad=True))
    assert len(loaded.full_train) + len(loaded.full_test) == 10
    assert spec("pets", leave_out_bad=True).hash() != spec("pets").hash(), "it stands in the spec"


def test_what_was_mended_is_noticed_at_once(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    good = (folder / "cat/0003.png").read_bytes()
    (folder / "cat/0003.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"1 of 10 images .* \(empty: cat/0003.png\)"):
        datasets.load(spec("pets"))
    (folder / "cat/0003.png").write_bytes(good)
    assert len(datasets.load(spec("pets")).full_train) > 0


def test_where_nothing_of_a_class_can_be_read_it_is_named(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 3, "dog": 3, "emu": 3})
    for file in (folder / "dog").iterdir():
        file.write_bytes(b"")
    with pytest.raises(DataError, match="No image of class 'dog' can be read"):
        datasets.facts(spec("pets", leave_out_bad=True))


def test_a_validation_folder_validates(image_folder: ImageFolder) -> None:
    halves = {"train": 6, "valid": 3, "test": 2}
    image_folder("pets", {f"{half}/{label}": n for half, n in halves.items() for label in ("cat", "dog")})
    for asked in ({}, {"train_size": 8}, {"validation_split": 0.5}):
        loaded = datasets.load(spec("pets", **asked))
        facts = loaded.facts
        assert (len(loaded.train), len(loaded.validation)) == (facts.n_train, facts.n_validation)
        assert (facts.n_train, facts.n_validation, facts.n_test) == (asked.get("train_size", 12), 6, 4)
        # The colour names the folder: those of `valid` are the third and fourth.
        assert {int(colour) for colour in loaded.validation.images[:, 0, 0, 0]} == {90, 130}
    folded = datasets.load(spec("pets", folds=3, fold=1))
    assert (len(folded.train), len(folded.validation)) == (8, 4), "folds divide the training images alone"


def test_own_images_may_be_grey_and_as_large_as_mnists(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 5, "dog": 5})
    grey = spec("pets", size=28, color_mode="grayscale")
    images = datasets.load(grey).full_train.images
    assert images.shape[1:] == datasets.facts(grey).input_shape == (28, 28, 1)
    colour = datasets.load(spec("pets", size=28)).full_train.images
    luma = colour.astype(float) @ [0.299, 0.587, 0.114]  # ITU-R 601
    assert np.abs(images[..., 0] - luma).max() < 1
    with pytest.raises(SpecError, match="color_mode is for image folders of your own"):
        datasets.facts(DatasetSpec(name="digits", color_mode="grayscale"))


def test_a_replaced_image_is_noticed(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    before, stamp = datasets.digest(spec("pets")), datasets.stamp(spec("pets"))
    Image.new("RGB", (9, 9), (10, 77, 200)).save(folder / "cat" / "0001.png")
    os.utime(folder / "cat" / "0001.png", ns=(1, 1))
    assert datasets.stamp(spec("pets")) != stamp
    assert datasets.digest(spec("pets")) != before


def test_classes_from_names_and_from_a_table(data_dir: Path) -> None:
    (data_dir / "pets").mkdir()
    for number in range(10):
        Image.new("RGB", (12, 12), (200, 0, 0)).save(
            data_dir / "pets" / f"{'cat' if number % 2 else 'dog'}.{number}.png"
        )
    with pytest.raises(DataError, match="begin with cat and dog: if those are the classes, say so"):
        datasets.facts(spec("pets"))
    assert datasets.facts(spec("pets", classes_from="names")).class_names == ("cat", "dog")
    rows = "".join(f"{'cat' if n % 2 else 'dog'}.{n}.png,{'low' if n < 5 else 'high'}\n" for n in range(10))
    (data_dir / "pets" / "labels.csv").write_text("file,label\n" + rows)
    facts = datasets.facts(spec("pets", classes_from="table"))
    assert (facts.class_names, facts.n_train_full + facts.n_test_full) == (("high", "low"), 10)
    stamp = datasets.stamp(spec("pets", classes_from="table"))
    (data_dir / "pets" / "labels.csv").write_text("file,label\n" + rows.replace("low", "deep"))
    assert datasets.facts(spec("pets", classes_from="table")).class_names == ("deep", "high")
    assert datasets.stamp(spec("pets", classes_from="table")) != stamp, "pages must not keep the old labels"


def test_a_folder_that_links_to_itself_is_read_once(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    (folder / "cat" / "again").symlink_to(folder)
    assert datasets.entry("folder:pets").n_train + datasets.entry("folder:pets").n_test == 10


def _bomb(side: int) -> bytes:
    """A png whose header claims side×side pixels and whose data are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_100, 13_000, 60_000])
def test_an_enormous_image_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(DataError, match=r"big\.png can't be read: .*at most 50 million pixels are read"):
        read_square(io.BytesIO(_bomb(side)), 32, name="big.png")


def _png(image: Image.Image) -> io.BytesIO:
    out = io.BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    return out


def test_the_middle_square_is_taken() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    assert read_square(_png(Image.fromarray(wide)), 10).min() == 255


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16"])
def test_every_mode_becomes_colour(mode: str) -> None:
    grey = (
        Image.fromarray(np.full((20, 20), 40_000, np.uint16))
        if mode == "I;16"
        else Image.new("L", (20, 20), 156)
    )
    image = grey if mode == "I;16" else grey.convert(mode)
    found = read_square(_png(image), 10)
    assert found.shape == (10, 10, 3)
    if mode != "1":
        assert np.all(found == 156)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_of_16_bits_those_in_use_are_kept(bits: int) -> None:
    ramp = np.linspace(0, 2**bits - 1, 16 * 16).round().astype(np.uint16).reshape(16, 16)
    found = read_square(_png(Image.fromarray(ramp)), 16)[..., 0]
    assert np.array_equal(found, ramp >> (bits - 8))


def test_see_through_parts_become_white() -> None:
    assert read_square(_png(Image.new("RGBA", (8, 8), (0, 0, 0, 0))), 8).min() == 255


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    image[:10] = 255  # white above black
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # taken upside down
    Image.fromarray(image).save(out, "JPEG", exif=exif)
    out.seek(0)
    found = read_square(out, 10)
    assert found[0].mean() < 10
    assert found[-1].mean() > 245


@pytest.mark.parametrize(
    "suffix", ["png", "jpg", "jpeg", "jfif", "jpe", "webp", "JPG", "bmp", "gif", "tif", "avif"]
)
def test_all_named_formats_are_read(data_dir: Path, suffix: str) -> None:
    for label in ("a", "b"):
        (data_dir / "mine" / label).mkdir(parents=True)
        for index in range(3):
            Image.new("RGB", (20, 20), (90, 90, 90)).save(data_dir / "mine" / label / f"{index}.{suffix}")
    images = datasets.load(spec("mine")).full_train.images
    assert np.all(np.abs(images.astype(int) - 90) <= 3)
