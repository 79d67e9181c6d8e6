"""Feature maps page: the sum that made one number, written out with its numbers."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.architectures.arithmetic import activation_word
from cnnviz.inspection.layers import Floats
from cnnviz.inspection.questions import WorkOut
from cnnviz.inspection.workings import (
    Channel,
    ConvolutionSum,
    MapMean,
    NormalizedValue,
    PoolingWindow,
    UnitSum,
    Working,
)
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps.layer_choice import Shown, chosen_map
from cnnviz.ui.feature_maps.subjects import IMAGE

#: Wider windows are told by their strongest products: nobody reads a table of a hundred numbers.
_WIDEST, _MOST_PRODUCTS = 7, 8
_COLOURS = ("red", "green", "blue")
_number = words.significant


def render(shown: Shown, at: tuple[int, int] | None) -> None:
    """The sum behind the number at `at` (row, column) of the chosen map, or behind the chosen unit.

    Raises:
        CnnvizError: the network can't be asked.
    """
    depth = chosen_map(shown.layer)
    if shown.layer.name == IMAGE:
        assert at
        byte = int(shown.looked.image[(*at, depth)])
        st.html(_line(f"{byte} of 255 = <b>{_number(byte / 255)}</b>"))
        return
    looked, layer = shown.looked, shown.layer.name
    before = looked.names[looked.names.index(layer) - 1]  # the layer whose maps this one takes
    st.html(_written(ask(WorkOut(looked.weights, looked.image, layer, depth, at)), before))


def _written(working: Working, before: str) -> str:
    match working:
        case ConvolutionSum():
            return _convolution(working, before)
        case UnitSum():
            return _unit(working)
        case PoolingWindow():
            return _pooling(working, before)
        case NormalizedValue():
            return _normalized(working)
        case MapMean(total=total, size=size, value=value):
            return _line(
                f"sum of the map's {size:,} values {_number(total, 4)} / {size:,} = {_result(value)}"
            )
    given, word = _number(working.given, 4), activation_word(working.activation)
    return _line(f"{given} → {word} → {_result(working.value)}")


def _convolution(working: ConvolutionSum, before: str) -> str:
    rounded = _rounding(channel.total for channel in working.channels)
    colours = ("grey",) if len(working.channels) == 1 else _COLOURS

    def name(at: int) -> str:
        return colours[at] if before == IMAGE else f"map {at + 1}"

    blocks, terms = "", []
    for channel in working.channels:
        heading = f"{name(channel.position)} · kernel = <b>{rounded(channel.total)}</b>"
        if channel.window.shape[0] > _WIDEST:
            body = _products(channel)
        else:
            window = _table(channel.window, working.inside, signed=bool((channel.window < 0).any()))
            kernel = _table(channel.weights, np.ones_like(working.inside), signed=True)
            body = f"<div class='row'>{window}<span>·</span>{kernel}</div>"
        blocks += f"<figure><figcaption>{heading}</figcaption>{body}</figure>"
        terms.append(f"{rounded(channel.total)} <small>{name(channel.position)}</small>")
    terms += _rest(working, rounded, "maps")
    sentence = _ended(terms, working.before, working.activation, working.value)
    return f'<div class="cnnviz-sum">{blocks}</div>{sentence}'


def _rest(working: ConvolutionSum | UnitSum, rounded: Callable[[float], str], what: str) -> list[str]:
    """The terms that are not listed one by one, together; and the bias."""
    terms = []
    if working.others:
        terms.append(
            f"{rounded(working.others_total)} <small>the other {working.others:,} {what} together</small>"
        )
    if working.bias is not None:
        terms.append(f"{rounded(working.bias)} <small>bias</small>")
    return terms


def _products(channel: Channel) -> str:
    """The strongest products of a wide window, and the rest together."""
    products = channel.window.astype(float) * channel.weights
    order = np.argsort(-np.abs(products), axis=None)[:_MOST_PRODUCTS]
    lines = [
        f"row {r + 1}, column {c + 1}: {_number(float(channel.window[r, c]))} · "
        f"{_number(float(channel.weights[r, c]))} = {_number(float(products[r, c]))}"
        for r, c in zip(*np.unravel_index(order, products.shape), strict=True)
    ]
    rest = channel.total - float(products.flat[order].sum())
    lines.append(f"the other {products.size - len(order)} products together: {_number(rest)}")
    return f"<div>{'<br>'.join(lines)}</div>"


def _unit(working: UnitSum) -> str:
    rounded = _rounding(part.product for part in working.parts)
    where, rows = html.escape(working.source or IMAGE), ""
    for part in working.parts:
        source = f"unit {part.position + 1:,} of {where}"
        if len(working.source_shape) > 1:
            row, column, depth = np.unravel_index(part.position, working.source_shape)
            source = f"map {depth + 1} of {where}, row {row + 1}, column {column + 1}"
        cells = (source, _number(part.given), "·", _number(part.weight), "=", rounded(part.product))
        rows += f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    listed = rounded(sum(part.product for part in working.parts))
    terms = [f"{listed} <small>these {len(working.parts)}</small>", *_rest(working, rounded, "inputs")]
    table = f'<table class="cnnviz-parts">{rows}</table>'
    if working.exponentials is None:
        return table + _ended(terms, working.before, working.activation, working.value)
    before = _number(working.before, 4)
    last = (
        f"e<sup>{before}</sup> / {_number(working.exponentials, 4)} "
        f"<small>the sum of e<sup>x</sup> over all classes</small> = {_result(working.value)}"
    )
    return table + _line(f"{_sum(terms)} = {before} → softmax → {last}")


def _pooling(working: PoolingWindow, before: str) -> str:
    best, count = working.kind == "max", int(working.inside.sum())
    if working.window.shape[0] > _WIDEST:
        window = f"<span>{count:,} values of {html.escape(before)}</span>"
    else:
        window = _table(working.window, working.inside, signed=bool((working.window < 0).any()), best=best)
    what = "the largest" if best else f"the mean of {words.plural(count, 'value')}"
    figure = f"<figure><div class='row'>{window}<span>{what}: {_result(working.value)}</span></div></figure>"
    return f'<div class="cnnviz-sum">{figure}</div>'


def _normalized(working: NormalizedValue) -> str:
    n = _number
    inner = _sum([n(working.given), f"{n(-working.mean)} <small>mean</small>"])
    below = f"√({n(working.variance)} <small>variance</small> + {working.epsilon:g})"
    terms = [
        f"{n(working.scale)} <small>scale</small> · ({inner}) / {below}",
        f"{n(working.shift)} <small>shift</small>",
    ]
    return _line(f"{_sum(terms)} = {_result(working.value)}")


def _ended(terms: list[str], before: float, activation: str, value: float) -> str:
    if activation == "linear":
        return _line(f"{_sum(terms)} = {_result(value)}")
    middle = _number(before, 4)
    return _line(f"{_sum(terms)} = {middle} → {activation_word(activation)} → {_result(value)}")


def _sum(terms: list[str]) -> str:
    """`0.1 + 0.2 − 0.3`: a minus takes the plus's place."""
    return terms[0] + "".join(
        f" − {term.removeprefix('−')}" if term.startswith("−") else f" + {term}" for term in terms[1:]
    )


def _line(text: str) -> str:
    return f'<p class="cnnviz-line">{text}</p>'


def _result(value: float) -> str:
    return f"<b>{_number(value, 4)}</b>"


def _rounding(values: Iterable[float], digits: int = 3) -> Callable[[float], str]:
    """Write numbers of one sum with the same decimals: so many digits of the largest."""
    largest = max((abs(value) for value in values), default=0.0)
    places = min(max(digits - 1 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else 2
    return lambda value: words.minus(f"{round(value, places) + 0.0:,.{places}f}")  # no minus before 0


def _table(values: Floats, inside: NDArray[np.bool_], *, signed: bool, best: bool = False) -> str:
    """Numbers on a ground that grows with them: grey, or blue above and orange below 0."""
    high = float(np.abs(values).max()) or 1.0
    rounded = _rounding(map(float, values.flat), digits=2)
    top = float(values[inside].max()) if best and inside.any() else None
    rows = "".join(
        "<tr>"
        + "".join(
            _entry(float(v), bool(known), rounded, high, signed, top) for v, known in zip(*line, strict=True)
        )
        + "</tr>"
        for line in zip(values, inside, strict=True)
    )
    return f"<table>{rows}</table>"


def _entry(
    value: float, known: bool, rounded: Callable[[float], str], high: float, signed: bool, top: float | None
) -> str:
    if not known:
        return '<td class="outside" title="in the padding">0</td>'
    ground = ("0,114,178" if value > 0 else "213,94,0") if signed else "128,128,128"
    mark = ' class="best"' if value == top else ""
    return f'<td{mark} style="background:rgba({ground},{0.45 * abs(value) / high:.2f})">{rounded(value)}</td>'
