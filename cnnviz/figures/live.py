"""The live curves of one training, as an ECharts option.

Everything else is drawn by plotly; this one chart is not, because the browser remounts a plotly chart
at every change of its data (zoom lost, flicker), while a keyed ECharts chart is updated in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from cnnviz.figures.theme import CATEGORICAL, FONT

Metric = Literal["accuracy", "loss"]
#: More points than this are not seen on any screen, and cost time on every refresh.
_MOST_POINTS = 200
_TITLES = {"accuracy": "Accuracy (%)", "loss": "Loss (cross-entropy)"}


def live_option(
    epochs: Sequence[dict[str, Any]],
    batches: Sequence[dict[str, Any]],
    metric: Metric,
    total_epochs: int,
    colour: str = CATEGORICAL[0],
) -> dict[str, Any]:
    """Training (dotted; thin within the epochs) and validation (solid) in the run's colour.

    Args:
        epochs: lines of `epochs.jsonl`.
        batches: lines of `batches.jsonl`; each is the mean of its epoch so far.
        total_epochs: right end of the axis.
    Returns:
        An ECharts option; shares are in percent.
    """
    within = [
        (line["epoch"] - 1 + line["batch"] / max(line["batches"], 1), _scaled(line.get(metric), metric))
        for line in thin(batches, _MOST_POINTS)
    ]
    shown = thin(epochs, _MOST_POINTS)
    ends = [(line["epoch"], _scaled(line.get(metric), metric)) for line in shown]
    validation = [(line["epoch"], _scaled(line.get(f"val_{metric}"), metric)) for line in shown]
    series = [
        _line("training, within the epoch", within, colour, width=1, opacity=0.45, symbol="none"),
        _line("training", ends, colour, kind="dotted", symbol="circle"),
    ]
    if any(value is not None for _, value in validation):
        series.append(_line("validation", validation, colour, symbol="diamond"))
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT, "fontSize": 14},
        "title": {"text": _TITLES[metric], "left": 0, "top": 6,
                  "textStyle": {"fontSize": 17, "fontWeight": 600}},
        "legend": {"right": 8, "top": 8, "data": [line["name"] for line in series[1:]], "itemWidth": 28},
        "grid": {"left": 56, "right": 20, "top": 48, "bottom": 6},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "name": "epoch", "nameLocation": "middle", "nameGap": 28,
                  "min": 0, "max": total_epochs, "minInterval": 1, "splitLine": {"show": False}},
        "yAxis": {"type": "value", "scale": True, **({"max": 100} if metric == "accuracy" else {"min": 0})},
        "series": series,
    }  # fmt: skip


def thin(lines: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most `most` of the lines, evenly spread, the last one always among them."""
    if len(lines) <= most:
        return list(lines)
    step = -(-len(lines) // most)
    return list(lines[-1::-step])[::-1]


def _scaled(value: float | None, metric: Metric) -> float | None:
    if value is None:
        return None
    return round(100 * value, 2) if metric == "accuracy" else round(value, 5)


def _line(
    name: str, points: Sequence[tuple[float, float | None]], colour: str, *,
    width: float = 2.5, opacity: float = 1.0, kind: str = "solid", symbol: str,
) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name, "type": "line", "data": [list(point) for point in points], "color": colour,
        "symbol": symbol, "symbolSize": 7, "showSymbol": symbol != "none", "z": 3 if width > 1 else 2,
        "lineStyle": {"width": width, "type": kind, "opacity": opacity, "color": colour},
    }  # fmt: skip
