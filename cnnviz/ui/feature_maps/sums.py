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
Inputs = Callable[[int], str]


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
    looked = shown.looked
    question = WorkOut(looked.weights, looked.image, shown.layer.name, depth, at)
    st.html(_written(ask(question), _before(shown)))


def _before(shown: Shown) -> str:
    """Name of the layer whose maps the shown layer takes."""
    names = shown.looked.names
    return names[names.index(shown.layer.name) - 1]


def _written(found: Working, before: str) -> str:
    if isinstance(found, ConvolutionSum):
        return _convolution(found, before)
    if isinstance(found, UnitSum):
        return _unit(found)
    if isinstance(found, PoolingWindow):
        return _pooling(found, before)
    if isinstance(found, NormalizedValue):
        return _normalized(found)
    if isinstance(found, MapMean):
        total = _number(found.total, 4)
        return _line(
            f"sum of the map's {found.size:,} values {total} / {found.size:,} = {_result(found.value)}"
        )
    given, word = _number(found.given, 4), activation_word(found.activation)
    return _line(f"{given} → {word} → {_result(found.value)}")


def _convolution(found: ConvolutionSum, before: str) -> str:
    rounded = _rounding(one.total for one in found.channels)
    names = ("grey",) if len(found.channels) == 1 else _COLOURS

    def name(at: int) -> str:
        return names[at] if before == IMAGE else f"map {at + 1}"

    blocks = "".join(_channel(one, found, name, rounded) for one in found.channels)
    terms = [f"{rounded(one.total)} <small>{name(one.position)}</small>" for one in found.channels]
    if found.others:
        terms.append(f"{rounded(found.others_total)} <small>the other {found.others:,} maps together</small>")
    if found.bias is not None:
        terms.append(f"{rounded(found.bias)} <small>bias</small>")
    return f'<div class="cnnviz-sum">{blocks}</div>' + _ended(
        terms, found.before, found.activation, found.value
    )


def _channel(one: Channel, found: ConvolutionSum, name: Inputs, rounded: Callable[[float], str]) -> str:
    result = f"{name(one.position)} · kernel = <b>{rounded(one.total)}</b>"
    heading = f"<figcaption>{result}</figcaption>"
    if one.window.shape[0] > _WIDEST:
        return f"<figure>{heading}{_products(one)}</figure>"
    window = _table(one.window, found.inside, signed=bool((one.window < 0).any()))
    kernel = _table(one.weights, np.ones_like(found.inside), signed=True)
    return f"<figure>{heading}<div class='row'>{window}<span>·</span>{kernel}</div></figure>"


def _products(one: Channel) -> str:
    """The strongest products of a wide window, and the rest together."""
    products = one.window.astype(float) * one.weights
    order = np.argsort(-np.abs(products), axis=None)[:_MOST_PRODUCTS]
    lines = [
        f"row {r + 1}, column {c + 1}: {_number(float(one.window[r, c]))} · "
        f"{_number(float(one.weights[r, c]))} = {_number(float(products[r, c]))}"
        for r, c in zip(*np.unravel_index(order, products.shape), strict=True)
    ]
    rest = one.total - float(products.flat[order].sum())
    lines.append(f"the other {products.size - len(order)} products together: {_number(rest)}")
    return f"<div>{'<br>'.join(lines)}</div>"


def _unit(found: UnitSum) -> str:
    rounded = _rounding(part.product for part in found.parts)
    rows = "".join(
        f"<tr><td>{_source(found, part.position)}</td><td>{_number(part.given)}</td><td>·</td>"
        f"<td>{_number(part.weight)}</td><td>=</td><td>{rounded(part.product)}</td></tr>"
        for part in found.parts
    )
    listed = sum(part.product for part in found.parts)
    terms = [f"{rounded(listed)} <small>these {len(found.parts)}</small>"]
    if found.others:
        terms.append(
            f"{rounded(found.others_total)} <small>the other {found.others:,} inputs together</small>"
        )
    if found.bias is not None:
        terms.append(f"{rounded(found.bias)} <small>bias</small>")
    table = f'<table class="cnnviz-parts">{rows}</table>'
    if found.exponentials is None:
        return table + _ended(terms, found.before, found.activation, found.value)
    before = _number(found.before, 4)
    last = (
        f"e<sup>{before}</sup> / {_number(found.exponentials, 4)} "
        f"<small>the sum of e<sup>x</sup> over all classes</small> = {_result(found.value)}"
    )
    return table + _line(f"{_sum(terms)} = {before} → softmax → {last}")


def _source(found: UnitSum, position: int) -> str:
    where = html.escape(found.source or IMAGE)
    if len(found.source_shape) == 1:
        return f"unit {position + 1:,} of {where}"
    row, column, depth = np.unravel_index(position, found.source_shape)
    return f"map {depth + 1} of {where}, row {row + 1}, column {column + 1}"


def _pooling(found: PoolingWindow, before: str) -> str:
    best, count = found.kind == "max", int(found.inside.sum())
    if found.window.shape[0] > _WIDEST:
        window = f"<span>{count:,} values of {html.escape(before)}</span>"
    else:
        window = _table(found.window, found.inside, signed=bool((found.window < 0).any()), best=best)
    what = "the largest" if best else f"the mean of {words.plural(count, 'value')}"
    figure = f"<figure><div class='row'>{window}<span>{what}: {_result(found.value)}</span></div></figure>"
    return f'<div class="cnnviz-sum">{figure}</div>'


def _normalized(found: NormalizedValue) -> str:
    n = _number
    inner = _sum([n(found.given), f"{n(-found.mean)} <small>mean</small>"])
    below = f"√({n(found.variance)} <small>variance</small> + {found.epsilon:g})"
    terms = [
        f"{n(found.scale)} <small>scale</small> · ({inner}) / {below}",
        f"{n(found.shift)} <small>shift</small>",
    ]
    return _line(f"{_sum(terms)} = {_result(found.value)}")


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


def _number(value: float, digits: int = 3) -> str:
    return words.significant(value, digits).replace("-", "−")


def _result(value: float) -> str:
    return f"<b>{_number(value, 4)}</b>"


def _rounding(values: Iterable[float], digits: int = 3) -> Callable[[float], str]:
    """Write numbers of one sum with the same decimals: so many digits of the largest."""
    largest = max((abs(value) for value in values), default=0.0)
    places = min(max(digits - 1 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else 2
    return lambda value: f"{round(value, places) + 0.0:,.{places}f}".replace("-", "−")  # no minus before 0


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
