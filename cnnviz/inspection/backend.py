"""The only module of the inspection that imports TensorFlow: compiled calls and gradients.

Everything else there is plain Keras 3 or numpy. Import it in the inspection process, never in the app.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

#: A TensorFlow tensor; the library has no types.
Tensor = Any


def compiled(
    function: Callable[..., Any], *arguments: tuple[Sequence[int | None], str]
) -> Callable[..., Any]:
    """Compile a function of tensors, once for all sizes of a batch.

    Args:
        arguments: shape (None: any length) and dtype of each argument.
    """
    signature = [tf.TensorSpec(shape, dtype) for shape, dtype in arguments]
    return tf.function(function, input_signature=signature, autograph=False)


def value_and_slope(function: Callable[[Tensor], Tensor], inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Value of `function`, and the gradient of its sum by `inputs` (0 where it does not depend on them)."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        value = function(inputs)
    return value, tape.gradient(value, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)
