"""Where one value of a layer looks in the image: its receptive field, with exact bounds.

Contract: no pixel outside `seen` can change the value, and along each side the first and the last pixel
of `seen` can. `whole` is the field as if the image went on: what of it is not seen lies in the padding of
the image or of a map on the way. Strides, paddings, poolings and dilations are all counted (Araujo, Norris
and Sim 2019, distill.pub, give the formulas for `whole`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.arithmetic import Windowed, output_side, window
from cnnviz.convolution import Padding, padded
from cnnviz.specs import ArchitectureSpec, Dense, Flatten, GlobalAveragePooling2D


class Span(NamedTuple):
    """Pixels along one side of the image, from `start` up to, not including, `stop`."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many pixels."""
        return self.stop - self.start


class Slide(NamedTuple):
    """A window that slides along one side, over `side` values."""

    size: int
    stride: int
    padding: Padding
    side: int
    dilation: int = 1

    @property
    def reach(self) -> int:
        """Values from the first to the last that the window touches."""
        return self.dilation * (self.size - 1) + 1

    @property
    def outputs(self) -> int:
        """Positions of the window."""
        return output_side(self.side, self.reach, self.stride, self.padding)

    @property
    def before(self) -> int:
        """Padding before the first value; the odd one goes behind the last."""
        return padded(self.side, self.size, self.stride, self.padding, self.dilation)[0]


class Axis(NamedTuple):
    """The fields of all positions along one side of a layer's maps."""

    whole: tuple[Span, ...]  # as if the image went on beyond its border
    seen: tuple[Span, ...]  # the pixels that count

    def nearest(self, point: float) -> int:
        """The position whose field has its middle nearest to a point (pixel 0 has its middle at 0.5)."""
        return min(range(len(self.whole)), key=lambda at: abs(self.middle(at) - point))

    def middle(self, at: int) -> float:
        """Middle of a position's field, in pixels from the image's border."""
        span = self.whole[at]
        return (span.start + span.stop) / 2

    def outside(self, at: int) -> int:
        """How many of the field's pixels lie in the padding."""
        return self.whole[at].size - self.seen[at].size


class Fields(NamedTuple):
    """Where each position of a layer's maps looks."""

    rows: Axis
    columns: Axis


def fields(architecture: ArchitectureSpec, input_shape: Sequence[int], layer: str) -> Fields | None:
    """Fields of all positions of a layer; None where each value sees all of the image.

    Args:
        input_shape: (H, W, C) of the image.
        layer: its name.
    Raises:
        KeyError: the network has no such layer.
    """
    names = [spec.name for spec in architecture.layers]
    if layer not in names:
        raise KeyError(layer)
    before = architecture.layers[: names.index(layer) + 1]
    if any(isinstance(spec, Dense | GlobalAveragePooling2D | Flatten) for spec in before):
        return None
    axes = []
    for side in input_shape[:2]:
        slides: list[Slide] = []
        for spec in before:
            if isinstance(spec, Windowed):
                slides.append(Slide(*window(spec), slides[-1].outputs if slides else side))
        axes.append(along(slides, side))
    return Fields(*axes)


def along(slides: Sequence[Slide], side: int) -> Axis:
    """Fields along one side of the image, behind windows that slide one after the other.

    Args:
        slides: from the image on; none: each position sees its own pixel.
        side: of the image, in pixels.
    """
    counts = np.eye(side, dtype=bool)  # (positions, pixels): which pixel counts at which position
    start, size, jump = 0, 1, 1
    for slide in slides:
        counts = _slid(counts, slide)
        start -= slide.before * jump
        size += (slide.reach - 1) * jump
        jump *= slide.stride
    whole = (Span(start + at * jump, start + at * jump + size) for at in range(len(counts)))
    seen = (np.flatnonzero(row).tolist() for row in counts)
    return Axis(tuple(whole), tuple(Span(at[0], at[-1] + 1) if at else Span(0, 0) for at in seen))


def _slid(counts: NDArray[np.bool_], slide: Slide) -> NDArray[np.bool_]:
    """What each position of a window sees, from what each value below it sees."""
    below = np.arange(slide.outputs) * slide.stride - slide.before
    seen = np.zeros((slide.outputs, counts.shape[1]), bool)
    for offset in range(0, slide.reach, slide.dilation):
        inside = (below + offset >= 0) & (below + offset < slide.side)
        seen[inside] |= counts[below[inside] + offset]
    return seen
