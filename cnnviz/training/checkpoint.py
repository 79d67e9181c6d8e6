"""Checkpoints: all that a resumed training needs to go on bit by bit as if nothing had happened.

One file, `checkpoint/state.npz`, replaced whole at the end of each epoch, so that no power cut can
leave weights of one epoch beside an optimizer of another. Keras's BackupAndRestore loses dropout's
random state (keras#19796) and is not atomic.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.errors import RunError
from cnnviz.runs import atomic

Arrays = list[NDArray[Any]]


@dataclass
class Checkpoint:
    """State after `epoch` whole epochs; `callbacks` holds their plain state by name."""

    epoch: int
    fit_seconds: float
    callbacks: dict[str, Any]
    variables: Arrays
    best_weights: Arrays = field(default_factory=list)


def variables_of(model: keras.Model) -> list[Any]:
    """Every variable that decides how training goes on: weights, random states, optimizer."""
    random = [v for v in model.non_trainable_variables if "seed_generator" in v.path]
    return [*model.weights, *random, *model.optimizer.variables]


def path_of(folder: Path) -> Path:
    """The one file in a checkpoint folder."""
    return folder / "state.npz"


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint.

    Raises:
        StorageError: it can't be written; the one before still stands.
    """
    with atomic.storage_errors(folder):
        folder.mkdir(exist_ok=True)
    state = {
        "epoch": checkpoint.epoch,
        "fit_seconds": checkpoint.fit_seconds,
        "callbacks": checkpoint.callbacks,
    }
    arrays = {f"v{i:05}": value for i, value in enumerate(checkpoint.variables)}
    arrays |= {f"b{i:05}": value for i, value in enumerate(checkpoint.best_weights)}
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    with atomic.replacing(path_of(folder)) as beside:
        np.savez(beside, allow_pickle=False, **arrays)


def capture(model: keras.Model) -> Arrays:
    """The variables' values, in the order of `variables_of`."""
    return [_storable(variable) for variable in variables_of(model)]


def _storable(variable: Any) -> NDArray[Any]:
    value = backend.array(variable)
    # numpy's files know no bfloat16; its values are exact in float32.
    return value if value.dtype.kind in "fiub" else value.astype("float32")


def load(folder: Path) -> Checkpoint | None:
    """Read the checkpoint; None where no epoch was finished yet.

    Raises:
        RunError: it is damaged.
    """
    path = path_of(folder)
    if not path.exists():
        return None
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            state = json.loads(file["state"].tobytes())
            names = sorted(file.files)
            variables = [file[name] for name in names if name.startswith("v")]
            best = [file[name] for name in names if name.startswith("b")]
        return Checkpoint(
            int(state["epoch"]), float(state["fit_seconds"]), dict(state["callbacks"]), variables, best
        )
    except Exception as error:  # zipfile, zlib, json and numpy raise half a dozen kinds
        raise RunError(
            f"The checkpoint {path} is damaged ({error}), so the run can't go on from it. "
            "Delete the folder 'checkpoint' to train it again from the beginning."
        ) from error


def apply(model: keras.Model, values: Sequence[NDArray[Any]]) -> None:
    """Set the model's variables.

    Raises:
        RunError: the checkpoint is another network's.
    """
    variables = variables_of(model)
    if [tuple(v.shape) for v in variables] != [value.shape for value in values]:
        raise RunError(
            "The checkpoint does not fit the network: it was written by another version or another spec. "
            "Delete the folder 'checkpoint' to train the run again from the beginning."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
