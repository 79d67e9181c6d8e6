"""Choices that stand in the link by their id.

Streamlit's own binding of a select box writes the shown text into the link, with a run's age in it,
and refuses an id; so ids are read before the widget and written after it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import streamlit as st

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
