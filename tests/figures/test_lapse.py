"""The time-lapse's pictures and files: colours by hand, frames read back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from cnnviz.figures import lapse_figures, maps
from tests.present import present

RNG = np.random.default_rng(0)


def test_on_one_scale_a_growing_kernel_is_seen_to_grow_and_each_epoch_on_its_own_is_full():
    weak, strong = np.zeros((3, 3, 3, 2)), np.zeros((3, 3, 3, 2))
    weak[0, 0, 0, 0], strong[0, 0, 0, 0] = 0.1, 0.2
    one = present(lapse_figures.kernel_reel([weak, strong], span="all"))
    assert one.pixels.shape == (2, 2, 3, 3, 3)
    assert [int(one.pixels[epoch, 0, 0, 0, 0]) for epoch in (0, 1)] == [191, 255]
    assert int(one.pixels[0, 1].max()) == int(one.pixels[0, 1].min()) == 128  # zero is mid-grey
    each = present(lapse_figures.kernel_reel([weak, strong], span="each"))
    assert [int(each.pixels[epoch, 0, 0, 0, 0]) for epoch in (0, 1)] == [255, 255]


def test_grey_kernels_take_signed_colours_and_deeper_ones_have_none():
    values = RNG.normal(size=(3, 3, 1, 4))
    reel = present(lapse_figures.kernel_reel([values], span="all"))
    assert reel.pixels.shape == (1, 4, 3, 3)
    expected = maps.levels(
        np.moveaxis(values[:, :, 0], -1, 0) / np.abs(values).max(), np.ones(3), signed=True
    )
    np.testing.assert_array_equal(reel.pixels[0], expected)
    assert lapse_figures.kernel_reel([RNG.normal(size=(3, 3, 8, 4))], span="all") is None


def test_maps_keep_their_own_scales_and_lose_rows_where_they_are_large():
    first, last = np.zeros((130, 130, 2)), np.zeros((130, 130, 2))
    first[0, 0], last[0, 0] = (1, 5), (2, 5)
    reel = lapse_figures.map_reel([first, last], signed=False, span="all")
    assert reel.pixels.shape == (2, 2, 44, 44)  # every third row and column
    top = maps.LEVELS - 1
    assert reel.pixels[:, :, 0, 0].tolist() == [[top // 2, top], [top, top]]


def test_many_large_maps_are_bounded(monkeypatch):
    monkeypatch.setattr(lapse_figures, "MOST_PIXELS", 3 * 10 * 10 * 5)
    reel = lapse_figures.map_reel([RNG.random((10, 10, 16))] * 3, signed=False, span="each")
    assert reel.tiles == 5


def test_the_picture_of_all_epochs_is_the_tiles_row_by_row():
    reel = lapse_figures.map_reel([RNG.random((4, 5, 3)) for _ in range(6)], signed=False, span="all")
    picture = np.asarray(Image.open(io.BytesIO(reel.png())).convert("RGB"))
    assert picture.shape == (6 * 4, 3 * 5, 3)
    np.testing.assert_array_equal(picture[8:12, 5:10], reel.colours(2)[1])
    kernels = [RNG.normal(size=(3, 3, 3, 2)) for _ in range(2)]
    colours = present(lapse_figures.kernel_reel(kernels, span="all"))
    picture = np.asarray(Image.open(io.BytesIO(colours.png())))
    np.testing.assert_array_equal(picture[3:6, 0:3], colours.colours(1)[0])


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_a_moving_picture_has_all_frames_in_their_order_and_the_last_stays(kind):
    frames = [np.full((40, 120, 3), shade, np.uint8) for shade in (0, 100, 200)]
    data = lapse_figures.animation(frames, ["untrained", "epoch 1", "epoch 2"], kind, milliseconds=200)
    with Image.open(io.BytesIO(data)) as picture:
        assert len(list(ImageSequence.Iterator(picture))) == 3
        assert picture.info["loop"] == 0
        read = [(np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in _frames(picture)]
    assert [duration for _, duration in read] == [200, 200, 800]
    for (pixels, _), shade in zip(read, (0, 100, 200), strict=True):
        assert pixels[60, 60].tolist() == [shade] * 3
    # The captions differ, and are written.
    captions = [pixels[8:30] for pixels, _ in read]
    assert all((caption < 128).any() for caption in captions)
    assert not np.array_equal(captions[0], captions[1])


def _frames(picture):
    return [frame.copy() for frame in ImageSequence.Iterator(picture)]


def test_animated_png_is_exact():
    frames = [RNG.integers(0, 256, (30, 200, 3), dtype=np.uint8) for _ in range(2)]
    data = lapse_figures.animation(frames, ["a", "b"], "png", milliseconds=100)
    with Image.open(io.BytesIO(data)) as picture:
        for index, frame in enumerate(frames):
            picture.seek(index)
            inside = np.asarray(picture.convert("RGB"))[-40:-10, 10:210]
            np.testing.assert_array_equal(inside, frame)


def test_frames_of_several_sizes_are_refused():
    frames = [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)]
    with pytest.raises(ValueError, match="of one size"):
        lapse_figures.animation(frames, ["a", "b"], "gif", milliseconds=100)
    with pytest.raises(ValueError, match="as many captions"):
        lapse_figures.animation(frames[:1], [], "gif", milliseconds=100)


def test_tiles_are_enlarged_by_whole_factors_and_keep_to_the_width():
    tiles = RNG.integers(0, 255, (5, 3, 3, 3), dtype=np.uint8)
    grid = lapse_figures.tiled(tiles, width=100)
    factor = (100 // 3 - 2) // 3
    assert grid.shape == (2 * (3 * factor + 2) - 2, 3 * (3 * factor + 2) - 2, 3)
    np.testing.assert_array_equal(grid[::factor, ::factor][:3, :3], tiles[0])


def test_a_matrix_has_numbers_up_to_twelve_classes_and_colours_above():
    small = lapse_figures.matrix_picture(np.eye(3), ["a", "b", "c"])
    assert (small.min(axis=2) < 60).any()
    large = lapse_figures.matrix_picture(np.eye(100), [""] * 100, side=460)
    assert large.shape == (400, 400, 3)
    assert large[0, 0].tolist() == [0x0B, 0x3C, 0x63]
