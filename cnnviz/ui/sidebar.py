"""The sidebar: the experiment, its consequences, and the button that trains it. On every page.

Its widgets are drawn from the settings themselves (`specs.SETTINGS`, and the parameters of the network), one
for each kind, bound to the link and kept across pages; a setting's `group` is the title of its fold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import streamlit as st

from cnnviz import datasets, words
from cnnviz.architectures import ARCHITECTURES, NETWORK, ArchitectureEntry
from cnnviz.errors import SpecError
from cnnviz.specs import SETTINGS, WITH_MOMENTUM, Setting
from cnnviz.specs.experiment import OPTIMIZERS
from cnnviz.specs.setting import IN_SIGHT
from cnnviz.training import devices
from cnnviz.ui import launch, linked, state

#: Parameters shown at once; the rest of an architecture's parameters are folded.
_FIRST_PARAMETERS = 2
#: What differs from the default is marked so, beside its label.
_MARK = " :primary[●]"
#: Settings with what their widgets start with.
Defaults = Sequence[tuple[Setting, Any]]


def render() -> None:
    """Draw the sidebar; afterwards `state.draft()` holds what it says."""
    with st.sidebar:
        _dataset()
        entry = _architecture()
        _training(entry)
        launch.render(state.draft())


def _dataset() -> None:
    def title_of(name: str) -> str:
        here = datasets.availability(name) != "download"
        return datasets.entry(name).title + ("" if here else " (to be downloaded)")

    about = SETTINGS["dataset.name"]
    name = linked.select(
        about.label,
        datasets.names(),
        key=about.key,
        names=title_of,
        default=state.DEFAULT_DATASET,
        help=about.help,
    )
    items = [item for item in state.WIDGETS if item.path.startswith("dataset.")]
    own = _of_images(datasets.entry(name))  # they stand in the first fold
    for title in dict.fromkeys(str(item.group) for item in items):
        plain = _defaults(item for item in items if item.group == title)
        first = [(item, next(iter(options)) if options else item.default) for item, options in own]
        with _fold(title, [*first, *plain]) as shown:
            if shown:
                for (item, options), (_, default) in zip(own, first, strict=True):
                    _widget(item, default, options=options)
                for item, default in plain:
                    _widget(item, default)
        own = []


def _of_images(entry: datasets.DatasetEntry) -> list[tuple[Setting, dict[str, str] | None]]:
    """The settings that a data set itself leaves to choose, with the choices where they are its own."""
    offered: list[tuple[Setting, dict[str, str] | None]] = []
    if entry.sizes:
        offered.append((SETTINGS["dataset.size"], {str(side): f"{side} × {side}" for side in entry.sizes}))
    if entry.has_coarse:
        help = f"Fine: {len(entry.class_names)} classes. Coarse: {len(entry.coarse_names)} groups."
        labels = replace(SETTINGS["dataset.labels"], help=help)
        offered.append((labels, {choice: choice for choice in labels.choices}))
    if entry.own_images:
        offered += [(item, None) for item in state.OWN_IMAGES]
    return offered


def _architecture() -> ArchitectureEntry:
    name = linked.select(
        NETWORK.label,
        ARCHITECTURES.names(),
        key=NETWORK.key,
        on_change=_new_architecture,
        names=lambda known: ARCHITECTURES.get(known).title,
        default=state.DEFAULT_ARCHITECTURE,
        help=NETWORK.help,
    )
    entry = ARCHITECTURES.get(name)
    # What regularizes stands with the other means of regularization, in the fold of training.
    own = [item for item in entry.parameters if item.group == IN_SIGHT]
    parameters = sorted(own, key=lambda item: item.name != "kernel_size")
    for item, default in _defaults(parameters[:_FIRST_PARAMETERS]):
        _widget(item, default)
    if rest := _defaults(parameters[_FIRST_PARAMETERS:]):
        with _fold("More of the network", rest) as shown:
            for item, default in rest if shown else ():
                _widget(item, default)
    return entry


def _training(entry: ArchitectureEntry) -> None:
    items = [item for item in state.WIDGETS if item.path.startswith("training.")]
    main = _defaults((item for item in items if item.group == IN_SIGHT), entry.name)
    about = SETTINGS["training.optimizer"]
    optimizer = str(st.session_state.get(about.key, about.default))
    for start in range(0, len(main), 2):
        for column, (item, default) in zip(st.columns(2), main[start : start + 2], strict=False):
            with column:
                rate = item.path == "training.learning_rate"
                _widget(item, default, empty=f"{OPTIMIZERS.get(optimizer).rate:g}" if rate else "")
    for title in dict.fromkeys(str(item.group) for item in items if item.group != IN_SIGHT):
        of_network = [item for item in entry.parameters if item.group == title]
        defaults = _defaults((*of_network, *(item for item in items if item.group == title)), entry.name)
        with _fold(title, defaults) as shown:
            for item, default in defaults if shown else ():
                off = item.path == "training.momentum" and optimizer not in WITH_MOMENTUM
                _widget(item, default, options=_of_machine(item), disabled=off)
    if different := _changed(_defaults((*items, *entry.parameters), entry.name)):
        st.button(
            f"Reset {words.plural(len(different), 'changed setting')}",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=_put,
            args=(different,),
        )


def _of_machine(item: Setting) -> Mapping[str, str] | None:
    """The choices that this machine offers for a setting, with their words."""
    if item.path == "training.device":
        named = {device.id: f"{device.id} · {device.name}" for device in devices.devices()}
        return {"auto": "automatic", **named}
    if item.path == "training.precision":
        # The device's select box stands above this one, and has put its choice there.
        chosen = st.session_state.get(SETTINGS["training.device"].key)
        machine = devices.devices()
        device = next((device for device in machine if device.id == chosen), machine[0])
        return {precision: precision for precision in device.precisions}
    return None


def _widget(
    item: Setting,
    default: Any,
    *,
    options: Mapping[str, str] | None = None,
    disabled: bool = False,
    empty: str = "",
) -> None:
    """Draw the widget of one setting, by its kind.

    Args:
        default: what it starts with.
        options: choices with their words, where they are others than the setting's own.
        empty: what an empty field means just now, where that can be said more exactly.
    """
    label = item.title + (_MARK if _changed([(item, default)]) else "")
    if options is None and item.kind == "choice":
        options = {choice: item.names.get(choice, choice) for choice in item.options}
    if options is not None:
        names = options.__getitem__
        linked.select(label, list(options), key=item.key, help=item.help, default=default, names=names)
    elif item.kind == "bool":
        st.toggle(
            label, value=bool(default), key=item.key, help=item.help, disabled=disabled, **linked.IN_LINK
        )
    elif item.kind in ("int", "float"):
        kind: Any = int if item.kind == "int" else float
        least, most = item.ends
        st.number_input(
            label,
            min_value=None if least is None else kind(least),
            max_value=None if most is None else kind(most),
            value=None if default is None else kind(default),
            step=None if item.step is None else kind(item.step),
            format="%d" if kind is int else "%.6g",
            key=item.key,
            help=item.help,
            placeholder=empty or item.empty or None,
            disabled=disabled,
            **linked.IN_LINK,
        )
    else:
        st.text_input(label, value=default, key=item.key, help=item.help, disabled=disabled, **linked.IN_LINK)
        try:
            item.parse(st.session_state.get(item.key, default), item.key.partition(".")[0])
        except SpecError as error:
            st.caption(f":orange[{error}]")


@contextmanager
def _fold(title: str, defaults: Defaults) -> Iterator[bool]:
    """A fold, marked where one of its values differs from its default; yields whether to fill it.

    A closed one is left empty, so that a first visit does not wait for thirty unseen widgets. One that
    holds anything but defaults is always filled: its widgets keep these values in the link.
    """
    name = title.split()[0].lower()
    changed = _changed(defaults)
    # The browser closes a fold whose label changes, and Streamlit forgets it from page to page, unless it is
    # told that it is open.
    key, kept = f"fold_{name}", st.session_state.setdefault("open_folds", {})
    was_open = bool(st.session_state.get(key, kept.get(key)))
    fold = st.expander(title + (_MARK if changed else ""), was_open, key=key, on_change="rerun")
    kept[key] = bool(fold.open)
    in_link = any(item.key in linked.in_link() for item, _ in defaults)
    with fold:
        yield bool(fold.open or changed or in_link)


def _defaults(items: Iterable[Setting], architecture: str = "") -> Defaults:
    return [(item, state.default_of(item, architecture)) for item in items]


def _changed(defaults: Defaults) -> Defaults:
    """The settings whose value differs from its default."""
    kept = st.session_state
    return [(item, default) for item, default in defaults if item.key in kept and kept[item.key] != default]


def _new_architecture() -> None:
    """Take over what suits the new network, as its report trained it; leave everything else."""
    suggested = {field for known in ARCHITECTURES for field in ARCHITECTURES.get(known).defaults}
    settings = (SETTINGS[f"training.{field}"] for field in sorted(suggested))
    _put(_defaults(settings, st.session_state[NETWORK.key]))


def _put(values: Defaults) -> None:
    for item, value in values:
        if state.stands_by_name(item):
            linked.put(item.key, str(value), leave_out=str(value))
        else:
            st.session_state[item.key] = value
