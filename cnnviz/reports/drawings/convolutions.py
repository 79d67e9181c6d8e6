"""Convolution and pooling worked out: by hand on one channel of a real image (E1, E2), and as the lecture
shows them (C1 to C4): a sliding window, padding, pooling, and the three dimensions.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnviz import datasets
from cnnviz.convolution import EDGES, SHARPEN, convolve, output_size, pool
from cnnviz.errors import SpecError
from cnnviz.figures.convolution_figures import Mark, Panel, panels_figure
from cnnviz.reports.drawing import Cell, Drawing, ImageOptions, Table, drawing, image_of
from cnnviz.reports.outcome import Outcome
from cnnviz.specs import Spec

Matrix = tuple[tuple[float, ...], ...]


def _rows(values: np.ndarray) -> Matrix:
    return tuple(tuple(map(float, row)) for row in values)


def _by(values: np.ndarray) -> str:
    """`28×28`."""
    return f"{values.shape[0]}×{values.shape[1]}"


class ChannelOptions(ImageOptions):
    """Which channel of which image; `side`: cut to its middle."""

    channel: int = Field(default=0, ge=0)
    side: int | None = Field(default=None, ge=2, description="pixels")


class KernelOptions(Spec):
    """The kernel of `convolution`, as rows of numbers."""

    kernel: Matrix = _rows(EDGES)


class TwoKernelsOptions(Spec):
    """The kernels of `two_kernels`, as rows of numbers."""

    first: Matrix = _rows(EDGES)
    second: Matrix = _rows(SHARPEN)


@drawing("convolution", "a convolution in numbers", options=(ChannelOptions, KernelOptions))
def convolution(outcome: Outcome) -> list[Drawing]:
    """One channel, a kernel, and the map that comes out, with one position worked out in numbers."""
    image, kernel = _channel(outcome), _matrix("kernel", outcome.asked(KernelOptions).kernel)
    result = convolve(image, kernel)
    m = kernel.shape[0]
    row, column = (int(i) for i in np.unravel_index(np.abs(result).argmax(), result.shape))
    below = image[row : row + m, column : column + m]
    panels = [
        Panel(f"channel, {_by(image)}", image, marks=(Mark(row, column, m, m),)),
        Panel(f"kernel, {m}×{m}", kernel, signed=True),
        Panel(f"map, {_by(result)}", result, True, (Mark(row, column, 1, 1),)),
        Panel("pixels in the window", below),
        Panel("pixels times kernel", below * kernel, signed=True),
        Panel("their sum", np.array([[result[row, column]]]), signed=True),
    ]
    return [
        Drawing(
            "A convolution, written out",
            figure=panels_figure(panels, "Multiply, add up, move on by one pixel"),
            alt="A channel of an image, a kernel, the resulting map, and one position worked out.",
            note=f"The weights of the kernel sum to {kernel.sum():g}. {_origin(outcome)}",
        )
    ]


@drawing(
    "two_kernels", "two kernels, alone and one after the other", options=(ChannelOptions, TwoKernelsOptions)
)
def two_kernels(outcome: Outcome) -> list[Drawing]:
    """Two kernels over one channel, each alone and the second after the first."""
    image, options = _channel(outcome), outcome.asked(TwoKernelsOptions)
    first, second = _matrix("first", options.first), _matrix("second", options.second)
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
            f"into 0. Sizes: {image.shape[0]} → {a.shape[0]} → {both.shape[0]}. {_origin(outcome)}",
        )
    ]


def _channel(outcome: Outcome) -> NDArray[np.float64]:
    """One channel of the recipe's image as numbers 0 … 255, shape (H, W), or the middle of it.

    Raises:
        SpecError: the image has no such channel.
    """
    image, options = image_of(outcome), outcome.asked(ChannelOptions)
    if options.channel >= image.shape[2]:
        raise SpecError(f"The image has no channel {options.channel}; it has {image.shape[2]}.")
    values = image[..., options.channel].astype(np.float64)
    side = options.side
    if side is None or side >= min(values.shape):
        return values
    top, left = (values.shape[0] - side) // 2, (values.shape[1] - side) // 2
    return values[top : top + side, left : left + side]


def _matrix(name: str, rows: Matrix) -> NDArray[np.float64]:
    """Rows of numbers as a matrix.

    Raises:
        SpecError: they are of different lengths.
    """
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise SpecError(f"{name} must be rows of numbers, all of the same length; received {rows}.")
    return np.array(rows, np.float64)


def _origin(outcome: Outcome) -> str:
    """Which channel of which image it is, in a sentence."""
    options, title = outcome.asked(ChannelOptions), datasets.entry(outcome.dataset.name).title
    grey = datasets.facts(outcome.dataset).input_shape[2] == 1
    name = "grey" if grey else ("red", "green", "blue")[options.channel]
    split = "test" if options.split == "test" else "training"
    return f"The {name} channel of {split} image {options.image} of {title}."


class WindowOptions(Spec):
    """What slides in `window`, and the side of its map as published."""

    window: int = Field(default=5, ge=1, le=100)
    stride: int = Field(default=1, ge=1, le=100)
    published_side: int | None = None


class PaddingOptions(Spec):
    """How many maps `padding` shows, with which paddings."""

    window: int = Field(default=5, ge=1, le=100)
    maps: int = Field(default=3, ge=1, le=4)
    paddings: tuple[Literal["same", "valid"], ...] = ("same", "valid")


class PoolingOptions(Spec):
    """What is pooled in `pooling`, and the side of its windows."""

    matrix: Matrix = ((1, 3, 2, 1), (4, 6, 5, 0), (3, 1, 0, 2), (1, 2, 4, 8))
    pool: int = Field(default=2, ge=1, le=100)


class DimensionsOptions(Spec):
    """The length of the kernel in `dimensions`."""

    kernel: int = Field(default=3, ge=1, le=8)


@drawing("window", "a window over an image", options=(ChannelOptions, WindowOptions))
def window(outcome: Outcome) -> list[Drawing]:
    """A window on an image, the output that it fills, and the size of the map that is left."""
    options, image = outcome.asked(WindowOptions), _channel(outcome)
    m, s = options.window, options.stride
    n = image.shape[0]
    mean = convolve(image, np.full((m, m), 1 / m**2), stride=s)
    row, column = mean.shape[0] // 3, mean.shape[1] // 2
    panels = [
        Panel(f"image, {n}×{n}", image, marks=(Mark(0, 0, m, m, 1), Mark(row * s, column * s, m, m, 2))),
        Panel(f"map, {_by(mean)}", mean, marks=(Mark(0, 0, 1, 1, 1), Mark(row, column, 1, 1, 2))),
    ]
    sizes: tuple[tuple[Cell, ...], ...] = tuple(
        (size, step, f"({n} − {size})/{step} + 1", output_size(n, size, step))
        for size in (3, 5, 7)
        for step in (1, 2)
    )
    side = f"({n} − {m})/{s} + 1 = {mean.shape[0]}."
    published = options.published_side
    slides = "" if published in (None, mean.shape[0]) else f" The slides say {published}."
    return [
        Drawing(
            f"A {m}×{m} window on {n}×{n} pixels",
            figure=panels_figure(panels, "The window slides; each position fills one output", 2),
            alt=f"An image with two {m}×{m} windows outlined, and the map with the two outputs outlined.",
            note=f"{side} Each output is the mean of the {m * m} pixels in its window.{slides}",
        ),
        Drawing(
            "Size of the map",
            table=Table(("window m", "stride s", "(n − m)/s + 1, rounded down", "side of the map"), sizes),
            alt="A table of the map's side for windows of 3, 5 and 7 and strides of 1 and 2.",
        ),
    ]


@drawing("padding", "same against valid padding", options=(ChannelOptions, PaddingOptions))
def padding(outcome: Outcome) -> list[Drawing]:
    """Several kernels over one image, each shared by all positions; with the edge padded and without."""
    image, options = _channel(outcome), outcome.asked(PaddingOptions)
    m = options.window
    chosen = kernels_of(m)[: options.maps]
    panels = []
    for kind in options.paddings:
        for name, kernel in chosen:
            values = convolve(image, kernel, padding=kind)
            panels.append(Panel(f"{name}, {kind}: {_by(values)}", values, signed=True))
    n, left = image.shape[0], image.shape[0] - m + 1
    title = f"One kernel, one map: all positions share its {m * m} weights"
    return [
        Drawing(
            f"{len(chosen)} maps of one image",
            figure=panels_figure(panels, title, len(chosen)),
            alt=f"{len(panels)} maps: {len(chosen)} kernels, each with and without padding.",
            note=f"'valid': the {m}×{m} kernel stays inside the image, which leaves {left}×{left}. 'same': a "
            f"border of zeros is added first, which leaves {n}×{n}. Each map has its own kernel; without "
            "sharing, every position would need weights of its own.",
        )
    ]


def kernels_of(m: int) -> tuple[tuple[str, NDArray[np.float64]], ...]:
    """Four kernels (m, m) by name: edges of any, of upright and of lying direction, and a blur."""
    upright = np.tile(np.linspace(-1, 1, m), (m, 1)) if m > 1 else np.ones((1, 1))
    edges = -np.ones((m, m))
    edges[m // 2, m // 2] = m * m - 1
    return (
        ("upright edges", upright),
        ("lying edges", upright.T),
        ("all edges", edges),
        ("blurred", np.full((m, m), 1 / m**2)),
    )


@drawing("pooling", "maximum and mean of a small matrix", options=PoolingOptions)
def pooling(outcome: Outcome) -> list[Drawing]:
    """Max and average pooling of a small matrix, windows in the same colour as their outputs."""
    options = outcome.asked(PoolingOptions)
    matrix, size = _matrix("matrix", options.matrix), options.pool
    highest, mean = pool(matrix, size), pool(matrix, size, "average")
    spots = list(np.ndindex(*highest.shape))
    marks = tuple(Mark(r * size, c * size, size, size, i) for i, (r, c) in enumerate(spots))
    small = tuple(Mark(r, c, 1, 1, i) for i, (r, c) in enumerate(spots))
    panels = [
        Panel("matrix", matrix, marks=marks),
        Panel("largest of each window", highest, marks=small, high=float(matrix.max())),
        Panel("mean of each window", mean, marks=small, high=float(matrix.max())),
    ]
    return [
        Drawing(
            f"Pooling {size}×{size}",
            figure=panels_figure(panels, "Max pooling and average pooling"),
            alt="A matrix of numbers; the largest of each window; the mean of each window.",
            note="Max pooling keeps that something is there, and loses where in the window; average pooling "
            "keeps how much there is in all. Neither has weights.",
        )
    ]


@drawing("dimensions", "convolution in 1, 2 and 3 dimensions", options=DimensionsOptions)
def dimensions(outcome: Outcome) -> list[Drawing]:
    """Convolution in one, two and three dimensions: what is slid over what."""
    m = outcome.asked(DimensionsOptions).kernel
    tone = np.round(np.sin(np.linspace(0, 3 * np.pi, 12)), 1)[None]
    row = convolve(tone[0], np.full(m, 1 / m))[None]
    plane = np.zeros((8, 8))
    plane[2:6, 2:6] = 1
    film = np.stack([np.roll(plane, step, axis=1) for step in (-1, 0, 1, 2)])
    change = convolve(film, np.stack([np.full((1, 1), w) for w in (-1.0, 0.0, 1.0)]))
    panels = [
        Panel("1-D: a row of 12 numbers", tone, signed=True, marks=(Mark(0, 0, 1, m),)),
        Panel(f"mean of {m} neighbours: 12 − {m} + 1 = {row.shape[1]}", row, True, (Mark(0, 0, 1, 1),)),
        Panel("2-D: an image of 8×8", plane, marks=(Mark(0, 0, 3, 3),)),
        Panel("edges of it: 6×6", convolve(plane, EDGES), signed=True, marks=(Mark(0, 0, 1, 1),)),
        Panel("3-D: a film, its first image", film[0]),
        Panel("image 3 minus image 1: what moved", change[0], signed=True),
    ]
    area, deep = f"(h − {m} + 1) × (w − {m} + 1)", "down and across; as deep as the image"
    over_time = "through time, down and across"
    rows: tuple[tuple[Cell, ...], ...] = (
        ("1-D", "sound, a row of numbers: n", f"{m}", "along one axis", f"n − {m} + 1"),
        ("2-D", "image: h × w", f"{m}×{m}", "down and across", area),
        ("2-D, c channels", "colour image: h × w × c", f"{m}×{m}×c", deep, f"{area}, one map a kernel"),
        ("3-D", "film or scan: t × h × w", f"{m}×{m}×{m}", over_time, f"(t − {m} + 1) × {area}"),
    )
    title = "What is slid over what"
    return [
        Drawing(
            "Convolution in one, two and three dimensions",
            figure=panels_figure(panels, title, 2),
            alt="A row, an image and a film, each beside what a small kernel makes of it.",
        ),
        Drawing(
            title,
            table=Table(("", "input", "kernel", "slides", "output ('valid', stride 1)"), rows),
            alt="A table of input, kernel and output in one, two and three dimensions.",
        ),
    ]
