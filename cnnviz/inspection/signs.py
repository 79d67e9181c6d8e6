"""Which layers can answer with negative numbers: told from the spec, not from one image."""

from __future__ import annotations

from cnnviz.specs import Activation, ArchitectureSpec, BatchNormalization, Conv2D, Dense

_NEVER_NEGATIVE = frozenset({"relu", "sigmoid", "hard_sigmoid", "softmax"})


def signed_outputs(architecture: ArchitectureSpec) -> dict[str, bool]:
    """For every layer's name whether its output can be below 0; the image itself can't.

    Pooling, dropout and flatten pass on the sign of what they receive.
    """
    signs: dict[str, bool] = {}
    signed = False
    for layer in architecture.layers:
        if isinstance(layer, Conv2D | Dense | Activation):
            inherits = isinstance(layer, Activation) and layer.activation == "linear" and not signed
            signed = layer.activation not in _NEVER_NEGATIVE and not inherits
        elif isinstance(layer, BatchNormalization):
            signed = True
        signs[layer.name] = signed
    return signs
