"""One look for all figures: two plotly templates, and the colours with their meanings.

Categorical colours stand for runs; sequential ones for counts and shares; diverging ones, around 0,
for weights and signed responses; grey for what is not chosen.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from numpy.typing import NDArray

LIGHT, DARK = "cnnviz-light", "cnnviz-dark"
FONT = '"Source Sans", "Source Sans 3", system-ui, sans-serif'

#: For runs. Okabe and Ito 2008, "Color universal design": distinct in the common colour deficiencies.
CATEGORICAL = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
#: What tells runs apart without colour, in the same order.
DASHES = ("solid", "dash", "longdash", "dashdot", "longdashdot", "dot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
Scale = Sequence[tuple[float, str]]
#: Counts and shares: one hue, light to dark.
SEQUENTIAL = ((0.0, "#F4F8FB"), (0.25, "#BFD9EA"), (0.5, "#7FB2D5"), (0.75, "#2F7FB5"), (1.0, "#0B3C63"))
#: Dark throughout: a number written on any of it in white keeps a contrast of 4.5.
SEQUENTIAL_DARK = ((0.0, "#151C23"), (0.25, "#173A56"), (0.5, "#1C5582"), (0.75, "#22679C"), (1.0, "#2879B5"))
#: Signed values around 0: orange below, blue above.
DIVERGING = ((0.0, "#B34700"), (0.25, "#F0A868"), (0.5, "#F7F7F5"), (0.75, "#79B4D9"), (1.0, "#005A8F"))
DIVERGING_DARK = ((0.0, "#FFA45C"), (0.25, "#9A4A10"), (0.5, "#1B2128"), (0.75, "#1A5E8C"), (1.0, "#6FC1F5"))
#: What is not chosen.
MUTED = "#8A9199"
#: Right and wrong, distinct in brightness too.
CORRECT, WRONG = "#009E73", "#D55E00"

_PAPER = {LIGHT: "#FFFFFF", DARK: "#12161B"}
_TEXT = {LIGHT: "#1C2127", DARK: "#E6EAEE"}
_SOFT = {LIGHT: "#5A646E", DARK: "#A3ADB7"}
_GRID = {LIGHT: "#E6EAED", DARK: "#2A323A"}
_MAPS = {LIGHT: (SEQUENTIAL, DIVERGING), DARK: (SEQUENTIAL_DARK, DIVERGING_DARK)}


def run_colour(index: int) -> str:
    """Colour of the `index`-th run on a page, counted from 0; repeats after six."""
    return CATEGORICAL[index % len(CATEGORICAL)]


def run_dash(index: int) -> str:
    """Dash that goes with `run_colour`."""
    return DASHES[index % len(DASHES)]


def run_symbol(index: int) -> str:
    """Marker that goes with `run_colour`; hollow where the colours have come round once."""
    return SYMBOLS[index % len(SYMBOLS)] + ("-open" if index // len(SYMBOLS) % 2 else "")


def template(dark: bool) -> str:
    """Name of the registered template for a theme."""
    return DARK if dark else LIGHT


def text_colour(dark: bool) -> str:
    """Colour of text in a theme; for annotations that must not follow a trace's colour."""
    return _TEXT[template(dark)]


#: A remark written into a figure: `figure.add_annotation(x=…, y=…, text=…, **REMARK)`.
REMARK: dict[str, Any] = {"showarrow": False, "font": {"size": 13, "color": MUTED}}
#: For traces that are only seen.
SILENT: dict[str, Any] = {"hoverinfo": "skip", "showlegend": False}


def titled(text: str, note: str = "") -> dict[str, Any]:
    """A figure's title, with a remark in small letters below it."""
    return {"text": text, "subtitle": {"text": note, "font": REMARK["font"]}} if note else {"text": text}


def spread(values: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> dict[str, Any]:
    """Lines from `lows` to `highs` through `values`, for the `error_x` or `error_y` of a trace."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for value, high in zip(values, highs, strict=True)],
        "arrayminus": [value - low for value, low in zip(values, lows, strict=True)],
        "thickness": 2,
        "width": 5,
    }


def rgb(colour: str) -> tuple[int, int, int]:
    """`#0072B2` → `(0, 114, 178)`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def colours_at(scale: Scale, places: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """Colours of a scale at places between its ends, as Plotly mixes them.

    Args:
        places: any shape; in 0–1 for the scales above.
    Returns:
        float64, shape (*places.shape, 3): red, green and blue in 0–255.
    """
    stops, colours = [stop for stop, _ in scale], np.array([rgb(colour) for _, colour in scale], float)
    return np.stack([np.interp(places, stops, channel) for channel in colours.T], axis=-1)


def letters(name: str) -> str:
    """A name for Plotly's texts and templates: letter by letter, line by line.

    They read some HTML and drop the rest, and put values in the place of `%{x}`.
    """
    return html.escape(name, quote=False).replace("%{", "%&#123;").replace("\n", "<br>")


def luminance(colour: Sequence[float] | NDArray[np.floating]) -> float:
    """Relative luminance of red, green and blue (3,) in 0–255: 0 (black) to 1 (white).

    Source: WCAG 2.2, "relative luminance".
    """
    shares = np.asarray(colour) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def ink(colour: Sequence[float] | NDArray[np.floating]) -> str:
    """Black or white, whichever is read better on a colour; the contrast is never below 4.58 : 1."""
    # At this luminance both are read equally well.
    return "#000000" if luminance(colour) > 0.179 else "#FFFFFF"


def _template(name: str) -> go.layout.Template:
    sequential, diverging = _MAPS[name]
    axis = {
        "gridcolor": _GRID[name],
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "title": {"font": {"size": 15, "color": _SOFT[name]}, "standoff": 8},
        "tickfont": {"size": 14, "color": _SOFT[name]},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 15, "color": _TEXT[name]},
            "title": {
                "x": 0,
                "xref": "container",
                "xanchor": "left",
                "y": 0.97,
                "yanchor": "top",
                "pad": {"l": 4},
                "font": {"size": 18},
            },
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 64, "r": 24, "t": 52, "b": 52},
            "height": 360,
            "colorway": list(CATEGORICAL),
            "colorscale": {
                "sequential": [list(stop) for stop in sequential],
                "diverging": [list(stop) for stop in diverging],
            },
            "xaxis": axis,
            "yaxis": axis,
            "hovermode": "closest",
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": _SOFT[name], "activecolor": _TEXT[name]},
            "hoverlabel": {
                "font": {"family": FONT, "size": 14, "color": _TEXT[name]},
                "bgcolor": _PAPER[name],
                "bordercolor": _GRID[name],
            },
            "legend": {
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 1,
                "xanchor": "right",
                "font": {"size": 14},
            },
        }
    )


for _name in (LIGHT, DARK):
    pio.templates[_name] = _template(_name)
