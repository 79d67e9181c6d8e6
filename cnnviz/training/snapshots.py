"""Snapshots: what the network is like after every epoch, for the time-lapse.

The layout stands in `cnnviz.runs.snapshots`, which reads it. Probes and confusion matrices are of
validation images (training images where there are none): the test set is not looked at.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.datasets import Split
from cnnviz.runs import RunDirectory, atomic
from cnnviz.training import histograms
from cnnviz.training.background import Writer
from cnnviz.training.watching import Watch

MOST_PROBES, MOST_CHANNELS, MOST_SNAPSHOTS = 10, 16, 60
#: Larger maps lose rows and columns: nobody sees more on a page, and they would fill the disk.
MOST_SIDE = 96
#: Images seen before training; and after each epoch, where there is no validation to look over the shoulder.
MOST_SEEN = 1_000


def probes_of(split: Split, classes: int) -> NDArray[np.int64]:
    """Positions of the first image of each class, at most ten."""
    labels = np.asarray(split.labels)
    first = [int(found[0]) for c in range(classes) if len(found := np.flatnonzero(labels == c))]
    return np.asarray(first[:MOST_PROBES], dtype=np.int64)


def spread(count: int, most: int) -> NDArray[np.int64]:
    """At most so many positions, evenly spread over `count`."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


class Snapshots(keras.callbacks.Callback):
    """Write a snapshot before the first epoch and after each chosen one.

    Args:
        split: validation images, or training images where there are none.
        validated: whether `split` is what Keras validates with after each epoch.
    """

    def __init__(
        self,
        run: RunDirectory,
        writer: Writer,
        network: keras.Model,
        watch: Watch,
        split: Split,
        epochs: int,
        *,
        validated: bool,
    ) -> None:
        super().__init__()
        self.run, self.writer, self.network, self.watch = run, writer, network, watch
        self.split, self.epochs, self.validated = split, epochs, validated
        # A twentieth of the training images: a look then costs little beside the epoch.
        most = MOST_SEEN if validated else min(MOST_SEEN, max(100, len(split) // 20))
        self.few = spread(len(split), most)
        positions = probes_of(split, network.outputs[0].shape[-1])
        self.images = split.images_at(positions)
        self._save(
            "probes",
            {
                "images": self.images,
                "labels": split.labels[positions],
                "indices": split.indices[positions],
                "from_training": np.array(not validated),
            },
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
            self._look()
            self._snapshot(0)

    def on_test_begin(self, logs: Any = None) -> None:
        """A validation begins: what was seen before is past."""
        self.watch.reset()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """After a whole epoch: every n-th, and the last one."""
        every = -(-self.epochs // MOST_SNAPSHOTS)
        last = epoch + 1 == self.epochs or self.model.stop_training
        if (epoch + 1) % every == 0 or last:
            if not self.validated:
                self._look()
            self._snapshot(epoch + 1)

    def _look(self) -> None:
        self.watch.reset()
        self.watch.see(self.split, self.few)

    def _snapshot(self, epoch: int) -> None:
        outputs = self._see(backend.tensor(self.images))
        probabilities, *maps = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        arrays = {"probabilities": _half(probabilities)} | self.watch.arrays()
        if self.first is not None:
            arrays["kernels"] = _half(self.first.kernel)
        for name, values in zip(self.names, maps, strict=True):
            step = -(-max(values.shape[1:3]) // MOST_SIDE)
            arrays[f"map_{name}"] = _half(values[0, ::step, ::step, :MOST_CHANNELS])
        self._save(f"epoch-{epoch:04}", arrays, histograms.capture(self.network))

    def _path(self, name: str) -> Any:
        return self.run.snapshots_dir / f"{name}.npz"

    def _save(
        self, name: str, arrays: dict[str, NDArray[Any]], weights: histograms.Weights | None = None
    ) -> None:
        self.writer.submit(lambda: self._write(name, arrays | histograms.arrays(weights or {})))

    def _write(self, name: str, arrays: dict[str, NDArray[Any]]) -> None:
        with atomic.storage_errors(self.run.snapshots_dir):
            self.run.snapshots_dir.mkdir(exist_ok=True)
        with atomic.replacing(self._path(name)) as beside:
            np.savez(beside, allow_pickle=False, **arrays)


def _half(values: Any) -> NDArray[np.float16]:
    limit = np.finfo(np.float16).max
    return np.clip(np.asarray(values, dtype=np.float32), -limit, limit).astype(np.float16)
