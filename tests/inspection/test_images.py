"""Own pictures: what is accepted, what is done to them, and what is refused with advice."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cnnviz.datasets.pictures import read_square
from cnnviz.errors import ImageError
from cnnviz.inspection.images import bright_ground, prepare


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def test_a_picture_of_the_right_size_stays_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    prepared = prepare(encoded(Image.fromarray(image)), (32, 32, 3))
    assert np.array_equal(prepared.image, image)
    assert prepared.image.dtype == np.uint8


def test_a_large_picture_is_cut_to_the_middle_and_averaged():
    wide = Image.new("RGB", (90, 60), (255, 0, 0))
    wide.paste((0, 0, 255), (15, 0, 75, 60))
    prepared = prepare(encoded(wide), (6, 6, 3))
    assert (prepared.image[:, 1:-1] == [0, 0, 255]).all()
    assert any("60 × 60" in step for step in prepared.steps)


def test_it_is_the_image_that_a_run_trained_on_a_folder_saw(tmp_path):
    picture = Image.fromarray(np.random.default_rng(3).integers(0, 256, (50, 70, 3), np.uint8))
    picture.save(tmp_path / "one.png")
    assert np.array_equal(prepare(encoded(picture), (24, 24, 3)).image, read_square(tmp_path / "one.png", 24))


def test_colours_become_grey_and_grey_becomes_colour():
    prepared = prepare(encoded(Image.new("RGB", (8, 8), (255, 0, 0))), (8, 8, 1))
    assert prepared.image.shape == (8, 8, 1)
    assert (prepared.image == 76).all()  # 0.299 · 255, ITU-R 601
    prepared = prepare(encoded(Image.new("L", (8, 8), 90)), (8, 8, 3))
    assert (prepared.image == 90).all()


def test_the_cameras_orientation_is_honoured():
    picture = Image.new("RGB", (4, 4))
    picture.paste((255, 255, 255), (0, 0, 4, 2))  # the upper half is white
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180°
    prepared = prepare(encoded(picture, exif=exif), (4, 4, 3))
    assert (prepared.image[2:] == 255).all()
    assert (prepared.image[:2] == 0).all()


def test_transparent_parts_are_laid_on_white():
    assert (prepare(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))), (4, 4, 3)).image == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_any_mode_of_picture_is_read(mode):
    picture = Image.new(mode, (10, 12))
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert prepare(encoded(picture, kind), (5, 5, 3)).image.shape == (5, 5, 3)


def test_inverting_exchanges_dark_and_bright():
    paper = Image.new("L", (10, 10), 250)
    assert bright_ground(prepare(encoded(paper), (5, 5, 1)).image)
    prepared = prepare(encoded(paper), (5, 5, 1), invert=True)
    assert (prepared.image == 5).all()
    assert not bright_ground(prepared.image)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size without having its pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return head + struct.pack(">I", 100) + b"IDAT" + bytes(100)


NOISE = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)))
JPEG = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)), "JPEG")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"not a picture at all", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture"),
        (NOISE[: len(NOISE) // 2], "cut short"),
        (JPEG[: len(JPEG) // 2], "cut short"),
        (NOISE[:20], "picture"),
        (png_header(6000, 5000), "million"),
        (png_header(100_000, 100_000), "million"),
    ],
)
def test_what_can_not_be_used_is_refused_with_advice(data, says):
    with pytest.raises(ImageError, match=says):
        prepare(data, (32, 32, 3))
