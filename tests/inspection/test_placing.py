"""Where a drawn digit ends up: size and place by hand, and for any strokes."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnviz.errors import ImageError
from cnnviz.inspection.placing import SHARES, place


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
    with pytest.raises(ImageError, match="not a picture"):
        place(b"nonsense", 28, 1.0)
