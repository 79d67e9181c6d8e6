"""Explanations of what a network says: one file a method, with its paper. Plain numpy, no Keras.

A method asks a `Differentiable` network for scores and gradients; `inspection.passes` is the real one. The
methods of this folder are found by themselves; `method` says how to add one.
"""

from cnnviz.inspection.explanations.method import METHODS, About, Method, Paper
from cnnviz.registry import discover

discover("cnnviz.inspection.explanations")

__all__ = ["METHODS", "About", "Method", "Paper"]
