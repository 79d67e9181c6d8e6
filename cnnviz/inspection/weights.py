"""Where the weights of a run lie: the finished model, or the last checkpoint while it trains. No Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.errors import RunError
from cnnviz.runs import RunDirectory

#: Formats that a network is written in for other tools.
ModelFormat = Literal["keras", "savedmodel", "onnx", "litert"]
#: As `training.checkpoint` names and writes it; a test holds the two together.
CHECKPOINT = "state.npz"


class WeightsFile(NamedTuple):
    """A file of weights; `stamp` differs whenever the file has been replaced."""

    path: Path
    final: bool  # the finished model, not a checkpoint
    stamp: tuple[int, int]


class WeightArrays(NamedTuple):
    """All weights of a network, in its order: their paths (`block1_conv1/kernel`), and their values."""

    paths: tuple[str, ...]
    values: tuple[NDArray[np.float32], ...]

    def by_path(self) -> dict[str, NDArray[np.float32]]:
        """The values by their paths, in the network's order."""
        return dict(zip(self.paths, self.values, strict=True))


class Weights(NamedTuple):
    """Which weights a question is about: those that a run has by now, or those that it began with."""

    run: Path
    untrained: bool = False
    #: Of their file: differs whenever they do, so that no answer is kept for longer than it is right.
    stamp: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, run: Path, untrained: bool = False) -> Weights:
        """The weights of a run as they are now; untrained ones are made again from the seed.

        Raises:
            RunError: there are none yet, or the run has ended without any.
        """
        return cls(run, True) if untrained else cls(run, False, weights_file(run).stamp)


def find_weights(run: Path) -> WeightsFile | None:
    """The newest weights of a run; None where none were saved yet."""
    directory = RunDirectory(run)
    candidates = ((directory.model_path, True), (directory.checkpoint_dir / CHECKPOINT, False))
    for path, final in candidates:
        try:
            found = path.stat()
        except OSError:
            continue
        return WeightsFile(path, final, (found.st_mtime_ns, found.st_size))
    return None


def weights_file(run: Path) -> WeightsFile:
    """The newest weights of a run.

    Raises:
        RunError: there are none yet, or the run has ended without any.
    """
    newest = find_weights(run)
    if newest:
        return newest
    directory = RunDirectory.open(run)
    status = directory.status()
    if status.active:
        raise RunError(
            f"Run {directory.id} has no weights yet: they are saved at the end of every epoch. "
            "Come back after the first one."
        )
    raise RunError(f"Run {directory.id} ended ({status.state}) before its first epoch did. Resume it.")


def read_checkpoint(path: Path, count: int) -> tuple[int, list[NDArray[np.floating]]]:
    """Epoch and the first `count` variables of a checkpoint: the weights.

    Random states and the optimizer follow them in the file and are not read.

    Returns:
        The epoch, and `count` arrays, each of the shape (and in the order) of the model's own weights.

    Raises:
        OSError, KeyError, ValueError, zipfile.BadZipFile: it is damaged or holds fewer variables.
    """
    # np.load would leave the file open where it is no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        state = json.loads(arrays["state"].tobytes())
        return int(state["epoch"]), [arrays[f"v{index:05}"] for index in range(count)]
