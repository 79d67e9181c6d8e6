"""The only module that imports TensorFlow: input pipeline, compiled calls, gradients, devices.

Everything else is plain Keras 3 or numpy. Import it in a worker or in the inspector, never in the app.
"""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


@contextmanager
def _as_if_not_installed(*libraries: str) -> Iterator[None]:
    """Importing one of these raises ImportError meanwhile; what was imported before stays."""
    hidden = [name for name in libraries if name not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]  # None is what Python asks for here
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


@contextmanager
def _unseen_by_the_collector() -> Iterator[None]:
    """No garbage is looked for meanwhile, and none later in what was imported, which lives to the end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


# TensorFlow brings Keras along. Where scikit-learn and pandas are installed, Keras imports both, for
# wrappers and inputs that nobody uses here: a quarter of the processor time that a worker's start takes.
# Of what is left, a fifth would go into looking for garbage among modules.
with _as_if_not_installed("sklearn", "pandas"), _unseen_by_the_collector():
    import tensorflow as tf

VERSION: str = tf.__version__
#: A TensorFlow tensor; the library has no types.
Tensor = Any


class ShuffledBatches:
    """Batches of arrays in an order that depends on seed and epoch alone.

    Keras's own shuffling of arrays goes on from one epoch to the next, so that a resumed run would see
    another order than an uninterrupted one. This is the same pipeline (a permutation, cut into batches
    of indices, gathered in parallel, prefetched) with a permutation that is seeded anew in each epoch.

    Args:
        images: uint8, shape (N, H, W, C).
        labels: int64, shape (N,).
    """

    def __init__(self, images: NDArray[Any], labels: NDArray[Any], batch_size: int, seed: int) -> None:
        self.batches = math.ceil(len(labels) / batch_size)
        with tf.device("CPU:0"):
            self._epoch = tf.Variable(0, dtype=tf.int64, trainable=False)
            self.dataset = self._pipeline(images, labels, batch_size, seed)

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the epoch that begins now (0 is the first)."""
        self._epoch.assign(epoch)

    def _pipeline(self, images: Any, labels: Any, batch_size: int, seed: int) -> Any:
        count = len(labels)

        def permutation(_: Any) -> Any:
            key = tf.stack([tf.constant(seed, tf.int64), self._epoch.read_value()])
            return tf.random.experimental.stateless_shuffle(tf.range(count, dtype=tf.int64), seed=key)

        order = tf.data.Dataset.range(1).map(permutation)
        indices = order.flat_map(lambda p: tf.data.Dataset.from_tensor_slices(p).batch(batch_size))
        whole = tf.data.Dataset.from_tensors((tf.constant(images), tf.constant(labels))).repeat()

        def gather(index: Any, data: Any) -> Any:
            return tf.gather(data[0], index, axis=0), tf.gather(data[1], index, axis=0)

        batches = tf.data.Dataset.zip((indices, whole)).map(gather, num_parallel_calls=tf.data.AUTOTUNE)
        options = tf.data.Options()
        options.experimental_optimization.apply_default_optimizations = False
        batches = batches.with_options(options)
        known = tf.data.experimental.assert_cardinality(self.batches)
        return batches.apply(known).prefetch(tf.data.AUTOTUNE)


def compiled(function: Callable[..., Any], *shapes: tuple[Sequence[int | None], str]) -> Callable[..., Any]:
    """Compile a function of tensors once.

    Args:
        shapes: shape (None: any length) and dtype of each argument; none given: one trace a shape.
    """
    signature = [tf.TensorSpec(shape, dtype) for shape, dtype in shapes] or None
    return tf.function(function, input_signature=signature, autograph=False, reduce_retracing=True)


def value_and_slope(function: Callable[[Tensor], Tensor], inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Value of `function`, and the gradient of its sum by `inputs` (0 where it does not depend on them)."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        value = function(inputs)
    return value, tape.gradient(value, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def tensor(array: NDArray[Any]) -> Any:
    """Put an array onto the device."""
    return tf.convert_to_tensor(array)


def array(variable: Any) -> NDArray[Any]:
    """A copy of a Keras variable's value (`np.array(variable)` warns with numpy 2)."""
    return np.array(variable.value.numpy())


def gpus() -> int:
    """How many GPUs TensorFlow itself can use in this process."""
    return len(tf.config.list_physical_devices("GPU"))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the memory of the device or of the machine was too small.

    On a GPU, cuDNN and cuBLAS report a lack of memory as an internal or unknown error of their own.
    """
    if isinstance(error, (MemoryError, tf.errors.ResourceExhaustedError)):
        return True
    if isinstance(error, (tf.errors.InternalError, tf.errors.UnknownError)):
        text = str(error).lower()
        return any(word in text for word in ("out of memory", "out_of_memory", "cudnn", "cublas"))
    return False
