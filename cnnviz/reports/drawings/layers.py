"""Layers, formulas and where the parameters lie: arithmetic of the networks as published."""

from __future__ import annotations

from cnnviz import words
from cnnviz.architectures import ARCHITECTURES, NetworkSummary, compare
from cnnviz.errors import SpecError
from cnnviz.figures.architecture_figures import cost_figure, shape_of
from cnnviz.reports.drawing import Cell, Drawing, Table, drawing
from cnnviz.reports.outcome import Outcome, VariantOutcome
from cnnviz.reports.recipe import network_in


def _networks(outcome: Outcome) -> list[tuple[VariantOutcome, NetworkSummary]]:
    """Each different network once, with the first variant that has it."""
    networks: list[tuple[VariantOutcome, NetworkSummary]] = []
    for row in outcome.rows:
        network = row.network
        if network and all(network.layers != other.layers for _, other in networks):
            networks.append((row, network))
    if not networks:
        raise SpecError(f"{outcome.recipe.id} names no network, so there are no layers to list.")
    return networks


def _name(row: VariantOutcome) -> str:
    """Of the network alone: its layers are the same however long it is trained."""
    left = network_in(row.label)
    if left or row.as_published is None:
        return left or row.label
    return ARCHITECTURES.get(row.as_published.architecture.name).title.lower()


@drawing("layers", "layers with their parameters")
def layers(outcome: Outcome) -> list[Drawing]:
    """Layer, output shape and parameters of every network, with the published counts beside."""
    return [
        Drawing(
            f"{_name(row)}: {network.total_params:,} parameters",
            table=_layers(network, row.variant.layers),
            alt=f"A table of the {len(network.layers)} layers of {_name(row)}.",
            note=_agreement(network, row),
        )
        for row, network in _networks(outcome)
    ]


def _layers(network: NetworkSummary, listed: tuple[int, ...]) -> Table:
    left = list(listed)
    rows: list[tuple[Cell, ...]] = []
    for layer in network.layers:
        beside: tuple[Cell, ...] = ()
        if listed:
            beside = (left.pop(0) if layer.params and left else None,)
        settings = f"{layer.type} {layer.settings}".strip()
        rows.append((layer.name, settings, shape_of(layer.output_shape), layer.params, *beside))
    headings = ("layer", "type", "output", "parameters", *(("published",) if listed else ()))
    return Table(headings, tuple(rows))


def _agreement(network: NetworkSummary, row: VariantOutcome) -> str:
    counted = tuple(layer.params for layer in network.layers if layer.params)
    notes = [f"{network.trainable_params:,} of {network.total_params:,} parameters are trained."]
    if row.variant.layers:
        agree = counted == row.variant.layers
        notes.append(
            "Every layer agrees with the report." if agree else "Not every layer agrees with the report."
        )
    total = row.published.get("params")
    if total is not None:
        difference = network.total_params - round(total)
        notes.append(
            f"The report says {total:,.0f}, the same."
            if not difference
            else f"The report says {total:,.0f}: {abs(difference):,} {'fewer' if difference > 0 else 'more'}."
        )
    return " ".join(notes)


@drawing("formulas", "the formulas with their numbers")
def formulas(outcome: Outcome) -> list[Drawing]:
    """The formula of every layer with its numbers filled in; of two networks, where they differ."""
    networks = _networks(outcome)
    drawings = [
        Drawing(
            f"Parameters of {_name(row)}, worked out",
            table=Table(
                ("layer", "formula", "with its numbers"),
                tuple((layer.name, layer.formula, layer.worked) for layer in network.layers if layer.params),
            ),
            alt=f"A table of the formula behind the parameters of each layer of {_name(row)}.",
            note="N filters or units, m side of the kernel, C channels, M inputs.",
        )
        for row, network in networks
    ]
    return [*drawings, _difference(networks)] if len(networks) == 2 else drawings


def _difference(networks: list[tuple[VariantOutcome, NetworkSummary]]) -> Drawing:
    (first, a), (second, b) = networks
    rows = tuple(
        (
            (difference.first or difference.second).name,  # type: ignore[union-attr]  # one of them is there
            difference.first.params if difference.first else None,
            difference.second.params if difference.second else None,
            words.signed(difference.extra_params),
        )
        for difference in compare(a, b)
        if (difference.first and difference.first.params) or (difference.second and difference.second.params)
    )
    extra, names = b.total_params - a.total_params, (_name(first), _name(second))
    total = ("all", a.total_params, b.total_params, words.signed(extra))
    return Drawing(
        f"{names[1]} has {abs(extra):,} parameters {'more' if extra > 0 else 'fewer'} than {names[0]}",
        table=Table(("layer", *names, "difference"), (*rows, total)),
        alt="A table of the two networks' parameters, layer by layer, and their difference.",
    )


@drawing("parameter_bars", "where parameters and multiply-adds lie")
def parameter_bars(outcome: Outcome) -> list[Drawing]:
    """Where the parameters and the multiply-adds lie, layer by layer; networks share their axes."""
    drawn = [(_name(row), cost_figure(network)) for row, network in _networks(outcome)]
    for axis in ("xaxis", "xaxis2"):
        longest = max(figure.layout[axis].range[1] for _, figure in drawn)
        for _, figure in drawn:
            figure.layout[axis].range = [0, longest]
    return [
        Drawing(
            f"{name}: where the cost lies",
            figure=figure.update_layout(title=f"{name}: where the cost lies"),
            alt=f"Bars of the parameters and multiply-adds of each layer of {name}.",
        )
        for name, figure in drawn
    ]
