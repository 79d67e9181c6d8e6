"""Results of a sweep as its figures take them."""

from __future__ import annotations

import math
from typing import Any

from cnnviz.figures.sweep import Group, Setting


def places_of(found: dict[str, Any]) -> list[Setting]:
    """The values of the first setting on the horizontal axis; of repeats, one place.

    Args:
        found: what `cnnviz.studies.sweep.results.gather` collects.
    """
    if not found["factors"]:
        return [Setting(0.0, "", (), ())]
    factor = found["factors"][0]
    return [Setting(_place(factor, number), text, (), ()) for number, text in enumerate(factor["texts"])]


def groups_of(found: dict[str, Any], metric: str) -> list[Group]:
    """What every setting reached, one group for each value of the second setting."""
    factors = found["factors"]
    places = places_of(found)
    if not factors:
        return [Group("", [_setting(found["rows"][0], places[0], metric)])]
    first = factors[0]
    groups: dict[str, list[Setting]] = {}
    for row in found["rows"]:
        place = places[first["values"].index(row["settings"][first["name"]])]
        name = ""
        if len(factors) > 1:
            second = factors[1]
            name = second["texts"][second["values"].index(row["settings"][second["name"]])]
        groups.setdefault(name, []).append(_setting(row, place, metric))
    return [Group(name, settings) for name, settings in groups.items()]


def _setting(row: dict[str, Any], place: Setting, metric: str) -> Setting:
    values = row["values"][metric]
    one = row[metric] or {}
    return Setting(
        place.place,
        place.text,
        [int(seed) for seed in values],
        list(values.values()),
        one.get("mean"),
        one.get("low"),
        one.get("high"),
    )


def _place(factor: dict[str, Any], number: int) -> float:
    """Where a value stands: by its size, by doublings, or one step each."""
    value = factor["values"][number]
    if factor["axis"] == "linear":
        return float(value)
    return math.log2(value) if factor["axis"] == "log" else float(number)
