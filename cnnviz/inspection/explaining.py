"""Answers about explanations. Runs in the inspection process; it imports Keras.

The compiled functions of a few runs are kept, as long as their networks are in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.build import build_model
from cnnviz.datasets import facts
from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import network
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import (
    Faithfulness,
    Stage,
    cascade,
    correlation,
    faithfulness,
    order_of,
    random_faithfulness,
)
from cnnviz.inspection.explanations.maximisation import MaximisationSettings, Maximised, maximise
from cnnviz.inspection.explanations.method import Attribution
from cnnviz.inspection.layers import Floats, Images
from cnnviz.inspection.passes import Passes
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunDirectory
from cnnviz.specs.base import Spec

KEPT, KEPT_SHADOWS = network.KEPT, 2

_passes: OrderedDict[tuple[Path, bool], Passes] = OrderedDict()
_shadows: OrderedDict[Path, Passes] = OrderedDict()


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
    passes, pixels = _ready(weights, image)
    attribution = METHODS.get(method).attribute(passes, pixels, label, settings)
    if not np.isfinite(attribution.values).all():
        raise _not_finite(weights.run)
    return attribution


def score(weights: Weights, image: Images, label: int, values: NDArray[np.floating]) -> Faithfulness:
    """Deletion and insertion of an explanation's values (H, W) for an image (H, W, C).

    Raises:
        RunError, ImageError: as `explain`.
    """
    return faithfulness(*_ready(weights, image), label, order_of(values))


def score_random_order(weights: Weights, image: Images, label: int) -> Faithfulness:
    """Deletion and insertion of the pixels of an image (H, W, C) in random order, to compare with.

    Raises:
        RunError, ImageError: as `explain`.
    """
    return random_faithfulness(*_ready(weights, image), label)


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
    passes, pixels = _ready(weights, image)
    trained = entry.attribute(passes, pixels, label, settings)
    other, stages = _shadow(weights.run), []
    fresh = _random_weights(other.model, seed)
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
    passes = _of(weights)
    if layer is not None and layer not in [known.name for known in passes.model.layers]:
        raise RunError(f"Run {weights.run.name} has no layer '{layer}'. Choose one of its own.")
    depth = int(passes.model.get_layer(layer).output.shape[-1] if layer else passes.model.output_shape[-1])
    if not 0 <= unit < depth:
        raise RunError(f"{layer or 'The classifier'} has {depth:,} outputs; there is no number {unit + 1:,}.")
    best = maximise(passes, unit, layer, settings)
    if not np.isfinite(best.scores).all():
        raise _not_finite(weights.run)
    return best


def _ready(weights: Weights, image: Images) -> tuple[Passes, Floats]:
    """The compiled network, and the image from 0 to 1."""
    passes = _of(weights)
    if image.shape != passes.shape:
        raise ImageError(
            f"The image is {'×'.join(map(str, image.shape))}; this network takes "
            f"{'×'.join(map(str, passes.shape))}. Choose an image of its data set."
        )
    pixels = image.astype(np.float32) / np.float32(255)
    if not np.isfinite(passes.scores(pixels[None])).all():
        raise _not_finite(weights.run)
    return passes, pixels


def _of(weights: Weights) -> Passes:
    """Compiled functions of a run's network."""
    model = network.load(weights).model
    key = (weights.run, weights.untrained)
    known = _passes.pop(key, None)
    if known is None or known.model is not model:
        known = Passes(model)
    _passes[key] = known
    while len(_passes) > KEPT:
        _passes.popitem(last=False)
    return known


def _shadow(run: Path) -> Passes:
    """A second network of the run's shape, whose weights may be changed; kept, as compiling takes a while."""
    shadow = _shadows.pop(run, None)
    if shadow is None:
        experiment = RunDirectory.open(run).spec().experiment
        data = facts(experiment.dataset)
        model = build_model(experiment.architecture, data.input_shape, len(data.class_names))
        shadow = Passes(model)
    _shadows[run] = shadow
    while len(_shadows) > KEPT_SHADOWS:
        _shadows.popitem(last=False)
    return shadow


def _random_weights(model: keras.Model, seed: int) -> dict[str, list[NDArray[np.floating]]]:
    """Weights of each layer as at the beginning of a training."""
    keras.utils.set_random_seed(seed)
    new = keras.models.clone_model(model)
    return {layer.name: layer.get_weights() for layer in new.layers}


def _not_finite(run: Path) -> RunError:
    return RunError(
        f"The network of run {run.name} gives scores that are not finite: its training has diverged, "
        "and there is nothing to explain. Train it again with a lower learning rate."
    )
