"""Answers about explanations; runs in the inspection process only (imports Keras).

Functions take and give plain data. The compiled functions of a few runs are kept, as long as their
networks are in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.build import build_model
from cnnviz.datasets import facts
from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import network
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.faithfulness import faithfulness, order_of, random_faithfulness
from cnnviz.inspection.explanations.maximisation import MaximisationSettings, maximise
from cnnviz.inspection.explanations.results import Attribution, Faithfulness, Maximised, Stage
from cnnviz.inspection.explanations.sanity import cascade, correlation
from cnnviz.inspection.passes import Passes
from cnnviz.runs import RunDirectory

KEPT, KEPT_SHADOWS = network.KEPT, 2
Pixels = NDArray[np.uint8]

_passes: OrderedDict[tuple[str, bool], Passes] = OrderedDict()
_shadows: OrderedDict[str, Passes] = OrderedDict()


def explain(
    run: str, image: Pixels, label: int, method: str, settings: dict[str, Any], untrained: bool = False
) -> Attribution:
    """Explain why a run's network gives an image (H, W, C) the score that it gives for a class.

    Args:
        label: the class.
        method: name in METHODS.
        settings: of the method; what is left out stands at its default.
        untrained: with the weights that the run's training began with.
    Raises:
        UnknownNameError: no such method.
        SpecError: a setting that the method, the network or the image can't have.
        RunError: no weights, damaged ones, or ones that give no finite scores.
        ImageError: the image has another shape than the network's input.
    """
    entry = METHODS.get(method)
    passes, pixels = _ready(run, image, untrained)
    wanted = entry.about.settings.parse({**entry.defaults(passes.shape).model_dump(), **settings})
    attribution = entry.explain(passes, pixels, label, wanted)
    if not np.isfinite(attribution.values).all():
        raise _not_finite(run)
    return attribution


def scores(
    run: str, image: Pixels, label: int, values: NDArray[np.floating], untrained: bool = False
) -> Faithfulness:
    """Deletion and insertion of an explanation's values (H, W).

    Raises:
        RunError, ImageError: as `explain`.
    """
    return faithfulness(*_ready(run, image, untrained), label, order_of(values))


def random_order(run: str, image: Pixels, label: int, untrained: bool = False) -> Faithfulness:
    """Deletion and insertion of pixels in random order, to compare with.

    Raises:
        RunError, ImageError: as `explain`.
    """
    return random_faithfulness(*_ready(run, image, untrained), label)


def randomised(
    run: str,
    image: Pixels,
    label: int,
    method: str,
    settings: dict[str, Any],
    *,
    seed: int = 0,
    untrained: bool = False,
) -> tuple[Stage, ...]:
    """Explain again after the weights of ever more layers, from the classifier down, have become random.

    The run's own network is not touched: a second one of the same shape is built.

    Source: Adebayo et al. 2018, arXiv:1810.03292, section 3.1 (cascading randomisation).
    Raises:
        CnnvizError: as `explain`.
    """
    entry = METHODS.get(method)
    passes, pixels = _ready(run, image, untrained)
    wanted = entry.about.settings.parse({**entry.defaults(passes.shape).model_dump(), **settings})
    trained = entry.explain(passes, pixels, label, wanted)
    other, stages = _shadow(run), []
    fresh = _random_weights(other.model, seed)
    for layers in cascade([layer.name for layer in other.model.layers if layer.weights]):
        for layer in other.model.layers:
            own = passes.model.get_layer(layer.name).get_weights()
            layer.set_weights(fresh[layer.name] if layer.name in layers else own)
        values = entry.explain(other, pixels, label, wanted).values
        stages.append(Stage(layers, values, correlation(trained.values, values)))
    return tuple(stages)


def maximised(
    run: str, unit: int, layer: str | None, settings: dict[str, Any], untrained: bool = False
) -> Maximised:
    """Make an image that excites a class (`layer` None), or a map or unit of a layer.

    Raises:
        SpecError: a setting out of range.
        RunError: as `explain`; or the network has no such layer, class or map.
    """
    passes = _of(run, untrained)
    names = [one.name for one in passes.model.layers]
    if layer is not None and layer not in names:
        raise RunError(f"Run {Path(run).name} has no layer '{layer}'. Choose one of its own.")
    depth = int(passes.model.get_layer(layer).output.shape[-1] if layer else passes.model.output_shape[-1])
    if not 0 <= unit < depth:
        raise RunError(f"{layer or 'The classifier'} has {depth:,} outputs; there is no number {unit + 1:,}.")
    found = maximise(passes, unit, layer, MaximisationSettings.parse(settings))
    if not np.isfinite(found.scores).all():
        raise _not_finite(run)
    return found


def _ready(run: str, image: Pixels, untrained: bool) -> tuple[Passes, NDArray[np.float32]]:
    """The compiled network, and the image from 0 to 1."""
    passes = _of(run, untrained)
    if image.shape != passes.shape:
        raise ImageError(
            f"The image is {'×'.join(map(str, image.shape))}; this network takes "
            f"{'×'.join(map(str, passes.shape))}. Choose an image of its data set."
        )
    pixels = image.astype(np.float32) / np.float32(255)
    if not np.isfinite(passes.scores(pixels[None])).all():
        raise _not_finite(run)
    return passes, pixels


def _of(run: str, untrained: bool) -> Passes:
    """Compiled functions of a run's network with its newest weights, or those that it began with."""
    model = network.load(run, untrained).model
    key = (run, untrained)
    known = _passes.pop(key, None)
    if known is None or known.model is not model:
        known = Passes(model)
    _passes[key] = known
    while len(_passes) > KEPT:
        _passes.popitem(last=False)
    return known


def _shadow(run: str) -> Passes:
    """A second network of the run's shape, whose weights may be changed; kept, as compiling takes a while."""
    found = _shadows.pop(run, None) or Passes(_new(run))
    _shadows[run] = found
    while len(_shadows) > KEPT_SHADOWS:
        _shadows.popitem(last=False)
    return found


def _new(run: str) -> keras.Model:
    experiment = RunDirectory.open(Path(run)).spec().experiment
    data = facts(experiment.dataset)
    return build_model(experiment.architecture, data.input_shape, len(data.class_names))


def _random_weights(model: keras.Model, seed: int) -> dict[str, list[NDArray[np.floating]]]:
    """Weights of each layer as at the beginning of a training."""
    keras.utils.set_random_seed(seed)
    new = keras.models.clone_model(model)
    return {layer.name: layer.get_weights() for layer in new.layers}


def _not_finite(run: str) -> RunError:
    return RunError(
        f"The network of run {Path(run).name} gives scores that are not finite: its training has diverged, "
        "and there is nothing to explain. Train it again with a lower learning rate."
    )
