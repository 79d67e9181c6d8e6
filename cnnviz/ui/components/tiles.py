"""Tiles: small pictures, or squares with a word, that are looked at and chosen, on every page that has some.

One custom component in five forms, since `st.image` reports no click and hundreds of elements would crawl.
All of them enlarge pixels by whole factors, say their hint on hover and to a screen reader, are one stop of
the Tab key, between whose tiles arrows, Home and End go, and report a click as a callback, before the page
runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.figures.maps import Sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.ui.component import component, data_url, picked

_tiles = component("tiles", __file__, "tiles.css", "tiles.js")


Form = dict[str, Any]  # as the script takes it


class Tile(NamedTuple):
    """What one tile says. Without a hint, title and line are read aloud."""

    title: str = ""
    line: str = ""
    hint: str = ""
    group: str = ""  # of neighbours that stand together under one name
    name: str = ""  # what tells it apart, where group and title don't


class Thumbnail(NamedTuple):
    """A tile with a picture of its own: a PNG, and its width and height in each of the row's boxes."""

    tile: Tile
    png: bytes
    sizes: Sequence[tuple[int, int]]


class Fill(NamedTuple):
    """The ground of a square, its letters, and the length of the bar at its foot, from 0 to 1."""

    ground: str
    ink: str
    share: float = 0.0


def map_grid(
    sprite: Sprite,
    hints: Sequence[str],
    *,
    key: str,
    label: str,
    chosen: int | None = None,
    on_pick: Callable[[int], None] | None = None,
    most: int = 8,
    share: float = 1.0,
) -> None:
    """Show a sprite's tiles as large as the place allows; arrow keys choose at once.

    Args:
        sprite: with gap 0 and no labels, one pixel a value.
        hints: one text a tile.
        label: of all together, read aloud.
        chosen: the marked tile, counted from 0; −1: none is; None: none can be.
        on_pick: gets a chosen tile's position; None: none can be chosen.
        most: the largest factor of enlargement.
        share: of the height that the window leaves.
    """
    form = {"gap": 2, "padding": 2, "most": most, "share": share, "follow": True, "sheet": _sheet(sprite)}
    _show("sheet", key, label, [Tile(hint=hint) for hint in hints], on_pick, chosen=chosen, form=form)


def image_grid(
    images: NDArray[np.uint8],
    hints: Sequence[str],
    *,
    key: str,
    label: str,
    chosen: int,
    on_pick: Callable[[int], None],
    side: int,
    columns: int,
) -> None:
    """Show a few images of one size, each as large as the others on other pages of the same list.

    Args:
        images: (N, H, W, C), N ≥ 1.
        hints: N texts.
        label, chosen, on_pick: as in `map_grid`.
        side: in CSS pixels, which tiles come near to.
        columns: at most so many in a row.
    """
    factor = max(1, round(side / max(images.shape[1:3])))
    form = {"gap": 6, "padding": 3, "factor": factor, "columns": columns, "edged": True}
    tiles, form["sheet"] = [Tile(hint=hint) for hint in hints], _sheet(images)
    _show("sheet", key, label, tiles, on_pick, chosen=chosen, form=form)


def gallery(
    images: NDArray[np.uint8],
    tiles: Sequence[Tile],
    *,
    key: str,
    label: str,
    columns: int = 0,
    rows: int | None = None,
    above: int = 290,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Show images with their titles and lines, as large as the window allows, or small where they are many.

    Args:
        images: (N, H, W, C), N ≥ 1.
        tiles: N captions.
        label, on_pick: as in `map_grid`.
        columns: images in a row (fewer where the window is too narrow for whole pixels); 0: small
            images, as many in a row as fit.
        rows: so many rows should fit on the screen; None: all.
        above: height in CSS pixels of all that stands above them.
    """
    rows = rows or -(-len(images) // max(columns, 1))
    form = {"columns": columns, "rows": rows, "above": above, "sheet": _sheet(images)}
    _show("gallery", key, label, tiles, on_pick, form=form)


def strip(
    thumbnails: Sequence[Thumbnail],
    *,
    key: str,
    label: str,
    boxes: Sequence[int],
    chosen: int | None = None,
    on_pick: Callable[[int], None],
) -> None:
    """Show pictures with two lines each in one row; where even small ones are too many it scrolls.

    Args:
        label, chosen, on_pick: as in `map_grid`.
        boxes: sides of the pictures in pixels, the largest first: the first is taken with which all are
            seen, else the last.
    """
    own = [{"picture": data_url(each.png), "sizes": [[*size] for size in each.sizes]} for each in thumbnails]
    tiles = [each.tile for each in thumbnails]
    _show("strip", key, label, tiles, on_pick, chosen=chosen, own=own, form={"boxes": [*boxes]})


def card(
    png: bytes,
    title: str,
    *,
    key: str,
    size: tuple[int, int],
    small: bool,
    chosen: bool,
    on_pick: Callable[[], None],
) -> None:
    """Show one picture with its title as a button.

    Args:
        size: width and height of the picture in pixels of its own.
        small: also on a wide screen.
    """
    own = [{"picture": data_url(png), "sizes": [[*size]]}]
    place = 0 if chosen else -1
    _show(
        "card", key, title, [Tile(title)], lambda _: on_pick(), chosen=place, own=own, form={"small": small}
    )


def squares(
    tiles: Sequence[Tile],
    fills: Sequence[Fill],
    *,
    key: str,
    label: str,
    chosen: int,
    on_pick: Callable[[int], None],
    legend: tuple[str, Sequence[tuple[str, Fill]]],
) -> None:
    """Show squares with a word each, one row a group, and below what their colours say.

    Args:
        fills: one a tile.
        label, chosen, on_pick: as in `map_grid`.
        legend: its first words, then each entry's.
    """
    before, entries = legend
    own = [{"fill": fill._asdict()} for fill in fills]
    words = [{"text": text, "fill": fill._asdict()} for text, fill in entries]
    form = {"legend": {"before": before, "entries": words}}
    _show("rows", key, label, tiles, on_pick, chosen=chosen, own=own, form=form)


def _show(
    kind: str,
    key: str,
    label: str,
    tiles: Sequence[Tile],
    on_pick: Callable[[int], None] | None,
    *,
    chosen: int | None = None,
    own: Sequence[Form] | None = None,
    form: Form,
) -> None:
    """Draw the component.

    Args:
        kind: one of the forms.
        own: what the tiles have besides their words.
        form: what else that form is told; with "sheet", the picture that all tiles are cut from.
    """
    described = [
        {name: text for name, text in tile._asdict().items() if text}
        | {"name": tile.name or f"{tile.group} {tile.title}"}
        | {"hint": tile.hint or f"{tile.title} {tile.line}".strip()}
        | (own[place] if own else {})
        for place, tile in enumerate(tiles)
    ]

    def clicked() -> None:
        # By name as well as by place: the browser may still show other tiles than those of this run.
        name, place = picked(key) or ("", -1)
        if on_pick and 0 <= place < len(tiles) and described[place]["name"] == name:
            on_pick(place)

    data = {"kind": kind, "label": label, "tiles": described, "chosen": chosen, "sheet": None}
    _tiles(key=key, data=data | {"pick": on_pick is not None} | form, on_picked_change=clicked)


def _sheet(sprite: Sprite | NDArray[np.uint8]) -> Form:
    """A sprite without gaps, or images (N, H, W, C), for the script."""
    if isinstance(sprite, Sprite):
        png, across, width, height = sprite.png, sprite.columns, sprite.tile_width, sprite.tile_height
    else:
        across, (height, width) = int(np.ceil(np.sqrt(len(sprite)))), sprite.shape[1:3]
        png = grid_png(sprite, columns=across, scale=1, gap=0)
    return {"url": data_url(png), "across": across, "width": width, "height": height}
