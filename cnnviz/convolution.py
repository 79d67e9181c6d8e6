"""Convolution and pooling written out once: for people to read, and for figures on small images.

Numpy only; the networks use TensorFlow's. As in every network, the kernel is not turned over, so what is
called a convolution here is a correlation in the words of signal processing. Padding, strides and
dilation follow TensorFlow: `same` gives ceil(n / stride) outputs, the odd padding pixel goes to the end.
"""

from __future__ import annotations

from functools import reduce
from typing import Literal, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Padding = Literal["valid", "same"]
Numbers = NDArray[np.number]
Floats = NDArray[np.float64]
Number = TypeVar("Number", bound=np.number)

#: Report E's kernels. It calls both edge detectors; the second one's weights sum to 4, so it sharpens.
EDGES = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float64)
SHARPEN = np.array([[0, -1, 0], [-1, 8, -1], [0, -1, 0]], np.float64)


def output_size(n: int, m: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1) -> int:
    """How often a window of m values, `dilation` apart, fits into n: (n − m) / stride + 1, rounded down.

    Raises:
        ValueError: a size below 1, or a window that does not fit.
    """
    if min(n, m, stride, dilation) < 1:
        raise ValueError(f"sizes, stride and dilation must be at least 1: {n}, {m}, {stride}, {dilation}")
    if padding == "same":
        return -(-n // stride)
    reach = dilation * (m - 1) + 1
    if reach > n:
        raise ValueError(f"a window that reaches over {reach} values does not fit into {n}; pad with 'same'")
    return (n - reach) // stride + 1


def padded(n: int, m: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1) -> tuple[int, int]:
    """Values added before and behind n values."""
    if padding == "valid":
        return 0, 0
    reach = dilation * (m - 1) + 1
    total = max((output_size(n, m, stride, "same", dilation) - 1) * stride + reach - n, 0)
    return total // 2, total - total // 2


def window_at(
    image: NDArray[Number],
    size: tuple[int, ...],
    output: tuple[int, ...],
    stride: int = 1,
    padding: Padding = "valid",
) -> tuple[NDArray[Number], NDArray[np.bool_]]:
    """What lies below one position of a window that slides along the first dimensions of an image.

    Args:
        image: numbers, shape (n1, …, nd, …).
        size: of the window, along the d dimensions in which it slides.
        output: position of the output, along the same.
    Returns:
        The values, shape (*size, …), 0 in the padding; and which are no padding, shape `size`.
    """
    lines = [
        np.arange(m) + o * stride - padded(n, m, stride, padding)[0]
        for n, m, o in zip(image.shape, size, output, strict=False)
    ]
    known = [(line >= 0) & (line < n) for n, line in zip(image.shape, lines, strict=False)]
    inside = np.asarray(reduce(np.logical_and.outer, known))
    values = np.zeros((*size, *image.shape[len(size) :]), image.dtype)
    values[np.ix_(*known)] = image[np.ix_(*(line[fits] for line, fits in zip(lines, known, strict=True)))]
    return values, inside


def convolve(
    image: Numbers,
    kernel: Numbers,
    *,
    stride: int = 1,
    padding: Padding = "valid",
    dilation: int = 1,
    bias: float = 0.0,
) -> Floats:
    """Slide the kernel over the image; each output is the sum of image times kernel below the window.

    Args:
        image: numbers of any dimension d: a row (d = 1), one channel (2), a volume or all channels (3).
        kernel: numbers of the same dimension; where it is as deep as the image, it does not slide there.
    Returns:
        float64, in each dimension (n − m) / stride + 1 outputs (`valid`) or n / stride, rounded up (`same`).
    Raises:
        ValueError: dimensions differ, or the kernel does not fit.
    """
    if image.ndim != kernel.ndim:
        raise ValueError(f"image has {image.ndim} dimensions, kernel {kernel.ndim}: they must be the same")
    below = _windows(image, kernel.shape, stride, padding, dilation, 0.0)
    return np.asarray((below * kernel).sum(axis=tuple(range(-kernel.ndim, 0))) + bias)


def pool(
    image: Numbers,
    size: int = 2,
    kind: Literal["max", "average"] = "max",
    *,
    stride: int | None = None,
    padding: Padding = "valid",
) -> Floats:
    """Keep the largest value, or the mean, of each window; padding takes no part.

    Args:
        image: numbers, shape (H, W) or of any other dimension.
        stride: step of the window; None: its size, so that windows don't overlap.
    """
    below = _windows(image, (size,) * image.ndim, stride or size, padding, 1, np.nan)
    summary = np.nanmax if kind == "max" else np.nanmean
    return np.asarray(summary(below, axis=tuple(range(-image.ndim, 0))))


def _windows(
    image: Numbers, size: tuple[int, ...], stride: int, padding: Padding, dilation: int, outside: float
) -> Floats:
    """What lies below each position of the window: float64, shape (*outputs, *size).

    Args:
        outside: stands in the padding.
    Raises:
        ValueError: the window does not fit.
    """
    sides = list(zip(image.shape, size, strict=True))
    for n, m in sides:
        output_size(n, m, stride, padding, dilation)
    around = [padded(n, m, stride, padding, dilation) for n, m in sides]
    field = np.pad(image.astype(np.float64), around, constant_values=outside)
    everywhere = sliding_window_view(field, [dilation * (m - 1) + 1 for m in size])
    steps = [slice(None, None, stride)] * len(size) + [slice(None, None, dilation)] * len(size)
    return everywhere[tuple(steps)]
