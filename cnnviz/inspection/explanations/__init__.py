"""Explanations of what a network says: one file a method, with its paper. Plain numpy, no Keras.

A method asks a `Differentiable` network for scores and gradients; `inspection.passes` is the real one.
"""

from cnnviz.inspection.explanations.method import METHODS, About, Method, Paper

# isort: off
# They register themselves; the order here is the order in which people see them, quick ones first.
from cnnviz.inspection.explanations import (  # noqa: F401
    grad_cam,
    grad_cam_plus,
    saliency,
    smooth_grad,
    integrated_gradients,
    occlusion,
)
# isort: on

__all__ = ["METHODS", "About", "Method", "Paper"]
