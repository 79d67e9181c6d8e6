"""Snapshots: what the network is like after every epoch, for the time-lapse.

The layout stands in `cnnviz.runs.snapshots`, which reads it. Probes and confusion matrices are of
validation images (training images where there are none): the test set is not looked at.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.datasets import Dataset, Split
from cnnviz.runs import RunDirectory, atomic
from cnnviz.training.checkpoint import Writer

MOST_PROBES, MOST_CHANNELS, MOST_SNAPSHOTS = 10, 16, 60
#: Larger maps lose rows and columns: nobody sees more on a page, and they would fill the disk.
MOST_SIDE = 96
#: Images seen before training; and after each epoch, where there is no validation to look over the shoulder.
MOST_SEEN = 1_000


def probes_of(split: Split, classes: int) -> NDArray[np.int64]:
    """Positions (P,) of the first image of each class, P ≤ 10."""
    labels = np.asarray(split.labels)
    first = [int(positions[0]) for c in range(classes) if len(positions := np.flatnonzero(labels == c))]
    return np.asarray(first[:MOST_PROBES], dtype=np.int64)


def spread(count: int, most: int) -> NDArray[np.int64]:
    """At most so many positions, evenly spread over `count`: (min(count, most),)."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


class Snapshots(keras.callbacks.Callback):
    """Write a snapshot before the first epoch and after each chosen one.

    It looks at the validation images, with which Keras validates after each epoch, or at training images
    where there are none.
    """

    def __init__(
        self,
        run: RunDirectory,
        writer: Writer,
        network: keras.Model,
        watch: Watch,
        data: Dataset,
        epochs: int,
    ) -> None:
        super().__init__()
        self.run, self.writer, self.network, self.watch = run, writer, network, watch
        self.epochs, self.validated = epochs, len(data.validation) > 0
        self.split = split = data.validation if self.validated else data.train
        # A twentieth of the training images: a look then costs little beside the epoch.
        most = MOST_SEEN if self.validated else min(MOST_SEEN, max(100, len(split) // 20))
        self.few = spread(len(split), most)
        positions = probes_of(split, network.outputs[0].shape[-1])
        self.images = split.images_at(positions)
        probes = {"labels": split.labels[positions], "indices": split.indices[positions]}
        probes |= {"images": self.images, "from_training": np.array(not self.validated)}
        self._save("probes", probes)
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
        self._save(f"epoch-{epoch:04}", arrays, weights_of(self.network))

    def _path(self, name: str) -> Any:
        return self.run.snapshots_dir / f"{name}.npz"

    def _save(self, name: str, arrays: dict[str, NDArray[Any]], weights: Weights | None = None) -> None:
        def write() -> None:
            with atomic.storage_errors(self.run.snapshots_dir):
                self.run.snapshots_dir.mkdir(exist_ok=True)
            with atomic.replacing(self._path(name)) as beside:
                np.savez(beside, allow_pickle=False, **arrays, **histograms_of(weights or {}))

        self.writer.submit(write)


def _half(values: Any) -> NDArray[np.float16]:
    limit = np.finfo(np.float16).max
    return np.clip(np.asarray(values, dtype=np.float32), -limit, limit).astype(np.float16)


# What a network says while Keras validates it -------------------------------------------------------------

#: Above so many classes no confusion matrix is kept: nobody could read it, and it would fill the disk.
MOST_CLASSES = 200
_BATCH = 128


class Watch:
    """What a network said about the images seen since `reset`.

    A plain object on purpose: Keras would take the variables of a layer for weights of the model.
    """

    def __init__(self, network: keras.Model) -> None:
        self.classes = int(network.outputs[0].shape[-1])
        # Units that answer 0 to what they don't look for.
        relu = keras.activations.relu
        watched = [layer for layer in network.layers[:-1] if getattr(layer, "activation", None) is relu]
        self.names = [layer.name for layer in watched]
        self._inside = keras.Model(network.inputs, [network.outputs[0], *(layer.output for layer in watched)])
        side = self.classes if self.classes <= MOST_CLASSES else 0
        # Whole numbers up to 16 777 216 are exact in float32, and float32 works on every device.
        self._counts = _variable((side, side), "confusion")
        self._totals = [_variable((layer.output.shape[-1],), f"{layer.name}_total") for layer in watched]
        self._passed: list[Any] = []
        shape = (None, *network.inputs[0].shape[1:])

        def see(images: Any, labels: Any) -> None:
            self.look(images)
            self.note(labels)

        self._see = backend.compiled(see, (shape, "uint8"), ((None,), "int64"))

    def look(self, images: Any) -> Any:
        """Probabilities (N, classes) of images; the inner layers are kept for `note`, in the same trace."""
        outputs = self._inside(images, training=False)
        self._passed = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        return self._passed[0]

    def note(self, labels: Any) -> None:
        """Count what `look` has just seen, with its true classes (N,)."""
        probabilities, *inner = self._passed
        self._passed = []
        if self.classes <= MOST_CLASSES:
            true = ops.one_hot(ops.reshape(ops.cast(labels, "int32"), (-1,)), self.classes, dtype="float32")
            predicted = ops.one_hot(ops.argmax(probabilities, axis=-1), self.classes, dtype="float32")
            self._counts.assign(self._counts + ops.matmul(ops.transpose(true), predicted))
        for total, values in zip(self._totals, inner, strict=True):
            # ReLU is never negative, so that a sum tells as much as a maximum; as a product of matrices it
            # takes a fifth of the time.
            flat = ops.reshape(values, (-1, values.shape[-1]))
            ones = ops.ones((1, ops.shape(flat)[0]), dtype=flat.dtype)
            total.assign(total + ops.cast(ops.matmul(ones, flat)[0], "float32"))

    def see(self, split: Split, positions: NDArray[np.int64]) -> None:
        """Look at the images at `positions` (n,) of a split, outside of Keras's validation."""
        for begin in range(0, len(positions), _BATCH):
            part = positions[begin : begin + _BATCH]
            self._see(backend.tensor(split.images_at(part)), backend.tensor(split.labels[part]))

    def reset(self) -> None:
        """Forget what was seen."""
        for variable in (self._counts, *self._totals):
            variable.assign(ops.zeros(variable.shape))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """`confusion` (C, C) and `silent_<layer>` (units,), as a snapshot holds them."""
        arrays: dict[str, NDArray[Any]] = {
            f"silent_{name}": backend.array(total) == 0
            for name, total in zip(self.names, self._totals, strict=True)
        }
        if self.classes <= MOST_CLASSES:
            arrays["confusion"] = np.rint(backend.array(self._counts)).astype(np.int32)
        return arrays


def _variable(shape: tuple[int, ...], name: str) -> Any:
    return keras.Variable(np.zeros(shape, np.float32), trainable=False, dtype="float32", name=name)


class Watched(keras.Model):
    """A model to be fitted, whose validation passes are watched; the same layers and weights as `model`."""

    def __init__(self, model: keras.Model, watch: Watch) -> None:
        super().__init__(model.inputs[0], model.outputs[0], name=model.name)
        self.watch = watch

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Probabilities; where it does not train, through the watch."""
        return super().call(inputs, training=training, mask=mask) if training else self.watch.look(inputs)

    def test_step(self, data: Any) -> Any:
        """Keras's own, and a note of what was said."""
        logs = super().test_step(data)
        self.watch.note(data[1])
        return logs


# Histograms of weights, fast enough to be made after every epoch ------------------------------------------

BINS = 60
Weights = dict[str, NDArray[np.float32]]


def weights_of(network: keras.Model) -> Weights:
    """Copies of the weights and biases of convolutions and dense layers: `<layer>_kernel`, `<layer>_bias`."""
    layers = [x for x in network.layers if isinstance(x, keras.layers.Conv2D | keras.layers.Dense)]
    return {
        f"{layer.name}_{kind}": backend.array(variable).astype(np.float32, copy=False)
        for layer in layers
        for kind, variable in zip(("kernel", "bias"), layer.weights, strict=False)
    }


def histograms_of(weights: Weights) -> dict[str, NDArray[Any]]:
    """`counts_…`, `edges_…` and `moments_…` of each, as a snapshot holds them; none of what is not finite."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, values in weights.items():
        if not np.isfinite(values).all():
            continue
        counts, edges = histogram(values)
        moments = values.mean(dtype=np.float64), values.std(dtype=np.float64)
        arrays |= {
            f"counts_{name}": counts,
            f"edges_{name}": edges,
            f"moments_{name}": np.array(moments, np.float32),
        }
    return arrays


def histogram(values: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Counts in `BINS` bins of equal width from the smallest to the largest value, and their edges.

    A value may fall into the neighbour of the bin that exact arithmetic would choose: numpy's own
    histogram takes ten times as long.

    Returns:
        counts int32 (BINS,), edges float32 (BINS + 1,), growing.
    """
    flat = values.ravel()
    low, high = float(flat.min()), float(flat.max())
    least = max(abs(low), abs(high), 1e-6) * 1e-4  # equal values still need bins of some width
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    index = ((flat - np.float32(low)) * np.float32(BINS / (high - low))).astype(np.int32)
    np.clip(index, 0, BINS - 1, out=index)
    counts = np.bincount(index, minlength=BINS).astype(np.int32)
    return counts, np.linspace(low, high, BINS + 1).astype(np.float32)
