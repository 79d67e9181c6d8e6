"""Which L1 and L2 a layer carries: its own plus the training's, where `regularize` names it."""

from __future__ import annotations

from cnnviz.specs import CLASSES, Conv2D, Dense, TrainingSpec


def penalties(layer: Conv2D | Dense, training: TrainingSpec | None) -> tuple[float, float]:
    """Return (l1, l2) of the layer's kernel; biases are never penalised.

    `dense` names every dense layer, the output among them; `output` the last one alone.
    """
    if training is None or not _named(layer, training.regularize):
        return layer.l1, layer.l2
    return layer.l1 + training.l1, layer.l2 + training.l2


def _named(layer: Conv2D | Dense, which: str) -> bool:
    if which == "all":
        return True
    if which == "convolutions":
        return isinstance(layer, Conv2D)
    return isinstance(layer, Dense) and (which == "dense" or layer.units == CLASSES)
