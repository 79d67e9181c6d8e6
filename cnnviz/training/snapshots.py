"""Snapshots: what the network makes of a few fixed images after every epoch, for the time-lapse.

snapshots/probes.npz      images uint8 (P, H, W, C), labels (P,), indices (P,) into the data set
snapshots/epoch-0000.npz  before training; then after each epoch (at most about 60, evenly spread):
    probabilities  float16 (P, classes)
    kernels        float16 (k, k, C, F), of the first convolution
    map_<layer>    float16 (H, W, ≤ 16): first channels of each convolution's output for the first probe

Probes are validation images (training images where there are none): the test set is not looked at.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import Split
from cnnviz.runs import RunDirectory, atomic
from cnnviz.training import backend
from cnnviz.training.background import Writer

MOST_PROBES, MOST_CHANNELS, MOST_SNAPSHOTS = 10, 16, 60


def probes_of(split: Split, classes: int) -> NDArray[np.int64]:
    """Positions of the first image of each class, at most ten."""
    labels = np.asarray(split.labels)
    first = [int(found[0]) for c in range(classes) if len(found := np.flatnonzero(labels == c))]
    return np.asarray(first[:MOST_PROBES], dtype=np.int64)


class Snapshots(keras.callbacks.Callback):
    """Write a snapshot before the first epoch and after each chosen one."""

    def __init__(
        self, run: RunDirectory, writer: Writer, network: keras.Model, split: Split, epochs: int
    ) -> None:
        super().__init__()
        self.run, self.writer, self.epochs = run, writer, epochs
        positions = probes_of(split, network.outputs[0].shape[-1])
        self.images = split.images_at(positions)
        self._save(
            "probes", images=self.images, labels=split.labels[positions], indices=split.indices[positions]
        )
        convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
        self.first = convolutions[0] if convolutions else None
        self.names = [layer.name for layer in convolutions]
        probe = keras.Model(network.inputs, [*network.outputs, *(layer.output for layer in convolutions)])
        shape = (None, *self.images.shape[1:])
        self._see = backend.compiled(lambda images: probe(images, training=False), (shape, "uint8"))

    def on_train_begin(self, logs: Any = None) -> None:
        """The untrained network; a resumed run has it already."""
        if not self._path("epoch-0000").exists():
            self._snapshot(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """After a whole epoch."""
        every = -(-self.epochs // MOST_SNAPSHOTS)
        if (epoch + 1) % every == 0 or epoch + 1 == self.epochs:
            self._snapshot(epoch + 1)

    def _snapshot(self, epoch: int) -> None:
        outputs = self._see(backend.tensor(self.images))
        probabilities, *maps = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        arrays = {"probabilities": _half(probabilities)}
        if self.first is not None:
            arrays["kernels"] = _half(self.first.kernel)
        for name, values in zip(self.names, maps, strict=True):
            arrays[f"map_{name}"] = _half(values[0, :, :, :MOST_CHANNELS])
        self._save(f"epoch-{epoch:04}", **arrays)

    def _path(self, name: str) -> Any:
        return self.run.snapshots_dir / f"{name}.npz"

    def _save(self, name: str, **arrays: Any) -> None:
        self.writer.submit(lambda: self._write(name, arrays))

    def _write(self, name: str, arrays: dict[str, NDArray[Any]]) -> None:
        with atomic.storage_errors(self.run.snapshots_dir):
            self.run.snapshots_dir.mkdir(exist_ok=True)
        with atomic.replacing(self._path(name)) as beside:
            np.savez(beside, allow_pickle=False, **arrays)


def _half(values: Any) -> NDArray[np.float16]:
    limit = np.finfo(np.float16).max
    return np.clip(np.asarray(values, dtype=np.float32), -limit, limit).astype(np.float16)
