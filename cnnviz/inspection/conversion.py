"""Networks of runs as files for other tools, and networks from the arrays of an archive. It imports Keras.

A network is rebuilt from the run's own spec, in float32, and takes only the weights: what is written holds
no optimizer, no penalties, and no configuration of unknown origin.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.architectures.build import build_model
from cnnviz.errors import RunError
from cnnviz.evaluation import class_names
from cnnviz.inspection import network
from cnnviz.inspection.weights import ModelFormat, WeightArrays, Weights
from cnnviz.runs import RunDirectory
from cnnviz.specs import ArchitectureSpec

#: As Keras's `Model.export` calls them.
_EXPORTED = {"savedmodel": "tf_saved_model", "onnx": "onnx", "litert": "litert"}


def convert(run: Path, format: ModelFormat, target: Path) -> None:
    """Write a run's network: images uint8 (N, H, W, C), 0 to 255, to probabilities float32 (N, classes).

    Names of the classes are written beside a SavedModel (`labels.json`), and into an ONNX file's metadata.

    Args:
        target: the file, or for "savedmodel" an empty folder.
    Raises:
        RunError: the run has no weights, or damaged ones.
    """
    trained = network.load(Weights.of(run))
    shape = trained.model.input_shape[1:]
    plain = build_model(trained.architecture, shape, trained.model.output_shape[-1])
    plain.set_weights(trained.model.get_weights())
    labels = list(class_names(RunDirectory.open(run)))
    if format == "keras":
        plain.save(target)
        return
    plain(np.zeros((1, *shape), np.uint8))  # the ONNX exporter wants a model that was called
    plain.export(str(target), format=_EXPORTED[format], verbose=False)
    if format == "savedmodel":
        text = json.dumps({"classes": labels, "input": list(shape)}, ensure_ascii=False, indent=2)
        (target / "labels.json").write_text(text, "utf-8")
    elif format == "onnx":
        import onnx  # the extra that exporting alone needs

        model = onnx.load(target)
        onnx.helper.set_model_props(model, {"classes": json.dumps(labels, ensure_ascii=False)})
        onnx.save(model, target)


def weights(of: Weights) -> WeightArrays:
    """All weights of a run's network.

    Raises:
        RunError: as `convert`.
    """
    found = network.load(of).model.weights
    return WeightArrays(tuple(w.path for w in found), tuple(backend.array(w) for w in found))


def save_network(
    architecture: ArchitectureSpec,
    input_shape: Sequence[int],
    classes: int,
    arrays: Mapping[str, NDArray[np.float32]],
    target: Path,
) -> None:
    """Build a network, give it the arrays as weights, and write it as `model.keras`.

    Args:
        arrays: as `WeightArrays.by_path` gives them.
    Raises:
        SpecError: the architecture can't take such images.
        RunError: the arrays are not the weights of that network.
    """
    model = build_model(architecture, input_shape, classes)
    for weight in model.weights:
        given = arrays.get(weight.path)
        if given is None or given.shape != tuple(weight.shape) or given.dtype != np.float32:
            have = "missing" if given is None else f"{given.dtype} of shape {given.shape}"
            raise RunError(
                f"The weights are not those of this network: {weight.path} is {have}, and must be float32 of "
                f"shape {tuple(weight.shape)}. Export the run again."
            )
        if not np.isfinite(given).all():
            raise RunError(f"The weights hold numbers that are none, in {weight.path}. Export the run again.")
        weight.assign(given)
    if extra := arrays.keys() - {weight.path for weight in model.weights}:
        raise RunError(f"The weights are not those of this network: it has no {sorted(extra)[0]}.")
    keras.Model.save(model, target)
