"""Architecture page, second view: the sidebar's network beside another one, differences marked."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping

import streamlit as st

from cnnviz.architectures import (
    ARCHITECTURES,
    ArchitectureEntry,
    ComparisonRow,
    LayerSummary,
    NetworkSummary,
    compare,
    explained,
    make,
    parameter_values,
)
from cnnviz.errors import SpecError
from cnnviz.figures.architecture_figures import kind_of, shape_of
from cnnviz.specs import ArchitectureSpec, Setting
from cnnviz.ui import cache, linked, run_labels, show
from cnnviz.ui.architecture.architecture_page import Subject

OTHER_KEY = "other"
_STYLE = """
<style>
  .cnnviz-pair { border-collapse: collapse; width: 100%; font-size: 0.92rem; line-height: 1.3; }
  .cnnviz-pair th, .cnnviz-pair td { padding: 0.15rem 0.55rem; text-align: left; white-space: nowrap;
    border-bottom: 1px solid rgba(128,128,128,0.25); font-variant-numeric: tabular-nums; }
  .cnnviz-pair th { font-weight: 500; opacity: 0.75; }
  .cnnviz-pair th.name { font-weight: 650; opacity: 1; white-space: normal; }
  .cnnviz-pair .n { text-align: right; position: relative; }
  .cnnviz-pair .edge { border-left: 2px solid rgba(128,128,128,0.45); }
  .cnnviz-pair td.changed { font-weight: 650; background: rgba(230,159,0,0.22); }
  .cnnviz-pair td.alone { background: rgba(230,159,0,0.12); }
  .cnnviz-pair td.absent { opacity: 0.6; font-style: italic; }
  .cnnviz-pair .bar { position: absolute; right: 0; bottom: 0; height: 4px; background: #4C8DBF; }
  @media (min-width: 1700px) {
    .cnnviz-pair { font-size: 1.05rem; }
    .cnnviz-pair th, .cnnviz-pair td { padding: 0.3rem 0.8rem; }
  }
</style>
"""


def render(subject: Subject) -> None:
    """Choose the second network, say what differs and why, and show both layer by layer."""
    spec = _second(subject)
    with show.guard():
        second = cache.summary(spec, subject.input_shape, subject.classes)
        sentences = explained.difference_sentences(subject.summary, second)
        st.markdown(f"**{sentences[0]}** {' '.join(sentences[1:])}")
        titles = short_titles(subject.architecture, spec)
        bars = share_bars((subject.summary, second), titles)
        st.html(bars + _STYLE + pair_table(subject.summary, second, titles))


def _second(subject: Subject) -> ArchitectureSpec:
    first = subject.architecture
    left, middle, right = st.columns([1.6, 1, 1], vertical_alignment="bottom")
    names = ARCHITECTURES.names()
    with left:
        name = linked.select(
            "Second network",
            names,
            key=OTHER_KEY,
            default=first.name if first.name in names else None,
            names=run_labels.network_title,
            help="The first one is the network in the sidebar.",
        )
    entry = ARCHITECTURES.get(name)
    start = parameter_values(first) if first.name == name else {p.name: p.default for p in entry.parameters}
    if first.name == name and isinstance(kernel := start.get("kernel_size"), int):
        # The kernel size to look at first: 5 beside 3 and 3 beside others, a smaller one where it can't be.
        for other in (5 if kernel == 3 else 3, max(1, kernel - 1)):
            try:
                changed = make(name, **{**first.parameters, "kernel_size": other})
                cache.summary(changed, subject.input_shape, subject.classes)
            except SpecError:
                continue
            start["kernel_size"] = other
            break
    chosen = {}
    parameters = sorted(entry.parameters, key=lambda item: item.name != "kernel_size")
    for parameter in parameters[:1]:
        with middle:
            chosen[parameter.name] = _widget(entry, parameter, start)
    if parameters[1:]:
        with right, st.popover("More settings", width="stretch"):
            for parameter in parameters[1:]:
                chosen[parameter.name] = _widget(entry, parameter, start)
    return make(name, **chosen)


def _widget(entry: ArchitectureEntry, parameter: Setting, start: Mapping[str, object]) -> object:
    """A plain widget: the second network is looked at, not trained, so text is enough for most kinds."""
    label, help, value = parameter.label, parameter.help, start[parameter.name]
    # A new start makes a new widget.
    key = f"second.{entry.name}.{parameter.name}.{value}.{parameter.kind}"
    if parameter.kind == "bool":
        return st.toggle(label, value=bool(value), key=key, help=help)
    if parameter.kind == "choice":
        index = parameter.choices.index(str(value))
        return st.selectbox(label, parameter.choices, index=index, key=key, help=help)
    if parameter.kind == "int":
        low, high = int(parameter.minimum or 0), int(parameter.maximum or 2**31)
        return st.number_input(label, low, high, int(str(value)), key=key, help=help)
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return st.text_input(label, value=text, key=key, help=help)


def short_titles(first: ArchitectureSpec, second: ArchitectureSpec) -> tuple[str, str]:
    """What tells the two apart: their kernels where the network is the same, else their names."""
    kernels = [parameter_values(spec).get("kernel_size") for spec in (first, second)]
    if first.name == second.name and kernels[0] != kernels[1]:
        return f"{kernels[0]}×{kernels[0]} kernels", f"{kernels[1]}×{kernels[1]} kernels"
    if first.name == second.name:
        return "in the sidebar", "the second one"
    titles = [
        run_labels.network_title(spec.name) + (f", {kernel}×{kernel}" if kernel else "")
        for spec, kernel in zip((first, second), kernels, strict=True)
    ]
    return titles[0], titles[1]


def pair_table(first: NetworkSummary, second: NetworkSummary, titles: tuple[str, str]) -> str:
    """Both networks in one HTML table, a row a layer; a changed cell is bold, tinted and has a ≠."""
    most = max((layer.params for layer in (*first.layers, *second.layers)), default=1) or 1
    body = ""
    for row in compare(first, second):
        layers = dict.fromkeys(layer.name for layer in (row.first, row.second) if layer)
        sides = _side(row, row.first, most) + _side(row, row.second, most, True)
        body += f"<tr><td>{html.escape(' | '.join(layers))}</td>{sides}</tr>"
    names = "".join(
        f"<th class='name edge' colspan='3'>{html.escape(title)} · {network.total_params:,} parameters</th>"
        for title, network in zip(titles, (first, second), strict=True)
    )
    fields = "<th class='edge'>Settings</th><th>Output</th><th class='n'>Parameters</th>"
    head = f"<tr><td></td>{names}</tr><tr><th>Layer</th>{fields * 2}</tr>"
    return f'<table class="cnnviz-pair"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _side(row: ComparisonRow, layer: LayerSummary | None, most: int, is_second: bool = False) -> str:
    if layer is None:
        return "<td class='absent edge' colspan='3'>not in this network</td>"
    alone = row.mark in ("only first", "only second")

    def cell(field: str, text: str, classes: str = "") -> str:
        mark = " alone" if alone else " changed" if field in row.differences else ""
        sign = "≠ " if mark == " changed" and is_second else ""
        return f"<td class='{classes}{mark}'>{sign}{text}</td>"

    bar = f"<span class='bar' style='width:{100 * layer.params / most:.1f}%'></span>" if layer.params else ""
    return (
        cell("settings", html.escape(layer.settings), "edge")
        + cell("output_shape", shape_of(layer.output_shape))
        + cell("params", f"{layer.params:,}{bar}" if layer.params else "", "n")
    )


_BARS_STYLE = """
<style>
  .cnnviz-shares { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0.3rem 0.8rem;
    align-items: center; font-size: 0.9rem; margin: 0 0 0.2rem; font-variant-numeric: tabular-nums; }
  .cnnviz-shares .bars { display: flex; height: 1.05rem; gap: 1px; }
  .cnnviz-shares .bars i { min-width: 1px; }
  .cnnviz-shares .sign { display: inline-block; width: 0.75em; height: 0.75em; margin: 0 0.35em 0 0.7em; }
  @media (min-width: 1700px) { .cnnviz-shares { font-size: 1.05rem; gap: 0.45rem 1rem; } }
</style>
"""


def parameters_by_kind(network: NetworkSummary) -> dict[str, int]:
    """Parameters of all convolutions, dense layers and so on, in the order of the network."""
    parameters: Counter[str] = Counter()
    for layer in network.layers:
        if layer.params:
            parameters[kind_of(layer).title] += layer.params
    return dict(parameters)


def share_bars(networks: tuple[NetworkSummary, NetworkSummary], titles: tuple[str, str]) -> str:
    """Two bars on one scale, each kind of layer in its colour, with its number beside it."""
    colours = {
        kind_of(layer).title: kind_of(layer).colour for network in networks for layer in network.layers
    }
    most = max(1, *(network.total_params for network in networks))
    rows = []
    for network, title in zip(networks, titles, strict=True):
        kinds = parameters_by_kind(network)
        bars = "".join(
            f'<i style="width:{100 * count / most:.2f}%;background:{colours[kind]}"></i>'
            for kind, count in kinds.items()
        )
        legend = "".join(
            f'<i class="sign" style="background:{colours[kind]}"></i>{kind} {count:,}'
            for kind, count in kinds.items()
        )
        rows.append(
            f"<span>{html.escape(title)}</span><span class='bars' aria-hidden='true'>{bars}</span>"
            f"<span>{legend}</span>"
        )
    return f'{_BARS_STYLE}<div class="cnnviz-shares">{"".join(rows)}</div>'
