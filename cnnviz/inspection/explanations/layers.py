"""Which layer a class activation map is made from."""

from __future__ import annotations

from cnnviz.errors import SpecError
from cnnviz.inspection.explanations.differentiable import Differentiable
from cnnviz.registry import did_you_mean


def resolve(network: Differentiable, wanted: str, title: str) -> str:
    """Name of the layer to explain with: the wanted one, or the last convolution where none is named.

    Raises:
        SpecError: the network has no such layer, or no maps at all.
    """
    known = network.map_layers
    name = wanted or network.last_convolution
    if name is None:
        raise SpecError(
            f"{title} weighs the maps of a convolution, and this network has none. "
            "Use saliency, integrated gradients or occlusion."
        )
    if name not in known:
        raise SpecError(
            f"This network has no layer '{name}' that answers with maps.{did_you_mean(name, known)} "
            f"It has: {', '.join(known)}."
        )
    return name
