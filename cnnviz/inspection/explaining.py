"""Answers about explanations. Runs in the inspection process; it imports Keras.

The compiled functions of a few runs are kept, as long as their networks are in memory.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import keras
import numpy as np

from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import network
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import Stage, cascade, correlation
from cnnviz.inspection.explanations.maximisation import MaximisationSettings, Maximised, maximise
from cnnviz.inspection.explanations.method import Attribution
from cnnviz.inspection.layers import Floats, Images
from cnnviz.inspection.passes import Passes
from cnnviz.inspection.weights import Weights
from cnnviz.specs.base import Spec

KEPT, KEPT_SHADOWS = network.KEPT, 2


def explain(
    weights: Weights, image: Images, label: int, method: str, settings: Spec | None = None
) -> Attribution:
    """Explain why a network gives an image the score that it gives for a class.

    Args:
        image: uint8, shape (H, W, C).
        label: the class.
        method: name in METHODS.
        settings: of the method; None: those that suit the image.
    Returns:
        values float32, shape (H, W).
    Raises:
        UnknownNameError: no such method.
        SpecError: a setting that the method, the network or the image can't have.
        RunError: no weights, damaged ones, or ones that give no finite scores.
        ImageError: the image has another shape than the network's input.
    """
    passes, pixels = ready(weights, image)
    attribution = METHODS.get(method).attribute(passes, pixels, label, settings)
    if not np.isfinite(attribution.values).all():
        raise _not_finite(weights.run)
    return attribution


def randomise_weights(
    weights: Weights, image: Images, label: int, method: str, settings: Spec | None = None, *, seed: int = 0
) -> tuple[Stage, ...]:
    """Explain again after the weights of ever more layers, from the classifier down, have become random.

    The run's own network is not touched: a second one of the same shape is built.

    Source: Adebayo et al. 2018, arXiv:1810.03292, section 3.1 (cascading randomisation).
    Raises:
        CnnvizError: as `explain`.
    """
    entry = METHODS.get(method)
    passes, pixels = ready(weights, image)
    trained = entry.attribute(passes, pixels, label, settings)
    other, stages = shadow(weights.run), []
    keras.utils.set_random_seed(seed)
    fresh = {layer.name: layer.get_weights() for layer in keras.models.clone_model(other.model).layers}
    for layers in cascade([layer.name for layer in other.model.layers if layer.weights]):
        for layer in other.model.layers:
            own = passes.model.get_layer(layer.name).get_weights()
            layer.set_weights(fresh[layer.name] if layer.name in layers else own)
        values = entry.attribute(other, pixels, label, settings).values
        stages.append(Stage(layers, values, correlation(trained.values, values)))
    return tuple(stages)


def maximise_unit(
    weights: Weights, unit: int, layer: str | None, settings: MaximisationSettings
) -> Maximised:
    """Make an image that maximises a class's score (`layer` None), or a map or unit of a layer.

    Raises:
        RunError: as `explain`; or the network has no such layer, class or map.
    """
    passes = compiled(network.load(weights).model)
    if layer is not None and layer not in [known.name for known in passes.model.layers]:
        raise RunError(f"Run {weights.run.name} has no layer '{layer}'. Choose one of its own.")
    depth = int(passes.model.get_layer(layer).output.shape[-1] if layer else passes.model.output_shape[-1])
    if not 0 <= unit < depth:
        raise RunError(f"{layer or 'The classifier'} has {depth:,} outputs; there is no number {unit + 1:,}.")
    best = maximise(passes, unit, layer, settings)
    if not np.isfinite(best.scores).all():
        raise _not_finite(weights.run)
    return best


def ready(weights: Weights, image: Images) -> tuple[Passes, Floats]:
    """A run's compiled network, and an image (H, W, C) from 0 to 1, after a look whether they fit.

    Raises:
        RunError, ImageError: as `explain`.
    """
    passes = compiled(network.load(weights).model)
    if image.shape != passes.shape:
        raise ImageError(
            f"The image is {network.in_words(image.shape)}; this network takes "
            f"{network.in_words(passes.shape)}. Choose an image of its data set."
        )
    pixels = image.astype(np.float32) / np.float32(255)
    if not np.isfinite(passes.scores(pixels[None])).all():
        raise _not_finite(weights.run)
    return passes, pixels


@lru_cache(maxsize=KEPT)
def compiled(model: keras.Model) -> Passes:
    """Compiled functions of a network."""
    return Passes(model)


@lru_cache(maxsize=KEPT_SHADOWS)
def shadow(run: Path) -> Passes:
    """A second network of the run's shape, whose weights may be changed; kept, as compiling takes a while."""
    return Passes(network.build(run).model)


def _not_finite(run: Path) -> RunError:
    return RunError(
        f"The network of run {run.name} gives scores that are not finite: its training has diverged, "
        "and there is nothing to explain. Train it again with a lower learning rate."
    )
