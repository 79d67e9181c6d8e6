"""Networks that shrink their maps with strides: fast and small (report D, D1 and D9)."""

from __future__ import annotations

from cnnviz.architectures import parts
from cnnviz.architectures.entry import architecture
from cnnviz.specs import ArchitectureSpec

STRIDE = parts.whole(
    "stride", "Stride", "Step of the window in pixels: with 2, a map has half the rows and columns.", 1, 255
)


@architecture(
    "strided",
    title="Strided convolutions",
    description=(
        "Two convolutions whose window moves two pixels at a time, so that the maps shrink fourfold a "
        "layer and the network is quick. Try 8 filters for 32, or stride 4 for 2."
    ),
    reports=("D1", "D3"),
    dataset="mnist",
    parameters=(
        parts.kernel_size(),
        parts.whole("filters", "Filters", "Feature maps of each of the two convolutions.", 1, 4096),
        STRIDE,
        parts.rate("dropout", "Dropout after pooling", "after the pooling"),
        parts.dense_units(),
        parts.rate("dense_dropout", "Dropout of the dense layer", "after the hidden dense layer"),
    ),
    defaults={"batch_size": 128},
)
def strided(
    *,
    kernel_size: int = 3,
    filters: int = 32,
    stride: int = 2,
    dropout: float = 0.25,
    dense: int = 392,
    dense_dropout: float = 0.5,
) -> ArchitectureSpec:
    """`C32k3s2v C32k3s2v P2 D F N392 D N`: 126,786 parameters on MNIST.

    The report names no rates for its dropout layers: .25 and .5 here, as in the other reports.
    """
    return parts.network(
        parts.conv(1, 1, filters, kernel_size, padding="valid", strides=stride),
        parts.conv(1, 2, filters, kernel_size, padding="valid", strides=stride),
        parts.pool(1),
        parts.dropout("block1", dropout),
        parts.flatten(),
        parts.hidden(1, dense, dense_dropout),
        parts.classifier(),
    )


@architecture(
    "small-strided",
    title="Small strided network",
    description=(
        "Strides, pooling and one more convolution leave a single pixel with 16 channels; three dense "
        "layers, each larger than the one before, make the decision from these 16 numbers."
    ),
    reports=("D9",),
    dataset="cifar10",
    parameters=(
        parts.kernel_size(" From 5 on, 32×32 images are too small for it."),
        parts.filters("the first two convolutions and the last one", 2),
        STRIDE,
        parts.rate("dropout", "Dropout", "after the pooling and after the last convolution"),
    ),
    defaults={"batch_size": 128, "epochs": 30},
)
def small_strided(
    *, kernel_size: int = 3, filters: tuple[int, ...] = (32, 16), stride: int = 2, dropout: float = 0.25
) -> ArchitectureSpec:
    """`C32k3s2v C32k3s2v P2 D C16k3v F N128 D N256 D N512 D N`: 186,682 parameters on CIFAR-10.

    The report names no rates for its dropout layers: one rate for all here, .25.
    """
    wide, narrow = filters
    return parts.network(
        parts.conv(1, 1, wide, kernel_size, padding="valid", strides=stride),
        parts.conv(1, 2, wide, kernel_size, padding="valid", strides=stride),
        parts.pool(1),
        parts.dropout("block1", dropout),
        parts.conv(2, 1, narrow, kernel_size, padding="valid"),
        parts.flatten(),
        *(parts.hidden(index, units, dropout) for index, units in enumerate((128, 256, 512), start=1)),
        parts.classifier(),
    )
