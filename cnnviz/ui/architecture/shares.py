"""Architecture page: which kinds of layers hold the parameters of two networks, as one bar each (A5)."""

from __future__ import annotations

import html
from collections import Counter

from cnnviz.architectures import NetworkSummary
from cnnviz.figures.architecture_kinds import kind_of

_STYLE = """
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
    found: Counter[str] = Counter()
    for layer in network.layers:
        if layer.params:
            found[kind_of(layer).title] += layer.params
    return dict(found)


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
        told = "".join(
            f'<i class="sign" style="background:{colours[kind]}"></i>{kind} {count:,}'
            for kind, count in kinds.items()
        )
        rows.append(
            f"<span>{html.escape(title)}</span><span class='bars' aria-hidden='true'>{bars}</span>"
            f"<span>{told}</span>"
        )
    return f'{_STYLE}<div class="cnnviz-shares">{"".join(rows)}</div>'
