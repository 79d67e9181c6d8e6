"""The sidebar: the experiment, its consequences, and the button that trains it. On every page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES, ArchitectureEntry
from cnnviz.training import devices
from cnnviz.ui import controls, launch, linked, settings, state
from cnnviz.ui.settings import BY_KEY, Setting

#: Parameters shown at once; the rest of an architecture's parameters are folded.
_FIRST_PARAMETERS = 2


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
        "Data set", names, key=state.DATASET_KEY, names=_dataset_title, default=state.DEFAULT_DATASET,
        help="The images that the network learns from.",
    )  # fmt: skip
    entry = datasets.entry(name)
    with st.expander("Images and split" + _mark([(s.key, s.default) for s in settings.DATASET])):
        if entry.sizes:
            sides = [str(side) for side in entry.sizes]
            linked.select(
                "Size in pixels", sides, key=state.SIZE_KEY, default=sides[0],
                names=lambda side: f"{side} × {side}", help="Side to which the images are scaled.",
            )  # fmt: skip
        if entry.has_coarse:
            linked.select(
                "Labels", ["fine", "coarse"], key=state.LABELS_KEY, default="fine",
                help=f"Fine: {len(entry.class_names)} classes. Coarse: {len(entry.coarse_names)} groups.",
            )  # fmt: skip
        for item in settings.DATASET:
            controls.setting(item, "")


def _dataset_title(name: str) -> str:
    title = datasets.entry(name).title
    return title if datasets.availability(name) != "download" else f"{title} (to be downloaded)"


def _architecture() -> ArchitectureEntry:
    name = linked.select(
        "Network", ARCHITECTURES.names(), key=state.ARCHITECTURE_KEY, on_change=_new_architecture,
        names=lambda known: ARCHITECTURES.get(known).title, default=state.DEFAULT_ARCHITECTURE,
        help="A named network; its layers are on the page Architecture.",
    )  # fmt: skip
    entry = ARCHITECTURES.get(name)
    parameters = sorted(entry.parameters, key=lambda item: item.name != "kernel_size")
    for item in parameters[:_FIRST_PARAMETERS]:
        controls.parameter(item, entry)
    if rest := parameters[_FIRST_PARAMETERS:]:
        with st.expander("More of the network"):
            for item in rest:
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
    with st.expander(title + _mark(_defaults(table, entry))):
        for item in table:
            without_momentum = (
                item.key == "momentum" and st.session_state.get("optimizer") not in state.MOMENTUM_OPTIMIZERS
            )
            controls.setting(item, entry.name, disabled=without_momentum)


def _device(entry: ArchitectureEntry) -> None:
    found = devices.devices()
    names = {"auto": "automatic", **{device.id: f"{device.id} · {device.name}" for device in found}}
    table = settings.DEVICE
    with st.expander("Device and precision" + _mark(_defaults(table, entry))):
        _choice(BY_KEY["device"], list(names), names)
        chosen = st.session_state["device"]
        device = next((one for one in found if one.id == chosen), found[0])
        _choice(BY_KEY["precision"], list(device.precisions), {})
        controls.setting(BY_KEY["threads"], entry.name)


def _choice(item: Setting, options: list[str], names: dict[str, str]) -> None:
    linked.select(
        controls.label(item.label, item.key, item.default), options, key=item.key, help=item.help,
        names=lambda option: names.get(option, option), default=item.default,
    )  # fmt: skip


def _defaults(table: tuple[Setting, ...], entry: ArchitectureEntry) -> list[tuple[str, Any]]:
    return [(item.key, state.training_default(item, entry.name)) for item in table]


def _mark(pairs: list[tuple[str, Any]]) -> str:
    return controls.MARK if controls.changed(pairs) else ""


def _new_architecture() -> None:
    """Take over what suits the new network, as its report trained it; leave everything else."""
    name = st.session_state[state.ARCHITECTURE_KEY]
    suggested = {field for known in ARCHITECTURES for field in ARCHITECTURES.get(known).defaults}
    for item in settings.TRAINING:
        if item.group == "training" and item.field in suggested:
            st.session_state[item.key] = state.training_default(item, name)


def _reset(entry: ArchitectureEntry) -> None:
    pairs = _defaults((*settings.TRAINING,), entry)
    pairs += [(state.parameter_key(entry.name, p.name), _shown(p.default)) for p in entry.parameters]
    different = controls.changed(pairs)
    if different:
        count = len(different)
        st.button(
            f"Reset {count} changed setting{'s' if count > 1 else ''}", icon=":material/restart_alt:",
            type="tertiary", on_click=_restore, args=(dict(pairs), different),
        )  # fmt: skip


def _shown(default: Any) -> Any:
    return ", ".join(str(number) for number in default) if isinstance(default, tuple) else default


def _restore(defaults: dict[str, Any], keys: list[str]) -> None:
    for key in keys:
        st.session_state[key] = defaults[key]
