"""Own pictures: what is accepted, what is done to them, and what is refused with advice."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnviz.datasets.pictures import read_square
from cnnviz.errors import ImageError
from cnnviz.inspection.own_pictures import SHARES, bright_ground, place, prepare


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


def test_the_bits_in_use_are_said_and_kept():
    ramp = np.linspace(0, 1023, 64).astype(np.uint16).reshape(8, 8)
    prepared = prepare(encoded(Image.fromarray(ramp)), (8, 8, 1))
    assert np.array_equal(prepared.image[..., 0], ramp >> 2)
    assert "kept the upper 8 of the 10 bits in use" in prepared.steps


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
        (b"not a picture at all", "can't be read: no image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "no image"),
        (NOISE[: len(NOISE) // 2], "cut short"),
        (JPEG[: len(JPEG) // 2], "cut short"),
        (NOISE[:20], "picture"),
        (png_header(8000, 8000), "million"),
        (png_header(100_000, 100_000), "million"),
    ],
)
def test_what_can_not_be_used_is_refused_with_advice(data, says):
    with pytest.raises(ImageError, match=says):
        prepare(data, (32, 32, 3))


def drawing(top: int, left: int, height: int, width: int, value: int = 255) -> bytes:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[top : top + height, left : left + width] = value
    out = io.BytesIO()
    Image.fromarray(canvas).save(out, "PNG")
    return out.getvalue()


def box_of(image: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(image[..., 0])
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def test_a_stroke_in_a_corner_becomes_20_pixels_in_the_middle_as_mnist_digits_are():
    found = place(drawing(3, 5, 40, 8), 28, SHARES["mnist"])
    assert found.image.shape == (28, 28, 1)
    assert box_of(found.image) == (4, 23, 12, 15)  # 20 rows, 4 columns, as many pixels on either side
    assert "made 20 of 28 pixels large" in found.steps


def test_the_centre_of_mass_decides_not_the_box():
    canvas = np.zeros((280, 280), np.uint8)
    canvas[100:180, 100:110] = 255  # a thin upright
    canvas[170:180, 100:140] = 255  # and a foot: an L
    out = io.BytesIO()
    Image.fromarray(canvas).save(out, "PNG")
    image = place(out.getvalue(), 28, SHARES["mnist"]).image[..., 0].astype(float)
    rows, columns = np.indices(image.shape)
    assert (image * rows).sum() / image.sum() == pytest.approx(13.5, abs=0.5)
    assert (image * columns).sum() / image.sum() == pytest.approx(13.5, abs=0.5)
    top, bottom, _, _ = box_of(image[..., None])
    assert top > 0
    assert 27 - bottom > top  # the foot weighs, so that the box lies higher


@given(
    top=st.integers(0, 270),
    left=st.integers(0, 270),
    height=st.integers(1, 280),
    width=st.integers(1, 280),
    side=st.sampled_from([8, 16, 28, 32]),
    share=st.sampled_from([0.5, 20 / 28, 1.0]),
)
def test_the_longer_side_has_the_share_whatever_is_drawn_and_wherever(top, left, height, width, side, share):
    height, width = min(height, 280 - top), min(width, 280 - left)
    top_row, bottom, first, last = box_of(place(drawing(top, left, height, width), side, share).image)
    assert max(bottom - top_row, last - first) + 1 == round(share * side)


def test_an_empty_drawing_stays_black():
    found = place(drawing(0, 0, 5, 5, value=0), 28, SHARES["mnist"])
    assert not found.image.any()
    assert found.steps == ("nothing is drawn yet",)


def test_what_is_no_picture_is_said():
    with pytest.raises(ImageError, match="no image"):
        place(b"nonsense", 28, 1.0)
