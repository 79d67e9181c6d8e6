"""Parts of the Feature maps page that need no page."""

import io

import numpy as np
from PIL import Image

from cnnviz.inspection.layers import LayerMaps
from cnnviz.ui.feature_maps import map_panel, overview, sums


def test_more_than_ten_classes_show_the_most_probable_and_the_true_one():
    found = np.linspace(0, 0.02, 100, dtype=np.float32)[None]
    assert overview._classes(found, [99]) == [*range(99, 89, -1)]
    assert overview._classes(found, [3]) == [*range(99, 90, -1), 3]
    both = np.concatenate([found, found[:, ::-1]])
    assert overview._classes(both, [50, 51])[-2:] == [50, 51]
    assert len(overview._classes(both, [50, 51])) == 10


def test_ten_classes_keep_their_order():
    assert overview._classes(np.random.default_rng(0).random((2, 10), np.float32), [3, None]) == [*range(10)]


def test_maps_of_a_large_image_are_sent_with_fewer_values():
    layer = LayerMaps("a", "Conv2D", False, np.random.default_rng(0).random((224, 224, 64), np.float32))
    sprite = map_panel._sprite("a", "map", None, False, layer)

    assert sprite.tiles == 64
    width, height = Image.open(io.BytesIO(sprite.png)).size
    assert width * height <= map_panel._MOST_PIXELS
    assert (sprite.tile_width, sprite.tile_height) == (112, 112)  # every second row and column


def test_numbers_of_one_sum_have_the_same_decimals_and_a_real_minus():
    written = sums._rounding([0.5, -0.0204])
    assert [written(value) for value in (0.5, -0.0204, -0.0001)] == ["0.500", "−0.020", "0.000"]
    assert sums._sum(["0.5 a", "−0.2 b", "0.1 c"]) == "0.5 a − 0.2 b + 0.1 c"
