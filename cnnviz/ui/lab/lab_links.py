"""Links into the Convolution lab: the reports' experiments that can be done by hand, and learned kernels."""

from __future__ import annotations

import numpy as np

from cnnviz.runs import RunSummary
from cnnviz.specs import Conv2D
from cnnviz.ui.lab import lab_settings

_MEAN_OF_FIVE = lab_settings.write_weights(np.full((1, 5, 5), 1 / 25))
#: Said too, because the session may hold other settings.
_USUAL = {
    "lab_look_at": "image",
    "lab_operation": "convolve",
    "lab_then": "none",
    "lab_channel": "all",
    "lab_split": "test",
    "lab_number": "0",
    "lab_at": "-1",
    "lab_look": "1",
    "lab_fill": "0",
    "lab_unit": "0",
    **{
        f"lab_{name}{step}": value
        for step in ("", "_2")
        for name, value in {
            "stride": "1",
            "padding": "valid",
            "dilation": "1",
            "relu": "0",
            "bias": "0",
        }.items()
    },
}
_FIRST_IMAGE = {"lab_split": "train", "lab_number": "0", "lab_channel": "red"}

_DIFFERENT: dict[str, dict[str, str]] = {
    "C1": {"lab_image": "mnist", "lab_kernel": "own", "lab_weights": _MEAN_OF_FIVE},
    "C2": {"lab_image": "mnist", "lab_kernel": "gabor-0", "lab_padding": "same"},
    "C3": {"lab_image": "matrix-4", "lab_operation": "max", "lab_size": "2", "lab_stride": "2"},
    "C4": {"lab_look_at": "dimensions"},
    "E1": {"lab_image": "cifar10", **_FIRST_IMAGE, "lab_kernel": "laplacian-diagonal"},
    "E2": {
        "lab_image": "cifar10",
        **_FIRST_IMAGE,
        "lab_kernel": "laplacian-diagonal",
        "lab_then": "bright-sharpen",
    },
}
#: What stands in the link, by the experiment of the reports.
EXAMPLES = {name: {**_USUAL, **different} for name, different in _DIFFERENT.items()}


def learned(run: RunSummary, layer: str, position: int, *, split: str, number: int) -> dict[str, str] | None:
    """A kernel of a run over an image of its data set, as the network takes it.

    Args:
        layer: name of a convolution.
        position: of the kernel's map, counted from 0.
    Returns:
        What stands in the link; None where the run has no such convolution.
    """
    layers = run.experiment.architecture.layers if run.experiment else ()
    known = next((each for each in layers if isinstance(each, Conv2D) and each.name == layer), None)
    if known is None:
        return None
    return {
        **_USUAL,
        "lab_image": str(run.dataset),
        "lab_split": split,
        "lab_number": str(number),
        "lab_kernel": "learned",
        "lab_run": run.id,
        "lab_layer": layer,
        "lab_map": str(position + 1),
        "lab_stride": str(known.strides),
        "lab_padding": known.padding,
        "lab_bias": "",
        "lab_unit": "1",
        "lab_relu": str(int(known.activation == "relu")),
    }
