"""The sidebar: the experiment, its consequences, and the button that trains it. On every page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, ArchitectureEntry
from cnnviz.training import devices
from cnnviz.ui import controls, launch, linked, settings, state
from cnnviz.ui.settings import BY_KEY, Setting

#: Parameters shown at once; the rest of an architecture's parameters are folded.
_FIRST_PARAMETERS = 2
#: Keys of widgets with their defaults.
Pairs = Sequence[tuple[str, Any]]


def render() -> None:
    """Draw the sidebar; afterwards `state.draft()` holds what it says."""
    with st.sidebar:
        _dataset()
        entry = _architecture()
        _training(entry)
        launch.render(state.draft())


def _dataset() -> None:
    names = datasets.names()
    name = linked.select(
        "Data set",
        names,
        key=state.DATASET_KEY,
        names=_dataset_title,
        default=state.DEFAULT_DATASET,
        help="The images that the network learns from.",
    )
    entry = datasets.entry(name)
    sides = [str(side) for side in entry.sizes]
    pairs: list[tuple[str, Any]] = [(item.key, item.default) for item in settings.DATASET]
    if sides:
        pairs.append((state.SIZE_KEY, sides[0]))
    if entry.has_coarse:
        pairs.append((state.LABELS_KEY, "fine"))
    with _fold("Images and split", pairs) as shown:
        if shown:
            _images(entry, sides)


def _images(entry: datasets.DatasetEntry, sides: list[str]) -> None:
    if sides:
        linked.select(
            "Size in pixels",
            sides,
            key=state.SIZE_KEY,
            default=sides[0],
            names=lambda side: f"{side} × {side}",
            help="Side to which the images are scaled.",
        )
    if entry.has_coarse:
        linked.select(
            "Labels",
            ["fine", "coarse"],
            key=state.LABELS_KEY,
            default="fine",
            help=f"Fine: {len(entry.class_names)} classes. Coarse: {len(entry.coarse_names)} groups.",
        )
    for item in settings.DATASET:
        controls.setting(item, "")


def _dataset_title(name: str) -> str:
    title = datasets.entry(name).title
    return title if datasets.availability(name) != "download" else f"{title} (to be downloaded)"


def _architecture() -> ArchitectureEntry:
    name = linked.select(
        "Network",
        ARCHITECTURES.names(),
        key=state.ARCHITECTURE_KEY,
        on_change=_new_architecture,
        names=lambda known: ARCHITECTURES.get(known).title,
        default=state.DEFAULT_ARCHITECTURE,
        help="A named network; its layers are on the page Architecture.",
    )
    entry = ARCHITECTURES.get(name)
    parameters = sorted(entry.parameters, key=lambda item: item.name != "kernel_size")
    for item in parameters[:_FIRST_PARAMETERS]:
        controls.parameter(item, entry)
    if rest := parameters[_FIRST_PARAMETERS:]:
        pairs = [(state.parameter_key(entry.name, item.name), _shown(item.default)) for item in rest]
        with _fold("More of the network", pairs) as shown:
            for item in rest if shown else ():
                controls.parameter(item, entry)
    return entry


def _training(entry: ArchitectureEntry) -> None:
    for row in (settings.MAIN[:2], settings.MAIN[2:]):
        for column, item in zip(st.columns(2), row, strict=True):
            with column:
                controls.setting(item, entry.name)
    _folded("Schedule and seed", settings.SCHEDULE, entry)
    _folded("Regularization", settings.REGULARIZATION, entry)
    _folded("Augmentation", settings.AUGMENTATION, entry)
    _device(entry)
    _reset(entry)


def _folded(title: str, table: tuple[Setting, ...], entry: ArchitectureEntry) -> None:
    with _fold(title, _defaults(table, entry)) as shown:
        for item in table if shown else ():
            without_momentum = (
                item.key == "momentum" and st.session_state.get("optimizer") not in state.MOMENTUM_OPTIMIZERS
            )
            controls.setting(item, entry.name, disabled=without_momentum)


def _device(entry: ArchitectureEntry) -> None:
    with _fold("Device and precision", _defaults(settings.DEVICE, entry)) as shown:
        if not shown:
            return
        found = devices.devices()
        names = {"auto": "automatic", **{device.id: f"{device.id} · {device.name}" for device in found}}
        _choice(BY_KEY["device"], list(names), names)
        chosen = st.session_state["device"]
        device = next((one for one in found if one.id == chosen), found[0])
        _choice(BY_KEY["precision"], list(device.precisions), {})
        controls.setting(BY_KEY["threads"], entry.name)


@contextmanager
def _fold(title: str, pairs: Pairs) -> Iterator[bool]:
    """A fold, marked where one of its values differs from its default; yields whether to fill it.

    A closed one is left empty, so that a first visit does not wait for thirty unseen widgets. One that
    holds anything but defaults is always filled: its widgets keep these values in the link.
    """
    name = title.split()[0].lower()
    fold = st.expander(title + _mark(pairs), key=f"fold_{name}", on_change="rerun")
    used = controls.changed(pairs) or any(key in st.query_params for key, _ in pairs)
    with fold:
        yield bool(fold.open or used)


def _choice(item: Setting, options: list[str], names: dict[str, str]) -> None:
    linked.select(
        controls.label(item.label, item.key, item.default),
        options,
        key=item.key,
        help=item.help,
        names=lambda option: names.get(option, option),
        default=item.default,
    )


def _defaults(table: tuple[Setting, ...], entry: ArchitectureEntry) -> Pairs:
    return [(item.key, state.training_default(item, entry.name)) for item in table]


def _mark(pairs: Pairs) -> str:
    return controls.MARK if controls.changed(pairs) else ""


def _new_architecture() -> None:
    """Take over what suits the new network, as its report trained it; leave everything else."""
    name = st.session_state[state.ARCHITECTURE_KEY]
    suggested = {field for known in ARCHITECTURES for field in ARCHITECTURES.get(known).defaults}
    for item in settings.TRAINING:
        if item.group == "training" and item.field in suggested:
            st.session_state[item.key] = state.training_default(item, name)


def _reset(entry: ArchitectureEntry) -> None:
    pairs = [*_defaults((*settings.TRAINING,), entry)]
    pairs += [(state.parameter_key(entry.name, p.name), _shown(p.default)) for p in entry.parameters]
    different = controls.changed(pairs)
    if different:
        count = len(different)
        st.button(
            f"Reset {count} changed setting{'s' if count > 1 else ''}",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=_restore,
            args=(dict(pairs), different),
        )


def _shown(default: Any) -> Any:
    return ", ".join(str(number) for number in default) if isinstance(default, tuple) else default


def _restore(defaults: dict[str, Any], keys: list[str]) -> None:
    for key in keys:
        st.session_state[key] = defaults[key]
