"""What a visitor has chosen, in the link and in his visit: the one place that knows how.

A link can be sent, and opens what its sender saw; what it does not say, the visit remembers from page to
page. Numbers, switches and texts are bound by Streamlit itself: give their widgets `**IN_LINK`. Of a choice,
though, it writes the label ("3×3 · 65.1 % · 2 min ago") into the link, and loses the choice when the label
changes. So choices by name go through `select`, `segments` and `several`: the link, then the visit, says what
is chosen; the widget only shows it and reports a change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

import streamlit as st
from streamlit.errors import StreamlitAPIException

#: For widgets that Streamlit binds by their key; tabs take the first of both alone.
BIND: Literal["query-params"] = "query-params"
IN_LINK: dict[str, Any] = {"bind": BIND, "persist_state": "session"}
Width = int | Literal["stretch"]  # in CSS pixels


def clear_infinite() -> None:
    """Take numbers that are not finite out of the link: Streamlit's fields of whole numbers break at them."""
    cleared = False
    for key in [key for key, value in st.query_params.items() if not _finite(value)]:
        with suppress(StreamlitAPIException):  # a field has it already, with a value that it takes
            del st.query_params[key]
            cleared = True
    if cleared:
        st.rerun()  # what a link asks for is read when a run of the script begins


def _finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True  # no number


def select(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    names: Callable[[str], str] = str,
    default: str | None = None,
    on_change: Callable[[], None] | None = None,
    help: str | None = None,
    hidden: bool = False,
    width: Width = "stretch",
) -> str:
    """A select box over at least one option; returns the option chosen.

    Args:
        key: name in the link and in the session's state.
        names: the label of an option; may change from run to run.
        default: chosen when nothing is; it is left out of the link. None: the first, always in the link.
        on_change: called after the new choice stands in the session's state.
        hidden: the label is read aloud only.
    """
    chosen = current(key, options, default)
    put(key, chosen, leave_out=default)
    st.selectbox(
        label,
        options,
        key=_shown(f"{key}_select", chosen),
        format_func=names,
        help=help,
        label_visibility="collapsed" if hidden else "visible",
        width=width,
        on_change=_take,
        args=(key, f"{key}_select", default, on_change),
    )
    return chosen


def segments(
    label: str,
    options: Mapping[str, str] | Sequence[str],
    *,
    key: str,
    width: Literal["stretch", "content"] = "content",
    on_change: Callable[[], None] | None = None,
    disabled: bool = False,
) -> str:
    """A few choices beside each other; the first one is the default, and is left out of the link.

    Args:
        label: read aloud only.
        options: names, with the texts that are shown where these are others.
        on_change: called after the new choice stands in the session's state.
    """
    texts = options if isinstance(options, Mapping) else dict(zip(options, options, strict=True))
    names = list(texts)
    chosen = current(key, names, names[0])
    put(key, chosen, leave_out=names[0])
    st.segmented_control(
        label,
        names,
        key=_shown(f"{key}_segments", chosen),
        required=True,
        format_func=texts.__getitem__,
        width=width,
        label_visibility="collapsed",
        disabled=disabled,
        on_change=_take,
        args=(key, f"{key}_segments", names[0], on_change),
    )
    return chosen


def several(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    names: Callable[[str], str],
    default: Sequence[str],
    most: int,
    placeholder: str,
) -> list[str]:
    """A box for some of the options, `a,b` in the link; returns those chosen, in their order.

    Args:
        label: read aloud only.
        default: chosen until something is; nothing at all is a choice, too.
        most: at most so many can be chosen.
    """
    written = value(key, ",".join(default))
    chosen = [name for name in dict.fromkeys(written.split(",")) if name in options][:most]
    put(key, ",".join(chosen), leave_out="")
    st.multiselect(
        label,
        options,
        key=_shown(f"{key}_several", chosen),
        max_selections=most,
        format_func=names,
        placeholder=placeholder,
        label_visibility="collapsed",
        on_change=_take,
        args=(key, f"{key}_several", "", None),
    )
    return chosen


def number(
    label: str,
    low: int,
    high: int,
    *,
    key: str,
    default: int | None = None,
    beyond: int | None = None,
    step: int = 1,
    help: str | None = None,
    hidden: bool = False,
    width: Width = "stretch",
) -> int:
    """A whole number from `low` to `high`, in the link.

    Args:
        default: until one is chosen; None: `low`.
        beyond: takes the place of a number that this visit keeps and that lies outside by now; None: `low`.
        hidden: the label is read aloud only.
    """
    kept = st.session_state.get(key, low)
    if not isinstance(kept, int | float) or not low <= kept <= high:
        st.session_state[key] = low if beyond is None else beyond
    chosen = st.number_input(
        label,
        low,
        high,
        low if default is None else default,
        step,
        key=key,
        help=help,
        label_visibility="collapsed" if hidden else "visible",
        width=width,
        **IN_LINK,
    )
    return int(chosen)


def value(key: str, default: str = "") -> str:
    """What is chosen, unchecked: by the link, else in this visit, else the default."""
    return str(st.query_params.get(key, st.session_state.get(key, default)))


def current(key: str, options: Sequence[str], default: str | None = None) -> str:
    """What is chosen of the options: by the link, else in this visit, else the default, else the first."""
    for wanted in (st.query_params.get(key), st.session_state.get(key), default):
        if wanted in options:
            return str(wanted)
    return options[0]


def asked(key: str) -> str:
    """What the link itself asks for; empty where it says nothing."""
    return st.query_params.get(key, "")


def lost(key: str, known: Container[str]) -> list[str]:
    """What the link asks for (`a,b`) that there is not; it leaves the link, so that it is told once."""
    wanted = [name for name in dict.fromkeys(asked(key).split(",")) if name]
    gone = [name for name in wanted if name not in known]
    if gone:
        left = [name for name in wanted if name in known]
        if left:
            put(key, ",".join(left))
        else:
            st.query_params.pop(key, None)
    return gone


def put(key: str, value: str, *, leave_out: str | None = None) -> None:
    """Choose a value by program; the link says it unless it is the one to be left out."""
    st.session_state[key] = value
    if value == leave_out:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def forget(*keys: str) -> None:
    """Choose nothing any more, in the link and in this visit."""
    for key in keys:
        st.query_params.pop(key, None)
        st.session_state.pop(key, None)


def in_link() -> list[str]:
    """Names of all that the link says."""
    return list(st.query_params)


def _shown(widget: str, chosen: str | list[str]) -> str:
    """The widget's key, once it shows what is chosen."""
    st.session_state[widget] = chosen
    return widget


def _take(key: str, widget: str, default: str | None, on_change: Callable[[], None] | None) -> None:
    taken = st.session_state[widget]
    put(key, taken if isinstance(taken, str) else ",".join(taken), leave_out=default)
    if on_change:
        on_change()
