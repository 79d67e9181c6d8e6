"""Sizes, fields, formulas and limits, against hand-worked numbers and a brute-force walk."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from cnnviz.architectures import make, summarise
from cnnviz.architectures.arithmetic import MAX_PARAMETERS, smallest_side, window
from cnnviz.errors import SpecError
from cnnviz.specs import (
    ArchitectureSpec,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from tests.architectures import networks

SOFTMAX = Dense(name="softmax", units="classes", activation="softmax")


def of(*layers: object) -> ArchitectureSpec:
    return ArchitectureSpec.of(*layers, SOFTMAX)  # type: ignore[arg-type]


def test_the_formulas_have_their_numbers_filled_in() -> None:
    a3 = summarise(make("two-pairs"), (32, 32, 3), 10)
    first, dense = a3.layer("block1_conv1"), a3.layer("dense1")
    assert (first.formula, first.worked) == ("N·m²·C + N", "32·3²·3 + 32 = 896")
    assert (dense.formula, dense.worked) == ("N·(M + 1)", "512·(2304 + 1) = 1,180,160")
    assert first.settings == "3×3, same, ReLU"
    norm = summarise(make("batch-norm"), (32, 32, 3), 10).layer("block1_norm1")
    assert (norm.formula, norm.worked, norm.params, norm.trainable_params) == ("4·C", "4·32 = 128", 128, 64)
    assert a3.layer("block1_pool").params == 0


def test_without_bias_the_formula_has_none() -> None:
    summary = summarise(
        of(Conv2D(name="c", filters=4, use_bias=False), Flatten(), Dense(name="d", units=2, use_bias=False)),
        (8, 8, 1),
        3,
    )
    assert summary.layer("c").worked == "4·3²·1 = 36"
    assert summary.layer("d").worked == "2·256 = 512"


def test_multiply_adds_of_a3_by_hand() -> None:
    summary = summarise(make("two-pairs"), (32, 32, 3), 10)
    by_hand = {
        "block1_conv1": 32 * 32 * 27 * 32,
        "block1_conv2": 30 * 30 * 288 * 32,
        "block2_conv1": 15 * 15 * 288 * 64,
        "block2_conv2": 13 * 13 * 576 * 64,
        "dense1": 2304 * 512,
        "softmax": 512 * 10,
    }
    assert {layer.name: layer.macs for layer in summary.layers if layer.macs} == by_hand
    assert summary.macs == sum(by_hand.values())


def test_bytes_are_four_a_number() -> None:
    summary = summarise(make("two-pairs"), (32, 32, 3), 10)
    assert summary.layer("block1_conv1").activation_bytes == 32 * 32 * 32 * 4
    assert summary.parameter_bytes == 4 * 1_250_858
    assert summary.activation_bytes == sum(layer.activation_bytes for layer in summary.layers)


def test_receptive_fields_of_vgg16_are_the_published_ones() -> None:
    """6, 16, 44, 100 and 212 after the five poolings (Araujo et al. 2019: 212 for VGG16)."""
    summary = summarise(make("vgg16"), (224, 224, 3), 1000)
    assert [summary.layer(f"block{block}_pool").receptive_field for block in range(1, 6)] == [
        6,
        16,
        44,
        100,
        212,
    ]
    assert summary.total_params == 138_357_544  # as Simonyan and Zisserman count: 138 million
    assert summary.layer("dense1").receptive_field is None


@networks.often(200)
@given(spec=networks.windows_only())
def test_receptive_fields_equal_a_walk_back_to_the_pixels(spec: ArchitectureSpec) -> None:
    summary = summarise(spec, (networks.LARGEST, networks.LARGEST, 1), 2)
    windows = [layer for layer in spec.layers if layer.type not in ("Flatten", "Dense")]
    for depth, row in enumerate(summary.layers[: len(windows)], start=1):
        low = high = row.output_shape[0] // 2
        step = low + 1
        for layer in reversed(windows[:depth]):
            kernel, stride, _ = window(layer)
            low, high, step = low * stride, high * stride + kernel - 1, step * stride
        assert row.receptive_field == high - low + 1
        assert row.jump == step - low


@networks.often(200)
@given(spec=networks.architectures())
def test_the_smallest_side_is_the_smallest_that_works(spec: ArchitectureSpec) -> None:
    side = smallest_side(spec)
    summarise(spec, (side, side, 1), 2)
    if side > 1:
        with pytest.raises(SpecError):
            summarise(spec, (side - 1, side - 1, 1), 2)


def test_a_kernel_larger_than_its_input_names_layer_numbers_and_remedies() -> None:
    with pytest.raises(SpecError) as caught:
        summarise(make("two-pairs", kernel_size=9), (16, 16, 1), 10)
    message = str(caught.value)
    assert message.startswith("block2_conv2 cannot slide a 9×9 kernel over its 4×4 input (padding 'valid').")
    for remedy in ("a kernel of at most 4", "padding 'same'", "pooling or stride less", "at least 28×28"):
        assert remedy in message


def test_advice_that_cannot_help_is_not_given() -> None:
    with pytest.raises(SpecError) as caught:
        summarise(make("strided", kernel_size=40), (28, 28, 1), 10)
    assert "pooling" not in str(caught.value)  # the first layer
    with pytest.raises(SpecError) as caught:
        summarise(make("vgg16"), (16, 16, 1), 10)
    assert "at most" not in str(caught.value)  # there is one pixel left


def test_vgg16_on_small_digits_says_that_they_are_too_small() -> None:
    with pytest.raises(SpecError, match=r"block5_pool .*at least 32×32 \(these have 16×16\)"):
        summarise(make("vgg16"), (16, 16, 1), 10)


def test_two_pairs_take_the_embedded_digits_and_refuse_8_pixels() -> None:
    assert summarise(make("two-pairs"), (16, 16, 1), 10).layer("flatten").output_shape == (256,)
    with pytest.raises(SpecError, match=r"block2_(conv2|pool)"):
        summarise(make("two-pairs"), (8, 8, 1), 10)


def test_strides_that_leave_nothing_are_refused() -> None:
    with pytest.raises(SpecError, match="block1_conv2"):
        summarise(make("strided", stride=200), (28, 28, 1), 10)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (of(Flatten(), Conv2D(name="late", filters=3)), "late needs maps"),
        (of(GlobalAveragePooling2D(name="g"), MaxPooling2D(name="late")), "late needs maps"),
        (of(Flatten(), GlobalAveragePooling2D(name="late")), "late needs maps"),
        (of(Conv2D(name="c", filters=3)), "softmax needs a vector .* Put a Flatten"),
    ],
)
def test_layers_in_an_impossible_order_are_refused(spec: ArchitectureSpec, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        summarise(spec, (8, 8, 1), 10)


def test_names_of_the_models_own_layers_are_taken() -> None:
    with pytest.raises(SpecError, match="rescaling"):
        summarise(of(BatchNormalization(name="rescaling"), Flatten()), (8, 8, 1), 10)


@pytest.mark.parametrize("shape", [(0, 8, 1), (8, -1, 1), (8, 8), (5000, 8, 1), (8, 8, 10**6), (8, 8, 1, 1)])
def test_impossible_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SpecError, match="image"):
        summarise(make("lenet"), shape, 10)


@pytest.mark.parametrize("classes", [-1, 0, 1, 10**9])
def test_impossible_numbers_of_classes_are_refused(classes: int) -> None:
    with pytest.raises(SpecError, match="classes"):
        summarise(make("lenet"), (28, 28, 1), classes)


@pytest.mark.parametrize(
    ("name", "parameters", "shape", "message"),
    [
        (
            "two-pairs",
            {"filters": (4096, 4096), "kernel_size": 30},
            (64, 64, 3),
            "block1_conv2 alone would have",
        ),
        (
            "one-convolution",
            {"dense": 65_536},
            (256, 256, 3),
            r"dense1 alone would have .* \(pooling, strides",
        ),
        ("deep-pairs", {"blocks": (2048,) * 8}, (512, 512, 3), "parameters|GiB|multiply-adds"),
        ("lenet", {"filters": (4096, 1)}, (4096, 4096, 3), "GiB for a single image"),
        ("batch-norm", {"kernel_size": 255}, (224, 224, 3), "parameters|multiply-adds"),
        ("vgg16", {"kernel_size": 255}, (32, 32, 3), "parameters"),
    ],
)
def test_huge_networks_are_refused_before_anything_is_allocated(
    name: str, parameters: dict[str, object], shape: tuple[int, int, int], message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        summarise(make(name, **parameters), shape, 10)


def test_many_layers_that_are_small_alone_are_refused_together() -> None:
    layers = [Dense(name=f"d{index}", units=16_384) for index in range(4)]
    with pytest.raises(SpecError, match=f"This network would have .* at most {MAX_PARAMETERS:,}"):
        summarise(of(Flatten(), *layers), (8, 8, 1), 10)


def test_the_summary_is_plain_data_for_json() -> None:
    data = json.loads(json.dumps(summarise(make("lenet"), (28, 28, 1), 10).as_dict()))
    assert data["total_params"] == 1_256_080
    assert data["layers"][0]["output_shape"] == [28, 28, 20]
