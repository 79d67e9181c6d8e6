"""A network in figures: a row of blocks, and what each layer costs.

Blocks: side by the size of the maps, thickness by their number. `diagram` is the geometry (NamedTuples of
numbers, in pixels of a nominal width), `diagram_figure` draws it. Colours stand for kinds of layers, the same
in every figure, and are none of the runs' colours; every group is also labelled.
"""

from __future__ import annotations

from math import log2, sqrt
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz import words
from cnnviz.architectures import LayerSummary, NetworkSummary
from cnnviz.figures.theme import SILENT, rgb, text_colour
from cnnviz.specs import AveragePooling2D, Conv2D, MaxPooling2D

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

    @property
    def content(self) -> float:
        """Width of the boxes."""
        last = self.boxes[-1]
        return last.x + last.width + last.depth * _DEPTH_X

    @property
    def text(self) -> float:
        """Width of the label."""
        return _CHARACTER * max(map(len, self.lines)) + 4

    def room(self, labelled_to: int) -> float:
        """Width that the group takes where ranks up to `labelled_to` are labelled."""
        return max(self.content, self.text if self.rank <= labelled_to else 0.0)


def diagram(network: NetworkSummary) -> Diagram:
    """Lay a network out; where the labels need more than `WIDTH`, poolings and thin layers lose theirs."""
    side = max(network.input_shape[:2])
    shape = shape_of(network.input_shape)
    image = Box("image", INPUT, 0.0, *_sides(network.input_shape, side), f"<b>image</b><br>{shape}")
    groups = [_Group((image,), ("image", shape), 0), *(_group(layers, side) for layers in _grouped(network))]
    needed = {rank: sum(group.room(rank) + _GAP for group in groups) for rank in (2, 1, 0)}
    labelled_to = next((rank for rank, width in needed.items() if width <= WIDTH), 0)
    boxes: list[Box] = []
    labels: list[Label] = []
    x, free = 0.0, 0.0
    for group in groups:
        room = group.room(labelled_to)
        left, middle = x + (room - group.content) / 2, x + room / 2
        boxes += [box._replace(x=left + box.x) for box in group.boxes]
        if group.rank <= labelled_to and middle - group.text / 2 >= free - 1:
            labels.append(Label(middle, group.lines))
            free = middle + group.text / 2
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
    first = layers[0]
    equal = sum(layer.type == first.type for layer in layers)
    boxes, x = [], 0.0
    for layer in layers:
        kind, (width, height, depth) = kind_of(layer), _sides(layer.output_shape, side)
        boxes.append(Box(layer.name, kind, x, 4.0 if kind.thin else width, height, depth, hover_text(layer)))
        x += boxes[-1].width + (2 if kind.thin else 5)
    title = title_of(first) if equal == 1 else f"{equal}× {title_of(first)}"
    return _Group(tuple(boxes), (title, shape_of(first.output_shape), *note_of(first)), kind_of(first).rank)


def _sides(shape: tuple[int, ...], side: int) -> tuple[float, float, float]:
    """Width, height and depth of a box for maps of a shape (H, W, channels), or for so many units.

    Args:
        side: of the largest map, which is the tallest.
    """
    if len(shape) == 1:
        return 9.0, min(_TALLEST, 10 + 9 * log2(shape[0])), 0.0
    height, width, channels = shape
    return 5 + 2.4 * log2(channels), _TALLEST * sqrt(height / side), _TALLEST * sqrt(width / side)


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
        cliponaxis=False,
        **SILENT,
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
    frame, spare = text_colour(dark), max(0.0, 0.82 * WIDTH - plan.width) / 2
    figure.update_layout(
        title="Layers from left to right",
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 40, "b": 2},
        shapes=[face for box in plan.boxes for face in _faces(box, frame if box.name == selected else None)],
        xaxis={"visible": False, "range": [-6 - spare, plan.width + 10 + spare], "fixedrange": True},
        yaxis={"visible": False, "range": [-_TALLEST / 2 - 58, _TALLEST / 2 + 20], "fixedrange": True},
        legend={"y": -0.02, "yanchor": "bottom", "font": {"size": 13}},
        legend_itemclick=False,
        legend_itemdoubleclick=False,
        dragmode=False,
        clickmode="event+select",
        hoverdistance=24,
        hoverlabel={"font": {"color": frame}},
    )
    return figure


def clickable(plan: Diagram) -> list[str]:
    """Names of the layers behind the points of the figure's first trace, in order."""
    return [box.name for _, _, box in _targets(plan)]


def _targets(plan: Diagram) -> list[tuple[float, float, Box]]:
    """Unseen points along each block, close enough that one is under every click."""
    targets = []
    for box in plan.boxes:
        rows = max(1, round(box.height / 16))
        for row in range(rows):
            targets.append((box.x + box.width / 2, box.height * ((row + 0.5) / rows - 0.5), box))
    return targets


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


_ROW, _FRAME = 27, 110


class CostBar(NamedTuple):
    """One layer's bar: value, its share of the network's total, and the colour of its kind."""

    name: str
    value: int
    share: float
    colour: str


def cost_bars(network: NetworkSummary, what: str) -> tuple[CostBar, ...]:
    """Bars of `params` or `macs`, in the network's order; layers that have neither are left out."""
    layers = [layer for layer in network.layers if layer.params or layer.macs]
    values = [int(getattr(layer, what)) for layer in layers]
    total = sum(values) or 1
    return tuple(
        CostBar(layer.name, value, value / total, kind_of(layer).colour)
        for layer, value in zip(layers, values, strict=True)
    )


def cost_figure(network: NetworkSummary) -> go.Figure:
    """Two bar charts side by side over the same layers, each bar with its number and share."""
    figure = make_subplots(cols=2, shared_yaxes=True, horizontal_spacing=0.03)
    for column, (what, word) in enumerate((("params", "parameters"), ("macs", "multiply-adds")), start=1):
        bars = cost_bars(network, what)
        longest = max((bar.value for bar in bars), default=1) or 1
        figure.add_bar(
            row=1,
            col=column,
            orientation="h",
            y=[bar.name for bar in bars],
            x=[bar.value for bar in bars],
            marker_color=[bar.colour for bar in bars],
            text=[f"{bar.value:,} · {words.part(bar.share)}" if bar.value else "0" for bar in bars],
            textposition="outside",
            cliponaxis=False,
            showlegend=False,
            hovertemplate=f"<b>%{{y}}</b><br>%{{x:,}} {word}<extra></extra>",
        )
        figure.update_xaxes(
            title=f"{word} of one image" if what == "macs" else word,
            row=1,
            col=column,
            range=[0, 1.56 * longest],
            nticks=5,
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    height = max(300, _ROW * len(cost_bars(network, "params")) + _FRAME)
    figure.update_layout(
        title="Where the cost lies", height=height, bargap=0.25, margin={"t": 44, "b": 48, "r": 8}
    )
    return figure


class Kind(NamedTuple):
    """A kind of layer. `thin` ones hang on to the layer before; `rank` is when a label is left out."""

    title: str
    colour: str
    thin: bool = False
    rank: int = 0


INPUT = Kind("image", "#9AA5AF")
#: Told apart in brightness too; none of them stands for a run.
_KINDS = {
    "Conv2D": Kind("convolution", "#4C8DBF"),
    "MaxPooling2D": Kind("pooling", "#E3B04B", rank=1),
    "AveragePooling2D": Kind("pooling", "#E3B04B", rank=1),
    "GlobalAveragePooling2D": Kind("pooling", "#E3B04B", rank=0),
    "Flatten": Kind("flatten", "#B9C0C6", rank=2),
    "Dense": Kind("dense", "#8B6BB1"),
    "BatchNormalization": Kind("batch normalization", "#3FA58C", thin=True),
    "Activation": Kind("activation", "#C97B9B", thin=True),
    "Dropout": Kind("dropout", "#6B7680", thin=True),
}


def kind_of(layer: LayerSummary) -> Kind:
    """The kind of a layer."""
    return _KINDS[layer.type]


def title_of(layer: LayerSummary) -> str:
    """What a layer is, in two words: `conv 3×3`, `max pool`, `dense`."""
    if isinstance(layer.spec, Conv2D):
        return f"conv {layer.spec.kernel_size}×{layer.spec.kernel_size}"
    if isinstance(layer.spec, MaxPooling2D):
        return "max pool"
    if isinstance(layer.spec, AveragePooling2D):
        return "mean pool"
    if layer.type == "Dense" and layer.name == "softmax":
        return "softmax"
    return {"GlobalAveragePooling2D": "global mean"}.get(layer.type, kind_of(layer).title)


def shade(colour: str, factor: float) -> str:
    """A darker (below 1) or lighter version of a `#rrggbb` colour."""
    return "#" + "".join(f"{min(255, round(channel * factor)):02X}" for channel in rgb(colour))


def shape_of(shape: tuple[int, ...]) -> str:
    """`(6, 6, 64)` → `6×6×64`, `(2304,)` → `2,304`."""
    return f"{shape[0]:,}" if len(shape) == 1 else "×".join(str(side) for side in shape)


def note_of(layer: LayerSummary) -> tuple[str, ...]:
    """What shrinks the maps, beside the kernel: `stride 2`, `valid`."""
    spec = layer.spec
    if isinstance(spec, Conv2D):
        stride = f"stride {spec.strides}" if spec.strides > 1 else ""
        notes = ", ".join(filter(None, (stride, "valid" if spec.padding == "valid" else "")))
        return (notes,) if notes else ()
    if isinstance(spec, MaxPooling2D | AveragePooling2D):
        # 2×2 is what everybody expects, and the shapes show it.
        return (f"{spec.pool_size}×{spec.pool_size}",) if spec.pool_size != 2 else ()
    return ()


def hover_text(layer: LayerSummary) -> str:
    """Everything about a layer, in a few lines."""
    lines = (
        f"<b>{layer.name}</b> · {layer.type}",
        layer.settings,
        f"{shape_of(layer.input_shape)} → {shape_of(layer.output_shape)}",
        f"{layer.params:,} parameters · {layer.macs:,} multiply-adds",
        f"sees {layer.sees}",
    )
    return "<br>".join(filter(None, lines))
