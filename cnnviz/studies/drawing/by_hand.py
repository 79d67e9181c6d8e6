"""A convolution by hand (E1) and two kernels one after the other (E2), on one channel of a real image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz import datasets
from cnnviz.convolution import EDGES, SHARPEN, convolve
from cnnviz.datasets import load
from cnnviz.errors import SpecError
from cnnviz.figures.convolution import Mark, Panel, panels_figure
from cnnviz.studies.drawing.base import DRAWINGS, Drawing
from cnnviz.studies.drawing.looking import image_of
from cnnviz.studies.outcome import Outcome


@DRAWINGS.register("convolution")
def convolution(outcome: Outcome) -> list[Drawing]:
    """One channel, a kernel, and the map that comes out, with one position worked out in numbers."""
    image, kernel = channel_of(outcome), matrix_of(outcome.options, "kernel", EDGES)
    result = convolve(image, kernel)
    m = kernel.shape[0]
    row, column = (int(i) for i in np.unravel_index(np.abs(result).argmax(), result.shape))
    below = image[row : row + m, column : column + m]
    panels = [
        Panel(f"channel, {image.shape[0]}×{image.shape[1]}", image, marks=(Mark(row, column, m, m),)),
        Panel(f"kernel, {m}×{m}", kernel, signed=True),
        Panel(f"map, {result.shape[0]}×{result.shape[1]}", result, True, (Mark(row, column, 1, 1),)),
        Panel("pixels in the window", below),
        Panel("pixels times kernel", below * kernel, signed=True),
        Panel("their sum", np.array([[result[row, column]]]), signed=True),
    ]
    return [
        Drawing(
            "A convolution, written out",
            figure=panels_figure(panels, "Multiply, add up, move on by one pixel"),
            alt="A channel of an image, a kernel, the resulting map, and one position worked out.",
            note=f"The weights of the kernel sum to {kernel.sum():g}. {origin_of(outcome)}",
        )
    ]


@DRAWINGS.register("two_kernels")
def two_kernels(outcome: Outcome) -> list[Drawing]:
    """Two kernels over one channel, each alone and the second after the first."""
    image = channel_of(outcome)
    first, second = matrix_of(outcome.options, "first", EDGES), matrix_of(outcome.options, "second", SHARPEN)
    a, b = convolve(image, first), convolve(image, second)
    both = convolve(a, second)
    panels = [
        Panel("channel", image),
        Panel("first kernel", first, signed=True),
        Panel("second kernel", second, signed=True),
        Panel("after the first", a, signed=True),
        Panel("after the second", b, signed=True),
        Panel("second after first", both, signed=True),
    ]
    return [
        Drawing(
            "Two kernels, alone and one after the other",
            figure=panels_figure(panels, "Orange: below 0, blue: above 0"),
            alt="A channel, two kernels, and the maps after the first, the second and both.",
            note=f"The weights sum to {first.sum():g} and {second.sum():g}; a sum of 0 turns even areas "
            f"into 0. Sizes: {image.shape[0]} → {a.shape[0]} → {both.shape[0]}. {origin_of(outcome)}",
        )
    ]


def channel_of(outcome: Outcome, side: int | None = None) -> NDArray[np.float64]:
    """One channel of the recipe's image as numbers 0 … 255, cut to its middle `side` pixels where given.

    Raises:
        SpecError: the image has no such channel.
    """
    image = image_of(outcome)
    channel = int(outcome.options.get("channel", 0))
    if not 0 <= channel < image.shape[2]:
        raise SpecError(f"The image has no channel {channel}; it has {image.shape[2]}.")
    values = image[..., channel].astype(np.float64)
    if side is None or side >= min(values.shape):
        return values
    top, left = (values.shape[0] - side) // 2, (values.shape[1] - side) // 2
    return values[top : top + side, left : left + side]


def matrix_of(options: dict[str, Any], name: str, default: np.ndarray) -> NDArray[np.float64]:
    """Rows of numbers among the options, as a matrix.

    Raises:
        SpecError: they are no matrix.
    """
    values = np.asarray(options.get(name, default), np.float64)
    if values.ndim != 2:
        raise SpecError(
            f"{name} must be rows of numbers, all of the same length; received {options.get(name)}."
        )
    return values


def origin_of(outcome: Outcome) -> str:
    """Which channel of which image it is, in a sentence."""
    data = load(outcome.dataset)
    names = ("red", "green", "blue") if data.input_shape[2] == 3 else ("grey",)
    colour = names[int(outcome.options.get("channel", 0))]
    split = "test" if outcome.options.get("split") == "test" else "training"
    return (
        f"The {colour} channel of {split} image {outcome.options.get('image', 0)} of "
        f"{datasets.entry(outcome.dataset.name).title}."
    )
