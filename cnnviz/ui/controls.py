"""Widgets made from tables: one for each kind of setting, bound to the link, kept across pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from cnnviz.architectures import ArchitectureEntry
from cnnviz.architectures.entry import Parameter
from cnnviz.errors import SpecError
from cnnviz.ui import linked, state
from cnnviz.ui.settings import Setting

#: What differs from the default is marked so, beside its label.
MARK = " :primary[●]"
_KEEP: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}


def label(text: str, key: str, default: Any) -> str:
    """The label, marked where the value differs from its default."""
    changed = key in st.session_state and st.session_state[key] != default
    return text + MARK if changed else text


def setting(item: Setting, architecture: str, *, disabled: bool = False) -> None:
    """Draw the widget of one setting."""
    default = state.training_default(item, architecture)
    text = label(item.label, item.key, default)
    if item.kind == "bool":
        st.toggle(text, value=bool(default), key=item.key, help=item.help, disabled=disabled, **_KEEP)
    elif item.kind == "choice":
        names = item.names or {}
        linked.select(
            text,
            item.choices,
            key=item.key,
            help=item.help,
            default=default,
            names=lambda choice: names.get(choice, choice),
        )
    else:
        _number(item, text, default, disabled)


def _number(item: Setting, text: str, default: Any, disabled: bool) -> None:
    kind: Any = int if item.kind == "int" else float
    st.number_input(
        text,
        min_value=None if item.minimum is None else kind(item.minimum),
        max_value=None if item.maximum is None else kind(item.maximum),
        value=None if default is None else kind(default),
        step=None if item.step is None else kind(item.step),
        format="%d" if kind is int else "%.6g",
        key=item.key,
        help=item.help,
        placeholder=item.optional or None,
        disabled=disabled,
        **_KEEP,
    )


def parameter(item: Parameter, entry: ArchitectureEntry) -> None:
    """Draw the widget of an architecture's parameter."""
    key = state.parameter_key(entry.name, item.name)
    if item.kind == "ints":
        _several(item, entry, key)
        return
    text = label(item.label, key, item.default)
    if item.kind == "bool":
        st.toggle(text, value=bool(item.default), key=key, help=item.help, **_KEEP)
    elif item.kind == "choice":
        index = item.choices.index(str(item.default))
        st.selectbox(text, item.choices, index=index, key=key, help=item.help, **_KEEP)
    else:
        kind = int if item.kind == "int" else float
        st.number_input(
            text,
            value=kind(item.default),  # type: ignore[arg-type]
            min_value=kind(item.minimum or 0),
            max_value=kind(item.maximum or 2**31),
            step=kind(item.step or (1 if kind is int else 0.05)),
            format="%d" if kind is int else "%.6g",
            key=key,
            help=item.help,
            **_KEEP,
        )


def _several(item: Parameter, entry: ArchitectureEntry, key: str) -> None:
    default = ", ".join(str(number) for number in item.default)  # type: ignore[union-attr]
    st.text_input(label(item.label, key, default), value=default, key=key, help=item.help, **_KEEP)
    try:
        item.parse(st.session_state.get(key, default), entry.name)
    except SpecError as error:
        st.caption(f":orange[{error}]")


def changed(keys_and_defaults: Iterable[tuple[str, Any]]) -> list[str]:
    """Keys whose value differs from its default."""
    return [
        key
        for key, default in keys_and_defaults
        if key in st.session_state and st.session_state[key] != default
    ]
