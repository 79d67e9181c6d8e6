"""Own images: folders of classes, their split, their sizes, and what is said when something is wrong."""

from __future__ import annotations

import io
import os
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


def test_one_folder_a_class_is_split_by_a_fixed_seed(image_folder: ImageFolder) -> None:
    image_folder("pets", {"cat": 20, "dog": 10})
    assert datasets.names()[-1] == "folder:pets"
    facts = datasets.facts(spec("pets"))
    assert facts.class_names == ("cat", "dog")
    assert (facts.n_train_full, facts.n_test_full, facts.input_shape) == (24, 6, (32, 32, 3))
    loaded = datasets.load(spec("pets"))
    assert np.bincount(loaded.full_test.labels).tolist() == [4, 2]
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
        ({"cat": 5}, "has only one class folder. Place at least two"),
        ({"cat": 5, "dog": 1}, "Class 'dog' in .* has one image"),
        ({"cat": 5, "dog": 0}, "class folder .*dog holds no images"),
        (
            {"train/cat": 5, "train/dog": 5, "test/cat": 2, "test/dogs": 2},
            "dogs is a class that .*train does not have. Did you mean 'dog'",
        ),
        ({"train/cat": 5, "train/dog": 5, "test/cat": 0}, "holds no images"),
    ],
)
def test_what_a_folder_lacks_is_told_and_breaks_no_list(
    image_folder: ImageFolder, classes: dict[str, int], message: str
) -> None:
    image_folder("pets", classes)
    assert "folder:pets" in datasets.names()
    assert datasets.entry("folder:pets").problem
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


@pytest.mark.parametrize(
    "content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, b"GIF89a" + bytes(40)]
)
def test_a_broken_image_is_named(image_folder: ImageFolder, content: bytes) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    (folder / "cat" / "0003.png").write_bytes(content)
    with pytest.raises(DataError, match=r"cat/0003\.png is no image that can be read"):
        datasets.load(spec("pets"))


def test_a_truncated_jpeg_is_named(image_folder: ImageFolder) -> None:
    folder = image_folder("pets", {"cat": 5, "dog": 5})
    out = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(out, "JPEG")
    (folder / "dog" / "cut.jpg").write_bytes(out.getvalue()[:1000])
    with pytest.raises(DataError, match=r"dog/cut\.jpg"):
        datasets.load(spec("pets"))


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


@pytest.mark.parametrize("side", [11_000, 13_000, 60_000])
def test_an_enormous_image_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(DataError, match=r"big\.png (has|is no image)"):
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


@pytest.mark.parametrize("suffix", ["png", "jpg", "jpeg", "webp", "JPG"])
def test_all_named_formats_are_read(data_dir: Path, suffix: str) -> None:
    for label in ("a", "b"):
        (data_dir / "mine" / label).mkdir(parents=True)
        for index in range(3):
            Image.new("RGB", (20, 20), (90, 90, 90)).save(data_dir / "mine" / label / f"{index}.{suffix}")
    images = datasets.load(spec("mine")).full_train.images
    assert np.all(np.abs(images.astype(int) - 90) <= 3)
