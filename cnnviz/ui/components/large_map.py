"""One map, large, beside the image: choose a position of it, and see what it looks at in the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cnnviz.architectures.fields import Axis, Fields
from cnnviz.ui.component import component, data_url, picked

_large_map = component("large_map", __file__, "large_map.css", "large_map.js")


class Picture(NamedTuple):
    """A PNG, one pixel a value, with its words."""

    name: str
    png: bytes
    width: int
    height: int


def large_map(
    shown: Picture,
    image: Picture,
    fields: Fields,
    values: Sequence[str] | None,
    *,
    key: str,
    at: tuple[int, int],
    on_pick: Callable[[Sequence[int]], None],
) -> None:
    """Show one map with a marked position, and what that position looks at in the image.

    Args:
        values: of the map, row by row, as texts; None where they are too many.
        at: the marked row and column.
        on_pick: gets the row and column of a chosen position.
    """

    def clicked() -> None:
        if (position := picked(key)) is not None:
            on_pick(position)

    _large_map(
        key=key,
        data={
            "map": data_url(shown.png),
            "name": shown.name,
            "width": shown.width,
            "height": shown.height,
            "image": data_url(image.png),
            "imageName": image.name,
            "imageWidth": image.width,
            "imageHeight": image.height,
            "rows": _axis(fields.rows),
            "columns": _axis(fields.columns),
            "values": values,
            "at": list(at),
        },
        on_picked_change=clicked,
    )


def _axis(axis: Axis) -> dict[str, list[object]]:
    return {
        "seen": [list(span) for span in axis.seen],
        "whole": [span.size for span in axis.whole],
        "middle": [axis.middle(at) for at in range(len(axis.whole))],
    }
