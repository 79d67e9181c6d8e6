"""Watching what a network says while Keras validates it: confusion matrix and silent units, for free.

Keras runs the network over all validation images anyway. The model that is fitted looks at the inner
layers in that same pass, and notes what is needed; nothing of it reaches the logs or the weights.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from cnnviz import backend
from cnnviz.datasets import Split

#: Above so many classes no confusion matrix is kept: nobody could read it, and it would fill the disk.
MOST_CLASSES = 200
_BATCH = 128


class Watch:
    """What a network said about the images seen since `reset`.

    A plain object on purpose: Keras would take the variables of a layer for weights of the model.
    """

    def __init__(self, network: keras.Model) -> None:
        self.classes = int(network.outputs[0].shape[-1])
        watched = [layer for layer in network.layers[:-1] if _rectified(layer)]
        self.names = [layer.name for layer in watched]
        self._inside = keras.Model(network.inputs, [network.outputs[0], *(layer.output for layer in watched)])
        side = self.classes if self.classes <= MOST_CLASSES else 0
        # Whole numbers up to 16 777 216 are exact in float32, and float32 works on every device.
        self._counts = _variable((side, side), "confusion")
        self._totals = [_variable((layer.output.shape[-1],), f"{layer.name}_total") for layer in watched]
        self._passed: list[Any] = []
        shape = (None, *network.inputs[0].shape[1:])
        self._see = backend.compiled(self._one_batch, (shape, "uint8"), ((None,), "int64"))

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
            said = ops.one_hot(ops.argmax(probabilities, axis=-1), self.classes, dtype="float32")
            self._counts.assign(self._counts + ops.matmul(ops.transpose(true), said))
        for total, values in zip(self._totals, inner, strict=True):
            # ReLU is never negative, so that a sum tells as much as a maximum; as a product of matrices it
            # takes a fifth of the time.
            flat = ops.reshape(values, (-1, values.shape[-1]))
            ones = ops.ones((1, ops.shape(flat)[0]), dtype=flat.dtype)
            total.assign(total + ops.cast(ops.matmul(ones, flat)[0], "float32"))

    def _one_batch(self, images: Any, labels: Any) -> None:
        self.look(images)
        self.note(labels)

    def see(self, split: Split, positions: NDArray[np.int64]) -> None:
        """Look at some images of a split, outside of Keras's validation."""
        for begin in range(0, len(positions), _BATCH):
            part = positions[begin : begin + _BATCH]
            self._see(backend.tensor(split.images_at(part)), backend.tensor(split.labels[part]))

    def reset(self) -> None:
        """Forget what was seen."""
        for variable in (self._counts, *self._totals):
            variable.assign(ops.zeros(variable.shape))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """`confusion` and `silent_<layer>`, as a snapshot holds them."""
        arrays: dict[str, NDArray[Any]] = {
            f"silent_{name}": backend.array(total) == 0
            for name, total in zip(self.names, self._totals, strict=True)
        }
        if self.classes <= MOST_CLASSES:
            arrays["confusion"] = np.rint(backend.array(self._counts)).astype(np.int32)
        return arrays


def _variable(shape: tuple[int, ...], name: str) -> Any:
    return keras.Variable(np.zeros(shape, np.float32), trainable=False, dtype="float32", name=name)


def _rectified(layer: keras.layers.Layer) -> bool:
    """Whether its units answer 0 to what they don't look for."""
    return getattr(layer, "activation", None) is keras.activations.relu


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
