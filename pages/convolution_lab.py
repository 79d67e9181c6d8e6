"""Convolution lab: a kernel slides over an image, step by step, with the arithmetic."""

from cnnviz.ui import show
from cnnviz.ui.lab import view

show.header("Convolution lab", "What does a kernel make of an image?")
view.on_image()
