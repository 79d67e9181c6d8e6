"""Convolution lab: a kernel slides over an image, step by step, with the arithmetic."""

from cnnviz.ui.lab import dimensions, view

if view.pick_look() == view.IMAGE:
    view.on_image()
else:
    dimensions.render()
