"""Convolution lab: the reports' experiments that can be done by hand here, as links into the page."""

from __future__ import annotations

import numpy as np

from cnnviz.ui.lab import weights

_MEAN_OF_FIVE = weights.write(np.full((1, 5, 5), 1 / 25))
_FIRST_IMAGE = {"lab_split": "train", "lab_number": "0", "lab_channel": "red"}

#: What stands in the link, by the experiment of the reports.
EXAMPLES: dict[str, dict[str, str]] = {
    "C1": {"lab_image": "mnist", "lab_kernel": "own", "lab_weights": _MEAN_OF_FIVE},
    "C2": {"lab_image": "mnist", "lab_kernel": "gabor-0", "lab_padding": "same"},
    "C3": {"lab_image": "matrix-4", "lab_operation": "max"},
    "C4": {"lab_look_at": "dimensions"},
    "E1": {"lab_image": "cifar10", **_FIRST_IMAGE, "lab_kernel": "laplacian-diagonal"},
    "E2": {"lab_image": "cifar10", **_FIRST_IMAGE, "lab_kernel": "laplacian-diagonal",
           "lab_then": "bright-sharpen"},
}  # fmt: skip
