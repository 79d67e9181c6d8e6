"""Select boxes and rows of buttons whose value stands in the link by its name, not by its label.

Streamlit's own binding writes the label ("3×3 · 65.1 % · 2 min ago") into the link and loses the
choice when the label changes. Here the link, then the session, says what is chosen; the widget only
shows it and reports a change.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Literal

import streamlit as st


def select(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    names: Callable[[str], str] = str,
    default: str | None = None,
    on_change: Callable[[], None] | None = None,
    help: str | None = None,
    label_visibility: Any = "visible",
) -> str:
    """A select box over at least one option; returns the option chosen.

    Args:
        key: name in the link and in the session's state.
        names: the label of an option; may change from run to run.
        default: chosen when nothing is; it is left out of the link. None: the first, always in the link.
        on_change: called after the new choice stands in the session's state.
    """
    chosen = current(key, options, default)
    widget = f"{key}_select"
    put(key, chosen, leave_out=default)
    st.session_state[widget] = chosen
    st.selectbox(
        label,
        options,
        key=widget,
        format_func=names,
        help=help,
        label_visibility=label_visibility,
        on_change=_taken,
        args=(key, widget, default, on_change),
    )
    return chosen


def segments(
    label: str,
    options: Mapping[str, str] | Sequence[str],
    *,
    key: str,
    width: Literal["stretch", "content"] = "content",
    on_change: Callable[[], None] | None = None,
) -> str:
    """A few choices beside each other; the first one is the default, and is left out of the link.

    Args:
        label: read aloud only.
        options: names, with the texts that are shown where these are others.
        on_change: called after the new choice stands in the session's state.
    """
    texts = options if isinstance(options, Mapping) else dict(zip(options, options, strict=True))
    names, widget = list(texts), f"{key}_segments"
    chosen = current(key, names, names[0])
    put(key, chosen, leave_out=names[0])
    st.session_state[widget] = chosen
    st.segmented_control(
        label,
        names,
        key=widget,
        required=True,
        format_func=texts.__getitem__,
        width=width,
        label_visibility="collapsed",
        on_change=_taken,
        args=(key, widget, names[0], on_change),
    )
    return chosen


def current(key: str, options: Sequence[str], default: str | None = None) -> str:
    """What is chosen: by the link, else in this session, else the default."""
    for wanted in (st.query_params.get(key), st.session_state.get(key), default):
        if wanted in options:
            return str(wanted)
    return options[0]


def put(key: str, value: str, *, leave_out: str | None = None) -> None:
    """Choose a value by program; the link says it unless it is the one to be left out."""
    st.session_state[key] = value
    if value == leave_out:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def _taken(key: str, widget: str, default: str | None, on_change: Callable[[], None] | None) -> None:
    put(key, st.session_state[widget], leave_out=default)
    if on_change:
        on_change()


_SEEN = "_in_link_"


def adopt(key: str, allowed: Container[str]) -> str | None:
    """Take the value of a new link over into the widget `key`; call it before the widget is drawn.

    Returns:
        The link's value where it is not allowed, else None.
    """
    asked = _new(key)
    if asked and asked not in allowed:
        return asked
    if asked:
        st.session_state[key] = asked
    return None


def adopt_many(key: str, allowed: Container[str]) -> list[str]:
    """Like `adopt` for a list, written `a,b` in the link.

    Returns:
        What is not allowed, in the link's order.
    """
    asked = _new(key)
    if not asked:
        return []
    values = list(dict.fromkeys(asked.split(",")))
    st.session_state[key] = [value for value in values if value in allowed]
    return [value for value in values if value not in allowed]


def publish(key: str, value: str | Sequence[str]) -> None:
    """Write the widget's value into the link; call it after the widget is drawn."""
    text = value if isinstance(value, str) else ",".join(value)
    st.session_state[_SEEN + key] = text
    if st.query_params.get(key, "") != text:
        if text:
            st.query_params[key] = text
        else:
            del st.query_params[key]


def _new(key: str) -> str | None:
    """The link's value at its first sight: what a page wrote itself, or took already, is not new."""
    asked = st.query_params.get(key)
    if asked is None or asked == st.session_state.get(_SEEN + key):
        return None
    st.session_state[_SEEN + key] = asked
    return str(asked)
