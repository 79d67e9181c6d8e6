"""A network as a row of blocks: side by the size of the maps, thickness by their number.

`diagram` is the geometry (NamedTuples of numbers, in pixels of a nominal width), `diagram_figure` draws
it. Colours stand for kinds of layers and are none of the runs' colours; every group is also labelled.
"""

from __future__ import annotations

from math import log2, sqrt
from typing import NamedTuple

import plotly.graph_objects as go

from cnnviz.architectures import LayerSummary, NetworkSummary
from cnnviz.figures.architecture_kinds import INPUT, Kind, kind_of, shade, title_of
from cnnviz.figures.architecture_words import hover_text, note_of, shape_of
from cnnviz.figures.theme import text_colour

#: Pixels for which the labels are laid out: the page at 1280 pixels with its sidebar.
WIDTH, HEIGHT = 860, 236
_TALLEST, _GAP, _CHARACTER = 118.0, 9.0, 7.6
_DEPTH_X, _DEPTH_Y = 0.16, 0.12


class Box(NamedTuple):
    """One layer: left edge and size of its front face, `depth` of the slanted faces (0: flat)."""

    name: str
    kind: Kind
    x: float
    width: float
    height: float
    depth: float
    hover: str


class Label(NamedTuple):
    """Lines under a group of layers, around x."""

    x: float
    lines: tuple[str, ...]


class Diagram(NamedTuple):
    """All that is drawn, from left to right, `width` pixels wide."""

    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    legend: tuple[Kind, ...]  # kinds that have no label of their own
    width: float


class _Group(NamedTuple):
    """Layers that stand close together under one label: equal ones and the thin ones after them."""

    boxes: tuple[Box, ...]
    lines: tuple[str, ...]
    rank: int  # 0: always labelled; higher ranks lose their label first

    def content(self) -> float:
        last = self.boxes[-1]
        return last.x + last.width + last.depth * _DEPTH_X

    def room(self, labelled_to: int) -> float:
        return max(self.content(), self.text() if self.rank <= labelled_to else 0.0)

    def text(self) -> float:
        return _CHARACTER * max(len(line) for line in self.lines) + 4


def diagram(network: NetworkSummary) -> Diagram:
    """Lay a network out; where the labels need more than `WIDTH`, poolings and thin layers lose theirs."""
    side = max(network.input_shape[:2])
    groups = [_image(network, side), *(_group(layers, side) for layers in _grouped(network))]
    labelled_to = next((rank for rank in (2, 1, 0) if _total(groups, rank) <= WIDTH), 0)
    return _placed(groups, labelled_to)


def _total(groups: list[_Group], labelled_to: int) -> float:
    return sum(group.room(labelled_to) + _GAP for group in groups)


def _placed(groups: list[_Group], labelled_to: int) -> Diagram:
    boxes: list[Box] = []
    labels: list[Label] = []
    x, free = 0.0, 0.0
    for group in groups:
        room = group.room(labelled_to)
        left = x + (room - group.content()) / 2
        boxes += [box._replace(x=left + box.x) for box in group.boxes]
        middle = x + room / 2
        if group.rank <= labelled_to and middle - group.text() / 2 >= free - 1:
            labels.append(Label(middle, group.lines))
            free = middle + group.text() / 2
        x += room + _GAP
    unlabelled = {box.kind: None for box in boxes if box.kind.thin or box.kind.rank > labelled_to}
    return Diagram(tuple(boxes), tuple(labels), tuple(unlabelled), x - _GAP)


def _grouped(network: NetworkSummary) -> list[list[LayerSummary]]:
    groups: list[list[LayerSummary]] = []
    for layer in network.layers:
        first = groups[-1][0] if groups else None
        equal = first is not None and (
            (layer.type, layer.settings, layer.output_shape)
            == (first.type, first.settings, first.output_shape)
        )
        if groups and (kind_of(layer).thin or (equal and layer.type == "Conv2D")):
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return groups


def _group(layers: list[LayerSummary], side: int) -> _Group:
    first, kind = layers[0], kind_of(layers[0])
    equal = sum(layer.type == first.type for layer in layers)
    boxes, x = [], 0.0
    for layer in layers:
        box = _box(layer, side)._replace(x=x)
        boxes.append(box)
        x += box.width + (2 if kind_of(layer).thin else 5)
    title = title_of(first) if equal == 1 else f"{equal}× {title_of(first)}"
    lines = (title, shape_of(first.output_shape), *note_of(first))
    return _Group(tuple(boxes), lines, kind.rank)


def _image(network: NetworkSummary, side: int) -> _Group:
    height, width, channels = network.input_shape
    box = Box(
        "image",
        INPUT,
        0.0,
        _thickness(channels),
        _tall(height, side),
        _tall(width, side),
        f"<b>image</b><br>{shape_of(network.input_shape)}",
    )
    return _Group((box,), ("image", shape_of(network.input_shape)), 0)


def _box(layer: LayerSummary, side: int) -> Box:
    kind, shape = kind_of(layer), layer.output_shape
    if len(shape) == 1:
        tall, deep, thick = min(_TALLEST, 10 + 9 * log2(shape[0])), 0.0, 9.0
    else:
        tall, deep, thick = _tall(shape[0], side), _tall(shape[1], side), _thickness(shape[2])
    return Box(layer.name, kind, 0.0, 4.0 if kind.thin else thick, tall, deep, hover_text(layer))


def _tall(side: int, largest: int) -> float:
    return _TALLEST * sqrt(side / largest)


def _thickness(channels: int) -> float:
    return 5 + 2.4 * log2(channels)


def diagram_figure(plan: Diagram, *, selected: str | None = None, dark: bool = False) -> go.Figure:
    """Draw the blocks; the selected layer is framed. Points of the first trace: `clickable(plan)`."""
    figure = go.Figure()
    points = _targets(plan)
    figure.add_scatter(
        x=[x for x, _, _ in points],
        y=[y for _, y, _ in points],
        mode="markers",
        marker={"size": 16, "opacity": 0, "color": "#888888"},
        hovertext=[box.hover for *_, box in points],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )
    figure.add_scatter(
        x=[label.x for label in plan.labels],
        y=[-_TALLEST / 2 - 6] * len(plan.labels),
        mode="text",
        text=["<br>".join([f"<b>{label.lines[0]}</b>", *label.lines[1:]]) for label in plan.labels],
        textposition="bottom center",
        textfont={"size": 13},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    for kind in plan.legend:
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=kind.title,
            hoverinfo="skip",
            marker={"symbol": "square", "size": 12, "color": kind.colour},
        )
    frame = text_colour(dark)
    figure.update_layout(
        title="Layers from left to right",
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 40, "b": 2},
        shapes=[face for box in plan.boxes for face in _faces(box, frame if box.name == selected else None)],
        xaxis={"visible": False, "range": _span(plan.width), "fixedrange": True},
        yaxis={"visible": False, "range": [-_TALLEST / 2 - 58, _TALLEST / 2 + 20], "fixedrange": True},
        legend={
            "y": -0.02,
            "yanchor": "bottom",
            "font": {"size": 13},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        dragmode=False,
        clickmode="event+select",
        hoverdistance=24,
        hoverlabel={"font": {"color": frame}},
    )
    return figure


def clickable(plan: Diagram) -> list[str]:
    """Names of the layers behind the points of the figure's first trace, in order."""
    return [box.name for _, _, box in _targets(plan)]


def _span(width: float) -> list[float]:
    spare = max(0.0, 0.82 * WIDTH - width) / 2
    return [-6 - spare, width + 10 + spare]


def _targets(plan: Diagram) -> list[tuple[float, float, Box]]:
    """Unseen points along each block, close enough that one is under every click."""
    found = []
    for box in plan.boxes:
        rows = max(1, round(box.height / 16))
        for row in range(rows):
            found.append((box.x + box.width / 2, box.height * ((row + 0.5) / rows - 0.5), box))
    return found


def _faces(box: Box, frame: str | None) -> list[dict[str, object]]:
    """Side, top and front face as SVG paths."""
    left, right, low, high = box.x, box.x + box.width, -box.height / 2, box.height / 2
    dx, dy = box.depth * _DEPTH_X, box.depth * _DEPTH_Y
    line = {"color": frame or shade(box.kind.colour, 0.72), "width": 3 if frame else 1}
    corners = [((left, low), (right, low), (right, high), (left, high), box.kind.colour)]
    if box.depth:
        side = ((right, low), (right + dx, low + dy), (right + dx, high + dy), (right, high))
        top = ((left, high), (right, high), (right + dx, high + dy), (left + dx, high + dy))
        corners = [(*side, shade(box.kind.colour, 0.78)), (*top, shade(box.kind.colour, 1.18)), *corners]
    return [
        {
            "type": "path",
            "path": "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in face) + "Z",
            "fillcolor": colour,
            "line": line,
            "layer": "below",
        }
        for *face, colour in corners
    ]
