"""Explanations as pictures and curves: heat maps, overlays, deletion and insertion, the way of an ascent.

Pixels are sent one for one and enlarged in the browser, never smoothed. Values for a class are blue and
values against it orange; maps that can't be negative run from dark to light, as feature maps do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image
from plotly.subplots import make_subplots

from cnnviz.figures import maps, theme
from cnnviz.figures.sprites import png_of

Floats = NDArray[np.floating]
Bytes = NDArray[np.uint8]
#: How bright an image is under a map: white stays grey, so that yellow shows on it.
_DIM = 0.65


def limit_of(values: Floats) -> float:
    """The magnitude at the end of the colours: the largest of values of any shape."""
    return float(np.abs(values).max())


def heat_png(values: Floats, *, signed: bool, limit: float, dark: bool) -> bytes:
    """A map (H, W), one pixel a value."""
    return maps.maps_sprite(values[..., None], signed=signed, limit=limit, dark=dark).png


def grey_png(image: Bytes) -> bytes:
    """An image (H, W, C) in dark grey, so that bright colours laid on it can be told from its own."""
    return _png(_dimmed(image))


def image_png(image: Bytes) -> bytes:
    """An image (H, W, 1 or 3), one pixel a pixel."""
    return _png(np.broadcast_to(image, (*image.shape[:2], 3)))


def overlay_png(values: Floats, *, signed: bool, limit: float) -> bytes:
    """A map (H, W) to lay on an image: the weaker a value, the more transparent."""
    return _png(_overlay(values, signed=signed, limit=limit))


def tile_png(image: Bytes, values: Floats, *, signed: bool, limit: float) -> bytes:
    """The image (H, W, C) in dark grey with the map on it."""
    overlay = _overlay(values, signed=signed, limit=limit).astype(np.float32)
    share = overlay[..., 3:] / 255
    mixed = (1 - share) * _dimmed(image) + share * overlay[..., :3]
    return _png(np.rint(mixed).astype(np.uint8))


def faithfulness_figure(
    own: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
    chance: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
    *,
    colour: int = 0,
) -> go.Figure:
    """Deletion and insertion beside each other: solid in the explanation's order, dotted in random order.

    Args:
        own: shares of pixels (K,) and probabilities (K,), for deletion and for insertion.
        chance: the same, mean of random orders.
    """
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.06)
    parts = (("Deletion", "taken away"), ("Insertion", "put in"))
    for place, ((word, change), curve, other) in enumerate(zip(parts, own, chance, strict=True), start=1):
        for (x, y), name, line in (
            (other, "random order", {"color": theme.MUTED, "dash": "dot", "width": 2}),
            (curve, "this explanation", {"color": theme.run_colour(colour), "width": 3}),
        ):
            figure.add_scatter(
                x=x,
                y=y,
                mode="lines",
                name=name,
                showlegend=place == 1,
                hovertemplate=f"%{{x:.0%}} of the pixels {change}: %{{y:.1%}}<extra></extra>",
                line=line,
                fill=None if "dash" in line else "tozeroy",
                row=1,
                col=place,
            )
        area, by_chance = (f"{float(np.trapezoid(y, x)):.3f}" for x, y in (curve, other))
        title = f"pixels {change} · area {area}, random {by_chance}"
        figure.update_xaxes(title=title, tickformat=".2~%", col=place, row=1)
        figure.add_annotation(
            text=word,
            x=0.5,
            xref=f"x{'' if place == 1 else 2} domain",
            y=1.02,
            yref="paper",
            showarrow=False,
            yanchor="bottom",
            font={"size": 16},
        )
    figure.update_yaxes(range=[0, 1.02], tickformat=".2~%")
    figure.update_yaxes(title="probability of the class", col=1, row=1)
    figure.update_layout(height=280, margin={"t": 52, "b": 56}, legend={"y": 1.1})
    return figure


def ascent_figure(scores: Sequence[Floats], names: Sequence[str], raised: str = "score") -> go.Figure:
    """The number that was raised by step; one line a run.

    Args:
        scores: (steps,) of each run.
        raised: what the number is, for the axis.
    """
    figure = go.Figure()
    for place, (values, name) in enumerate(zip(scores, names, strict=True)):
        figure.add_scatter(
            x=np.arange(len(values)),
            y=values,
            mode="lines",
            name=name,
            showlegend=len(scores) > 1,
            line={"color": theme.run_colour(place), "dash": theme.run_dash(place), "width": 3},
            hovertemplate="step %{x}: %{y:.3g}<extra></extra>",
        )
    figure.update_layout(height=240, xaxis_title="step", yaxis_title=raised, margin={"t": 24, "b": 52})
    return figure


def _overlay(values: Floats, *, signed: bool, limit: float) -> Bytes:
    """Colours (H, W, 4) whose opacity grows with the magnitude."""
    share = np.clip(values / limit, -1, 1) if limit else np.zeros(values.shape)
    if signed:
        against, towards = (theme.rgb(theme.DIVERGING_DARK[end][1]) for end in (0, -1))
        colours = np.where(share[..., None] < 0, against, towards)
    else:
        palette = maps.palette(False)
        colours = palette[np.rint((0.5 + 0.5 * np.abs(share)) * (maps.LEVELS - 1)).astype(int)]
    return np.dstack([colours, np.rint(255 * np.abs(share))]).astype(np.uint8)


def _dimmed(image: Bytes) -> Bytes:
    """Brightness (H, W, 3), made darker."""
    weights = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as Pillow's "L"
    grey = image @ weights if image.shape[2] == 3 else image[..., 0].astype(np.float64)
    return np.rint(_DIM * grey).astype(np.uint8)[..., None].repeat(3, axis=2)


def _png(pixels: Bytes) -> bytes:
    return png_of(Image.fromarray(pixels))
