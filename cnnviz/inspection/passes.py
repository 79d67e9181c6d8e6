"""A Keras network as compiled functions of float images: scores, probabilities, gradients, maps.

Runs in the inspection process only. The network's own layers are called one after the other (every
network of a run is a chain), so that nothing is copied and its weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from cnnviz.backend import Tensor, compiled, value_and_slope
from cnnviz.inspection.wanted import check_wanted

Floats = NDArray[np.float32]
#: Pixels that go through the network at once: 64 images of 32×32. It bounds the memory.
_PIXELS = 64 * 32 * 32


class Passes:
    """What explanations ask of a network; see `explanations.method.Differentiable`.

    Args:
        model: of `architectures.build`: a chain from uint8 images to softmax. Each function is compiled
            when it is first asked for; weights may be replaced in place at any time.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._layers: list[Any] = [x for x in model.layers if not isinstance(x, keras.layers.InputLayer)]
        self._compiled: dict[tuple[str, str | None], Callable[..., Any]] = {}
        self._batch = int(np.clip(_PIXELS // (self.shape[0] * self.shape[1]), 1, 128))

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of an image."""
        height, width, channels = self.model.input_shape[1:]
        return int(height), int(width), int(channels)

    @property
    def map_layers(self) -> tuple[str, ...]:
        """Names of the layers that answer with maps; dropout, which changes nothing here, is left out."""
        skipped = keras.layers.Dropout | keras.layers.Rescaling
        return tuple(
            layer.name
            for layer in self._layers
            if len(layer.output.shape) == 4 and not isinstance(layer, skipped)
        )

    @property
    def last_convolution(self) -> str | None:
        """Name of the last convolution; None where there is none."""
        convolutions = [layer.name for layer in self._layers if isinstance(layer, keras.layers.Conv2D)]
        return convolutions[-1] if convolutions else None

    def scores(self, images: Floats) -> Floats:
        """Scores of all classes before softmax: (N, H, W, C) from 0 to 1 → (N, classes)."""
        function = self._function("scores", None, lambda: compiled(self._scores, self._images))
        return np.concatenate([np.asarray(function(part)) for part in self._parts(images)])

    def probabilities(self, images: Floats) -> NDArray[np.float64]:
        """Probabilities of all classes: (N, H, W, C) from 0 to 1 → (N, classes)."""
        scores = self.scores(images).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def gradients(self, images: Floats, unit: int, layer: str | None = None) -> tuple[Floats, Floats]:
        """A class's score, or the mean of a map of `layer`: (N,), and its gradient: (N, H, W, C).

        The layer's answer is taken before its activation function, as the class's before softmax: behind
        ReLU a silent map has no gradient that could wake it.
        """

        def make() -> Callable[..., Any]:
            def both(batch: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
                return value_and_slope(lambda pixels: self._number(pixels, chosen, layer), batch)

            return compiled(both, self._images, ((), "int32"))

        function = self._function("gradients", layer, make)
        answers = [function(part, np.int32(unit)) for part in self._parts(images)]
        return (
            np.concatenate([np.asarray(value) for value, _ in answers]),
            np.concatenate([np.asarray(slope) for _, slope in answers]),
        )

    def features(self, image: Floats, label: int, layer: str) -> tuple[Floats, Floats]:
        """Maps (H', W', K) of `layer` for an image (H, W, C), and the class's score's gradient by them."""
        after = self._place(layer)

        def make() -> Callable[..., Any]:
            def both(batch: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
                maps = self._through(batch, self._layers[:after])

                def score(inner: Tensor) -> Tensor:
                    before = self._through(inner, self._layers[after:-1])
                    return ops.take(_without_activation(self._layers[-1], before), chosen, 1)

                return maps, value_and_slope(score, maps)[1]

            return compiled(both, self._images, ((), "int32"))

        function = self._function("features", layer, make)
        maps, slopes = function(image[None].astype(np.float32), np.int32(label))
        return np.asarray(maps)[0], np.asarray(slopes)[0]

    @property
    def _images(self) -> tuple[Sequence[int | None], str]:
        return (None, *self.shape), "float32"

    def _place(self, layer: str) -> int:
        """Number of layers up to and with this one."""
        return 1 + [known.name for known in self._layers].index(layer)

    def _parts(self, images: Floats) -> Iterator[Floats]:
        """Some images at a time, as long as somebody waits for the answer."""
        images = images.astype(np.float32)
        for first in range(0, len(images), self._batch):
            check_wanted()
            yield images[first : first + self._batch]

    def _function(self, kind: str, layer: str | None, make: Callable[[], Callable[..., Any]]) -> Any:
        key = kind, layer
        if key not in self._compiled:
            self._compiled[key] = make()
        return self._compiled[key]

    def _scores(self, images: Tensor) -> Tensor:
        return _without_activation(self._layers[-1], self._through(images, self._layers[:-1]))

    def _number(self, images: Tensor, unit: Tensor, layer: str | None) -> Tensor:
        if layer is None:
            return ops.take(self._scores(images), unit, 1)
        depth = self._place(layer)
        before = self._through(images, self._layers[: depth - 1])
        values = ops.take(_without_activation(self._layers[depth - 1], before), unit, -1)
        return ops.mean(values, axis=tuple(range(1, len(values.shape)))) if len(values.shape) > 1 else values

    def _through(self, values: Tensor, layers: Sequence[Any]) -> Tensor:
        for layer in layers:
            if layer is self._layers[0]:  # the network rescales 0–255 to 0–1 itself
                values = values * 255.0
            values = layer(values, training=False)
        return values


def _without_activation(layer: Any, values: Tensor) -> Tensor:
    """What a layer answers before its activation function, which may be flat (ReLU, softmax)."""
    if isinstance(layer, keras.layers.Activation):
        return values
    if isinstance(layer, keras.layers.Conv2D):
        answer = layer.convolution_op(values, layer.kernel)
    elif isinstance(layer, keras.layers.Dense):
        answer = ops.matmul(values, layer.kernel)
    else:
        return layer(values, training=False)
    return answer if layer.bias is None else answer + layer.bias
