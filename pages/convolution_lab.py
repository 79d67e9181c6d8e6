"""Convolution lab: a kernel slides over an image, step by step, with the arithmetic."""

from cnnviz.ui.lab import lab_page, lab_stage

ICON, PLACE = ":material/science:", 70

if lab_page.pick_look() == lab_page.IMAGE:
    lab_page.on_image()
else:
    lab_stage.in_dimensions()
