"""How large a network may be here, and the sentences that say so.

A network beyond these numbers would be killed by the system half-way, with nothing said. They are
checked by arithmetic before anything is allocated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnviz.errors import SpecError

if TYPE_CHECKING:
    from cnnviz.architectures.summary import LayerSummary, NetworkSummary

#: 500 million parameters are 2 GB of weights and, with gradients and Adam's two moments, 8 GB while
#: training: the memory of an ordinary laptop or teaching GPU. VGG16 at 224×224 (138 million) fits well.
MAX_PARAMETERS = 500_000_000
#: 1 GiB for the outputs of all layers for one image; a batch of 32 would need 32 GiB. VGG16 at 224×224: 0.1.
MAX_ACTIVATION_BYTES = 2**30
#: A 224×224 image through VGG16 costs 15.5 billion; a hundred times that would be minutes an image.
MAX_MACS = 10**12
MAX_SIDE, MAX_CHANNELS, MAX_CLASSES = 4096, 1024, 65_536


def check_input(input_shape: Sequence[int], classes: int) -> tuple[int, int, int]:
    """Return (H, W, C) where an image can have this shape and a classifier so many classes.

    Raises:
        SpecError: it can't.
    """
    shape = tuple(int(side) for side in input_shape)
    if len(shape) != 3:
        raise SpecError(f"An image has the shape (height, width, channels); received {shape}.")
    height, width, channels = shape
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and 1 <= channels <= MAX_CHANNELS):
        raise SpecError(
            f"An image of {height}×{width}×{channels} can't be used. Height and width must be 1 to "
            f"{MAX_SIDE:,}, channels 1 to {MAX_CHANNELS:,} (1 for grey, 3 for colour)."
        )
    if not 2 <= classes <= MAX_CLASSES:
        raise SpecError(f"A classifier needs 2 to {MAX_CLASSES:,} classes; received {classes}.")
    return height, width, channels


def check_layer(layer: LayerSummary) -> None:
    """Refuse one layer beyond the limits.

    Raises:
        SpecError: the layer alone is too large.
    """
    _parameters(f"{layer.name} alone would have", layer.params, f" ({layer.worked})", layer.type)
    _activations(f"The output of {layer.name} alone", layer.activation_bytes)
    _macs(f"{layer.name} alone", layer.macs)


def check_network(network: NetworkSummary) -> None:
    """Refuse a network beyond the limits.

    Raises:
        SpecError: it is too large; names the largest layer.
    """
    largest = max(network.layers, key=lambda layer: layer.params)
    _parameters(
        "This network would have",
        network.total_params,
        f", {largest.params:,} of them in {largest.name}",
        largest.type,
    )
    _activations("The outputs of all layers", network.activation_bytes)
    _macs("This network", network.macs)


def _parameters(start: str, count: int, detail: str, kind: str) -> None:
    if count <= MAX_PARAMETERS:
        return
    remedy = (
        "Use fewer units, or shrink the maps before flatten (pooling, strides, fewer filters)."
        if kind == "Dense"
        else "Use fewer filters or a smaller kernel."
    )
    raise SpecError(
        f"{start} {count:,} parameters{detail}; at most {MAX_PARAMETERS:,} are allowed, which take 8 GB "
        f"while training. {remedy}"
    )


def _activations(what: str, size: int) -> None:
    if size > MAX_ACTIVATION_BYTES:
        raise SpecError(
            f"{what} would take {size / 2**30:,.1f} GiB for a single image; at most "
            f"{MAX_ACTIVATION_BYTES / 2**30:g} GiB is allowed. Use smaller images, fewer filters, or shrink "
            "the maps earlier with pooling or strides."
        )


def _macs(what: str, count: int) -> None:
    if count > MAX_MACS:
        raise SpecError(
            f"{what} would take {count / 1e9:,.0f} billion multiply-adds an image; at most "
            f"{MAX_MACS / 1e9:,.0f} billion are allowed. Use a smaller kernel, fewer filters or smaller "
            "images."
        )
