"""The counts that the five reports print, layer by layer where they do."""

from __future__ import annotations

import pytest

from cnnviz.architectures import make, summarise
from cnnviz.specs import Conv2D, Dense

#: An architecture's parameters, and what its images are: their shape, and how many classes they have.
Parameters = dict[str, int | str]
Images = tuple[tuple[int, int, int], int]
CIFAR10, CIFAR100, MNIST = ((32, 32, 3), 10), ((32, 32, 3), 100), ((28, 28, 1), 10)
#: Block by block: its convolutions, and one batch normalization.
_B3 = (
    *(1_792, 36_928, 256, 73_856, 147_584, 512),
    *(295_168, 590_080, 590_080, 1_024, 1_180_160, 2_359_808, 2_359_808, 2_048),
    *(1_049_088, 51_300),
)
PER_LAYER: dict[str, tuple[str, Parameters, Images, tuple[int, ...]]] = {
    "A3": ("two-pairs", {}, CIFAR10, (896, 9_248, 18_496, 36_928, 1_180_160, 5_130)),
    "A4": ("two-pairs", {"kernel_size": 5}, CIFAR10, (2_432, 25_632, 51_264, 102_464, 819_712, 5_130)),
    "B3": ("deep-pairs", {}, CIFAR100, _B3),
    "D1": ("strided", {}, MNIST, (320, 9_248, 113_288, 3_930)),
}
TOTALS: dict[str, tuple[str, Parameters, Images, int, int]] = {
    "A3": ("two-pairs", {}, CIFAR10, 1_250_858, 1_250_858),
    "A4": ("two-pairs", {"kernel_size": 5}, CIFAR10, 1_006_634, 1_006_634),
    "B3": ("deep-pairs", {}, CIFAR100, 8_739_492, 8_737_572),
    "C5": ("lenet", {}, MNIST, 1_256_080, 1_256_080),
    "C7": ("one-convolution", {}, CIFAR10, 4_200_842, 4_200_842),
    "D1": ("strided", {}, MNIST, 126_786, 126_786),
    "D8": ("batch-norm", {}, CIFAR10, 309_290, 308_394),
    "D9": ("small-strided", {}, CIFAR10, 186_682, 186_682),
    "E3": ("strides-or-pooling", {}, CIFAR10, 37_146, 37_146),
    "E8": ("strides-or-pooling", {"pooling": "max"}, CIFAR10, 37_146, 37_146),
    "E9": ("thin-deep", {}, CIFAR10, 23_314, 23_314),
    # Configuration D of Simonyan and Zisserman with 32×32 images: 13 convolutions, 512·4096 + 4096² + …
    "A11": ("vgg16", {}, CIFAR10, 33_638_218, 33_638_218),
}


@pytest.mark.parametrize("report", PER_LAYER)
def test_parameters_of_each_layer_are_the_reports(report: str) -> None:
    name, parameters, (shape, classes), expected = PER_LAYER[report]
    summary = summarise(make(name, **parameters), shape, classes)
    assert tuple(layer.params for layer in summary.layers if layer.params) == expected


@pytest.mark.parametrize("report", TOTALS)
def test_totals_are_the_reports(report: str) -> None:
    name, parameters, (shape, classes), total, trainable = TOTALS[report]
    summary = summarise(make(name, **parameters), shape, classes)
    assert (summary.total_params, summary.trainable_params) == (total, trainable)


@pytest.mark.parametrize(("kernel_size", "width"), [(3, 2_304), (5, 1_600)])
def test_flatten_is_as_wide_as_report_a_says(kernel_size: int, width: int) -> None:
    summary = summarise(make("two-pairs", kernel_size=kernel_size), (32, 32, 3), 10)
    assert summary.layer("flatten").output_shape == (width,)


def test_vgg16_has_13_convolutions_5_poolings_and_3_or_4_dense_layers() -> None:
    def kinds(**parameters: object) -> tuple[int, int, int]:
        types = [layer.type for layer in make("vgg16", **parameters).layers]
        return types.count("Conv2D"), types.count("MaxPooling2D"), types.count("Dense")

    assert kinds() == (13, 5, 3)
    assert kinds(dense=(4096, 4096, 1000)) == (13, 5, 4)


@pytest.mark.parametrize(
    ("parameters", "convolutions", "poolings", "dropouts"),
    [
        ({"blocks": (256,)}, 3, 1, 0),  # B7
        ({"blocks": (64, 128, 256, 512, 512)}, 13, 5, 0),  # B8
        ({"dropout": 0.5}, 10, 4, 1),  # B9
        ({"activation": "sigmoid", "second_dense": 256}, 10, 4, 0),  # B4, B5
    ],
)
def test_variants_of_the_deep_base(
    parameters: dict[str, object], convolutions: int, poolings: int, dropouts: int
) -> None:
    types = [layer.type for layer in make("deep-pairs", **parameters).layers]
    assert [types.count(kind) for kind in ("Conv2D", "MaxPooling2D", "BatchNormalization", "Dropout")] == [
        convolutions,
        poolings,
        poolings,
        dropouts,
    ]


def test_dropout_of_the_deep_base_follows_flatten() -> None:
    names = [layer.name for layer in make("deep-pairs", dropout=0.5).layers]
    assert names.index("flatten_dropout") == names.index("flatten") + 1


def test_sigmoid_is_the_dense_layers_activation_alone() -> None:
    layers = {layer.name: layer for layer in make("deep-pairs", activation="sigmoid").layers}
    dense, convolution = layers["dense1"], layers["block1_conv1"]
    assert isinstance(dense, Dense)
    assert isinstance(convolution, Conv2D)
    assert (dense.activation, convolution.activation) == ("sigmoid", "relu")


def test_l1_of_report_e_sits_on_the_output_alone() -> None:
    layers = make("strides-or-pooling").layers
    assert [getattr(layer, "l1", 0) for layer in layers] == [0] * (len(layers) - 1) + [1e-4]


def test_stride_4_and_8_filters_of_d3_fit_mnist() -> None:
    summary = summarise(make("strided", stride=4, filters=8), (28, 28, 1), 10)
    assert summary.layer("block1_pool").output_shape == (1, 1, 8)
