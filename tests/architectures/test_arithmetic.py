"""Sizes, fields, formulas and limits, against hand-worked numbers and a brute-force walk."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from cnnviz import specs
from cnnviz.architectures import NetworkSummary, make, summarise
from cnnviz.architectures.arithmetic import (
    MAX_PARAMETERS,
    activation_word,
    check_input,
    check_layer,
    check_network,
    layer_settings,
    multiply_adds,
    output_side,
    smallest_side,
    window,
)
from cnnviz.errors import SpecError
from cnnviz.specs import ArchitectureSpec, Layer
from tests.architectures import networks

SOFTMAX = specs.Dense(name="softmax", units="classes", activation="softmax")


def of(*layers: Layer) -> ArchitectureSpec:
    return ArchitectureSpec.of(*layers, SOFTMAX)


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
        of(
            specs.Conv2D(name="c", filters=4, use_bias=False),
            specs.Flatten(),
            specs.Dense(name="d", units=2, use_bias=False),
        ),
        (8, 8, 1),
        3,
    )
    conv, dense = summary.layer("c"), summary.layer("d")
    assert (conv.formula, conv.worked, conv.trainable_params) == ("N·m²·C", "4·3²·1 = 36", 36)
    assert (dense.formula, dense.worked, dense.trainable_params) == ("N·M", "2·256 = 512", 512)


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
    windows = [
        layer
        for layer in spec.layers
        if isinstance(layer, specs.Conv2D | specs.MaxPooling2D | specs.AveragePooling2D)
    ]
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
        (of(specs.Flatten(), specs.Conv2D(name="late", filters=3)), "late needs maps"),
        (of(specs.GlobalAveragePooling2D(name="g"), specs.MaxPooling2D(name="late")), "late needs maps"),
        (of(specs.Flatten(), specs.GlobalAveragePooling2D(name="late")), "late needs maps"),
    ],
)
def test_layers_in_an_impossible_order_are_refused(spec: ArchitectureSpec, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        summarise(spec, (8, 8, 1), 10)


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
    layers = [specs.Dense(name=f"d{index}", units=16_384) for index in range(4)]
    with pytest.raises(SpecError, match=f"This network would have .* at most {MAX_PARAMETERS:,}"):
        summarise(of(specs.Flatten(), *layers), (8, 8, 1), 10)


#: Every kind of count at once, on an image that is not square.
SMALL = of(
    specs.Conv2D(
        name="c",
        filters=3,
        strides=2,
        padding="valid",
        activation="leaky_relu",
        use_bias=False,
        l1=0.1,
        l2=0.01,
    ),
    specs.AveragePooling2D(name="p", pool_size=2, strides=1),
    specs.BatchNormalization(name="n", momentum=0.9),
    specs.Dropout(name="d", rate=0.25),
    specs.Activation(name="a", activation="gelu"),
    specs.Flatten(),
)


def test_the_summary_worked_by_hand() -> None:
    def layer(
        name: str, type: str, shape: list[int], output: list[int], settings: str, **counts: object
    ) -> object:
        return {
            "name": name,
            "type": type,
            "input_shape": shape,
            "output_shape": output,
            "params": 0,
            "trainable_params": 0,
            "macs": 0,
            "receptive_field": 5,
            "jump": 2,
            "seen": 25 / 30,  # row 6 of 6 lies behind the last window
            "activation_bytes": 12,
            "parameter_bytes": 0,
            "formula": "none",
            "worked": "0",
            "settings": settings,
            **counts,
        }

    pixel = [1, 1, 3]
    assert json.loads(json.dumps(summarise(SMALL, (6, 5, 2), 4).as_dict())) == {
        "architecture": "custom",
        "input_shape": [6, 5, 2],
        "classes": 4,
        "total_params": 54 + 12 + 16,
        "trainable_params": 54 + 6 + 16,
        "macs": 216 + 12,
        "activation_bytes": 4 * (12 + 5 * 3 + 4),
        "parameter_bytes": 4 * 82,
        "layers": [
            layer(
                "c",
                "Conv2D",
                [6, 5, 2],
                [2, 2, 3],
                "3×3, stride 2, valid, leaky ReLU, no bias, L1 0.1, L2 0.01",
                params=54,
                trainable_params=54,
                macs=216,
                receptive_field=3,
                activation_bytes=48,
                parameter_bytes=216,
                formula="N·m²·C",
                worked="3·3²·2 = 54",
            ),
            layer("p", "AveragePooling2D", [2, 2, 3], pixel, "2×2, stride 1"),
            layer(
                "n",
                "BatchNormalization",
                pixel,
                pixel,
                "momentum 0.9",
                params=12,
                trainable_params=6,
                parameter_bytes=48,
                formula="4·C",
                worked="4·3 = 12",
            ),
            layer("d", "Dropout", pixel, pixel, "rate 0.25"),
            layer("a", "Activation", pixel, pixel, "GELU"),
            layer("flatten", "Flatten", pixel, [3], ""),
            layer(
                "softmax",
                "Dense",
                [3],
                [4],
                "softmax",
                params=16,
                trainable_params=16,
                macs=12,
                receptive_field=None,
                jump=None,
                activation_bytes=16,
                parameter_bytes=64,
                formula="N·(M + 1)",
                worked="4·(3 + 1) = 16",
            ),
        ],
    }


def test_multiply_adds_with_their_numbers() -> None:
    rows = summarise(SMALL, (6, 5, 2), 4).layers
    assert [multiply_adds(row.spec, row.input_shape, row.output_shape) for row in rows] == [
        (216, "H·W·N·m²·C", "2·2·3·3²·2 = 216"),
        *[(0, "", "0")] * 5,
        (12, "N·M", "4·3 = 12"),
    ]
    conv = specs.Conv2D(name="c", filters=40)
    assert multiply_adds(conv, (30, 20, 5), (30, 20, 40)).worked == "30·20·40·3²·5 = 1,080,000"
    assert multiply_adds(specs.Dense(name="d", units=40), (50,), (40,)).worked == "40·50 = 2,000"


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (specs.Conv2D(name="c", filters=2, kernel_size=5), "5×5, same, ReLU"),
        (specs.MaxPooling2D(name="p", pool_size=3, strides=3, padding="same"), "3×3, same"),
        (specs.MaxPooling2D(name="p", padding="same", strides=1), "2×2, same, stride 1"),
        (specs.AveragePooling2D(name="p"), "2×2"),
        (specs.BatchNormalization(name="n"), ""),
        (specs.GlobalAveragePooling2D(name="g"), ""),
        (specs.Dense(name="d", units=2, activation="silu", use_bias=False, l1=0.5), "SiLU, no bias, L1 0.5"),
        (specs.Activation(name="a", activation="elu"), "ELU"),
        (specs.Activation(name="a", activation="tanh"), "tanh"),
    ],
)
def test_what_is_set_in_a_few_words(layer: Layer, text: str) -> None:
    assert layer_settings(layer) == text


def test_an_activation_without_a_word_of_its_own_loses_its_underscores() -> None:
    assert activation_word("hard_sigmoid") == "hard sigmoid"


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "padding", "positions"),
    [
        (7, 3, 2, "valid", 3),  # 0, 2, 4
        (8, 3, 2, "valid", 3),
        (3, 3, 5, "valid", 1),
        (2, 3, 1, "valid", 0),  # does not fit
        (7, 3, 2, "same", 4),
        (6, 3, 2, "same", 3),
        (1, 9, 9, "same", 1),
    ],
)
def test_positions_of_a_window(side: int, kernel: int, stride: int, padding: str, positions: int) -> None:
    assert output_side(side, kernel, stride, padding) == positions


def test_a_layer_is_found_by_name() -> None:
    summary = summarise(SMALL, (6, 5, 2), 4)
    assert summary.layer("n") is summary.layers[2]
    with pytest.raises(KeyError, match=r"^'nowhere'$"):
        summary.layer("nowhere")


CONV = specs.Conv2D(name="c", filters=2, padding="valid")
STRIDED = specs.Conv2D(name="s", filters=2, strides=2)


@pytest.mark.parametrize(
    ("spec", "shape", "message"),
    [
        (
            of(CONV, specs.Flatten()),
            (6, 2, 1),
            (
                "c cannot slide a 3×3 kernel over its 6×2 input (padding 'valid'). Use images of at least "
                "3×3 (these have 6×2), a kernel of at most 2 or padding 'same'."
            ),
        ),
        (
            of(STRIDED, specs.MaxPooling2D(name="p", pool_size=3), specs.Flatten()),
            (8, 4, 1),
            (
                "p cannot lay a 3×3 window over its 4×2 input (padding 'valid'). Use images of at least 5×5 "
                "(these have 8×4), a window of at most 2, padding 'same' or one pooling or stride less."
            ),
        ),
        (
            of(STRIDED, specs.MaxPooling2D(name="p", pool_size=3), specs.Flatten()),
            (8, 1, 1),
            (
                "p cannot lay a 3×3 window over its 4×1 input (padding 'valid'). Use images of at least 5×5 "
                "(these have 8×1), padding 'same' or one pooling or stride less."
            ),
        ),
        (
            of(specs.Flatten(), CONV),
            (8, 4, 2),
            (
                "c needs maps (rows, columns, channels) but gets a vector of 64 numbers. Put it "
                "before the flatten, global pooling or dense layer that made the vector."
            ),
        ),
        (
            of(CONV),
            (8, 6, 1),
            (
                "softmax needs a vector but gets 6×4 maps. "
                "Put a Flatten or GlobalAveragePooling2D layer before it."
            ),
        ),
        *(
            (
                of(specs.BatchNormalization(name=name), specs.Flatten()),
                (8, 8, 1),
                (
                    f"A layer can't be called '{name}': the model's own beginning bears that name. "
                    "Choose another one."
                ),
            )
            for name in ("image", "rescaling")
        ),
        (of(specs.Flatten()), (8, 8), "An image has the shape (height, width, channels); received (8, 8)."),
        (
            of(specs.Flatten()),
            (8, 7, 0),
            (
                "An image of 8×7×0 can't be used. Height and width must be 1 to 4,096, channels 1 to 1,024 "
                "(1 for grey, 3 for colour)."
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused_in_whole_sentences(
    spec: ArchitectureSpec, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(SpecError) as caught:
        summarise(spec, shape, 10)
    assert str(caught.value) == message


@pytest.mark.parametrize("shape", [(1, 1, 1), (4096, 1, 1), (1, 4096, 1), (1, 1, 1024)])
@pytest.mark.parametrize("classes", [2, 65_536])
def test_the_largest_and_smallest_inputs_are_taken(shape: tuple[int, int, int], classes: int) -> None:
    assert check_input(shape, classes) == shape


@pytest.mark.parametrize("shape", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (4097, 1, 1), (1, 4097, 1), (1, 1, 1025)])
def test_one_more_or_less_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(SpecError, match="can't be used"):
        check_input(shape, 2)


@pytest.mark.parametrize("classes", [1, 65_537])
def test_a_class_more_or_less_is_refused(classes: int) -> None:
    with pytest.raises(SpecError) as caught:
        check_input((1, 1, 1), classes)
    assert str(caught.value) == f"A classifier needs 2 to 65,536 classes; received {classes}."


FEWER_FILTERS = "Use fewer filters or a smaller kernel."
FEWER_UNITS = "Use fewer units, or shrink the maps before flatten (pooling, strides, fewer filters)."
SHRINK = "Use smaller images, fewer filters, or shrink the maps earlier with pooling or strides."
CHEAPER = "Use a smaller kernel, fewer filters or smaller images."
MANY = "parameters{}; at most 500,000,000 are allowed, which take 8 GB while training."
LARGE = f"would take {{}} GiB for a single image; at most 1 GiB is allowed. {SHRINK}"
DEAR = f"would take {{}} billion multiply-adds an image; at most 1,000 billion are allowed. {CHEAPER}"


@pytest.mark.parametrize(
    ("layer", "change", "limit", "alone", "together"),
    [
        (
            "c",
            "params",
            500_000_000,
            f"c alone would have 500,000,001 {MANY.format(' (3·3²·2 = 54)')} {FEWER_FILTERS}",
            f"would have 1,000,000,000 {MANY.format(', 500,000,000 of them in c')} {FEWER_FILTERS}",
        ),
        (
            "softmax",
            "params",
            500_000_000,
            f"softmax alone would have 500,000,001 {MANY.format(' (4·(3 + 1) = 16)')} {FEWER_UNITS}",
            f"would have 1,000,000,000 {MANY.format(', 500,000,000 of them in softmax')} {FEWER_UNITS}",
        ),
        ("c", "output_shape", (2**28,), f"The output of c alone {LARGE.format('1.0')}", LARGE.format("2.0")),
        ("c", "macs", 10**12, f"c alone {DEAR.format('1,000')}", DEAR.format("2,000")),
    ],
)
def test_what_is_just_allowed_and_one_more(
    layer: str, change: str, limit: int | tuple[int], alone: str, together: str
) -> None:
    """Each limit holds for a layer alone and for all of them together."""
    row = summarise(SMALL, (6, 5, 2), 4).layer(layer)
    largest = replace(row, **{change: limit})  # type: ignore[arg-type]
    more = (limit[0] + 1,) if isinstance(limit, tuple) else limit + 1
    check_layer(largest)
    check_network(NetworkSummary("n", (6, 5, 2), 4, (largest,)))
    with pytest.raises(SpecError) as caught:
        check_layer(replace(row, **{change: more}))  # type: ignore[arg-type]
    assert str(caught.value) == alone
    with pytest.raises(SpecError) as caught:
        check_network(NetworkSummary("n", (6, 5, 2), 4, (largest, largest)))
    whole = "The outputs of all layers" if change == "output_shape" else "This network"
    assert str(caught.value) == f"{whole} {together}"
