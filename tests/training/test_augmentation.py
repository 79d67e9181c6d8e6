"""Augmentation against scipy's affine transform, and by what must hold for any settings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cnnviz.datasets.preview import DRAWS, transforms
from cnnviz.specs import AugmentationSpec
from cnnviz.training.augmentation import Augment, training_model

SPECS = [
    AugmentationSpec(rotation=40),
    AugmentationSpec(width_shift=0.3),
    AugmentationSpec(height_shift=0.3),
    AugmentationSpec(zoom=0.5),
    AugmentationSpec(horizontal_flip=True),
    AugmentationSpec(vertical_flip=True),
    AugmentationSpec(rotation=180, width_shift=0.2, height_shift=0.1, zoom=0.3, horizontal_flip=True),
]


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (8, 12, 17, 3), dtype=np.uint8)


def preview(images, spec, seed, times=1):
    """Images (N, H, W, C) changed just as training does: (times, N, H, W, C)."""
    layer = Augment(spec, seed)
    return np.stack([np.asarray(layer(images, training=True)) for _ in range(times)])


def by_scipy(image, draw, spec):
    """The same change by scipy, composed step by step from the settings' meaning: (row, column)."""
    height, width = image.shape[:2]
    angle = np.deg2rad(draw[0] * spec.rotation)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    flip = np.diag(
        [-1 if spec.vertical_flip and draw[5] < 0 else 1, -1 if spec.horizontal_flip and draw[4] < 0 else 1]
    )
    matrix = flip @ turn * (1 + draw[3] * spec.zoom)
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    shift = np.array([draw[2] * spec.height_shift * height, draw[1] * spec.width_shift * width])
    offset = centre - matrix @ (centre + shift)
    channels = [
        ndimage.affine_transform(channel, matrix, offset, order=1, mode="nearest")
        for channel in np.moveaxis(image.astype(float), 2, 0)
    ]
    return np.stack(channels, axis=2)


@pytest.mark.parametrize("spec", SPECS, ids=AugmentationSpec.label)
def test_one_affine_operation_equals_scipys(images, spec):
    from keras import ops

    draws = np.random.default_rng(1).uniform(-1, 1, (len(images), DRAWS)).astype("float32")
    height, width = images.shape[1:3]
    matrix = transforms(ops.convert_to_tensor(draws), spec, height, width, ops)
    ours = np.asarray(ops.image.affine_transform(images.astype("float32"), matrix, "bilinear", "nearest"))
    expected = np.stack([by_scipy(*pair, spec) for pair in zip(images, draws, strict=True)])
    np.testing.assert_allclose(ours, expected, atol=0.15)


def test_a_flip_mirrors_the_image_exactly(images):
    changed = preview(images, AugmentationSpec(horizontal_flip=True), seed=0, times=8)
    mirrored = (changed == images[:, :, ::-1]).all(axis=(2, 3, 4))
    same = (changed == images).all(axis=(2, 3, 4))
    assert (mirrored ^ same).all()
    assert mirrored.any()
    assert same.any()


def test_a_shift_repeats_the_edge():
    image = np.tile(np.array([10, 20, 30, 40, 50], np.uint8), (5, 1))[None, :, :, None]
    changed = preview(image, AugmentationSpec(width_shift=0.9), seed=3, times=50)[:, 0, 0, :, 0]
    assert changed.min() >= 10
    assert changed.max() <= 50
    assert (changed[:, 0] == 10).any()
    assert (np.diff(changed.astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize(("channels", "spread"), [("brightness", False), ("channel_shift", True)])
def test_brightness_moves_all_channels_and_channel_shift_each_one(channels, spread):
    grey = np.full((200, 2, 2, 3), 128, np.uint8)
    (changed,) = preview(grey, AugmentationSpec(**{channels: 0.2}), seed=5)
    difference = changed[:, 0, 0].astype(int) - 128
    assert np.abs(difference).max() <= 51
    assert difference.min() < -40
    assert difference.max() > 40
    assert (difference.std(axis=1) > 0).any() == spread


def test_light_is_clipped_and_never_wraps_around():
    bright = np.full((50, 2, 2, 1), 250, np.uint8)
    (changed,) = preview(bright, AugmentationSpec(brightness=1), seed=0)
    assert (changed == 255).any()
    again = preview(bright, AugmentationSpec(brightness=0.05), seed=0)
    assert again.min() >= 237


def test_nothing_changes_outside_training(images):
    layer = Augment(AugmentationSpec(rotation=90, brightness=1), seed=0)
    np.testing.assert_array_equal(np.asarray(layer(images, training=False)), images)


def test_every_batch_is_drawn_anew_and_a_seed_repeats_it(images):
    spec = AugmentationSpec(rotation=30, zoom=0.2)
    first, second = preview(images, spec, seed=4, times=2)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(preview(images, spec, seed=4, times=2), [first, second])


@settings(max_examples=30, deadline=None)
@given(
    spec=st.builds(
        AugmentationSpec,
        rotation=st.floats(0, 180),
        width_shift=st.floats(0, 0.9),
        height_shift=st.floats(0, 0.9),
        zoom=st.floats(0, 0.9),
        horizontal_flip=st.booleans(),
        brightness=st.floats(0, 1),
        channel_shift=st.floats(0, 1),
    ),
    channels=st.sampled_from([1, 3]),
)
def test_any_settings_keep_shape_type_and_range(spec, channels):
    pixels = np.random.default_rng(0).integers(90, 111, (3, 8, 9, channels), dtype=np.uint8)
    changed = preview(pixels, spec, seed=1)
    assert changed.shape == (1, *pixels.shape)
    assert changed.dtype == np.uint8
    if not (spec.brightness or spec.channel_shift):
        assert changed.min() >= 90
        assert changed.max() <= 110


def test_the_training_model_shares_the_networks_weights_and_the_network_stays_plain():
    import keras

    inputs = keras.Input((8, 8, 1), dtype="uint8")
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(inputs))
    network = keras.Model(inputs, outputs)
    for spec in (AugmentationSpec(), AugmentationSpec(rotation=10)):
        model = training_model(network, spec, seed=0)
        assert model is not network
        assert [w is v for w, v in zip(model.weights, network.weights, strict=True)] == [True, True]
    assert "Augment" not in network.to_json()
