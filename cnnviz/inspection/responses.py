"""What a network makes of one image, layer by layer; runs in the inspection process only.

One forward pass an image and network; its outputs are kept for a while, so that looking at another layer
or another map of the same image asks the network nothing. Only the layer that is looked at is sent.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.errors import RunError
from cnnviz.inspection.network import Network, load, responses
from cnnviz.inspection.results import GLANCE, Floats, LayerGlance, LayerMaps, Overview

#: Bytes of outputs that are kept; VGG16 needs 1.3 MB for an image of 32×32, and 60 for one of 224×224.
KEPT_BYTES = 256_000_000


class _Key(NamedTuple):
    run: str
    untrained: bool
    stamp: tuple[int, int]
    image: bytes


_kept: OrderedDict[_Key, tuple[LayerMaps, ...]] = OrderedDict()


def overview(run: str, image: NDArray[np.uint8], untrained: bool = False) -> Overview:
    """All layers at a glance, and the probabilities.

    Raises:
        RunError, ImageError: as `load` and `responses`.
    """
    network, layers = answers(run, image, untrained)
    glances = tuple(
        LayerGlance(one.name, one.type, one.signed, one.values.shape, _glance(one)) for one in layers
    )
    return Overview(glances, layers[-1].values, network.epoch)


def layer_maps(run: str, image: NDArray[np.uint8], layer: str, untrained: bool = False) -> LayerMaps:
    """All maps of one layer.

    Raises:
        RunError: the network has no such layer; or as `load`.
        ImageError: as `responses`.
    """
    _, layers = answers(run, image, untrained)
    for found in layers:
        if found.name == layer:
            return found
    raise RunError(f"The network has no layer '{layer}' to look at. Choose one of the overview.")


def answers(
    run: str, image: NDArray[np.uint8], untrained: bool = False
) -> tuple[Network, tuple[LayerMaps, ...]]:
    """The network and all its layers' outputs, from memory where the image was asked for before."""
    network = load(run, untrained)
    key = _Key(run, untrained, network.stamp, image.tobytes())
    found = _kept.pop(key, None)
    if found is None:
        found = responses(network, image)
    _kept[key] = found
    while len(_kept) > 1 and sum(map(_size, _kept.values())) > KEPT_BYTES:
        _kept.popitem(last=False)
    return network, found


def _size(layers: tuple[LayerMaps, ...]) -> int:
    return sum(layer.values.nbytes for layer in layers)


def _glance(layer: LayerMaps) -> Floats:
    """The liveliest map, every n-th value of it; or of each n units the one farthest from 0."""
    values = layer.values
    if layer.spatial:
        step = -(-max(values.shape[:2]) // GLANCE)
        return values[::step, ::step, int(values.var(axis=(0, 1)).argmax())]
    step = -(-layer.depth // GLANCE)
    parts = np.split(values, range(step, layer.depth, step))
    return np.array([part[np.abs(part).argmax()] for part in parts], np.float32)
