"""A method in words: what it does, its paper, its limits; and its settings as controls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from cnnviz.inspection.explanations.method import About, is_layer
from cnnviz.specs.base import Spec

_LAST = ""


def words_of(about: About) -> None:
    """Title, idea, limits and paper."""
    paper = about.paper
    st.markdown(f"**{about.title}**")
    st.markdown(about.idea)
    st.markdown(f"Limits: {about.limits}")
    st.caption(f"[{paper.authors} {paper.year}, *{paper.title}*, arXiv:{paper.arxiv}]({paper.url})")


def chosen(method: str, defaults: Spec) -> Spec:
    """The settings as they stand in this session, or the defaults; the values' key is the method's name."""
    kept: dict[str, Any] = st.session_state.get(_store(method, defaults), {})
    return defaults.but(**kept)


def controls(method: str, defaults: Spec, layers: Sequence[str]) -> None:
    """A popover with one control a setting; none where there is nothing to set.

    Args:
        layers: names of the layers with maps, for settings that name one.
    """
    fields = type(defaults).model_fields
    if not fields:
        st.caption("Nothing to set.")
        return
    now = chosen(method, defaults)
    changed = now != defaults
    label = "Settings (changed)" if changed else "Settings"
    with st.popover(label, icon=":material/tune:", key=f"explain_settings_{method}"):
        for name, field in fields.items():
            key = f"explain_{method}_{name}"
            st.session_state[key] = getattr(now, name)
            _control(field, key, getattr(defaults, name), layers, (method, name, defaults))
        st.button(
            "Defaults", key=f"explain_{method}_reset", disabled=not changed,
            on_click=lambda: st.session_state.pop(_store(method, defaults), None),
        )  # fmt: skip


def _control(
    field: FieldInfo, key: str, default: Any, layers: Sequence[str], owner: tuple[str, str, Spec]
) -> None:
    label, text = field.title or key, field.description
    if is_layer(field):
        st.selectbox(
            label, [_LAST, *layers], key=key, help=text, on_change=_keep, args=(key, *owner),
            format_func=lambda name: name or "the last convolution",
        )  # fmt: skip
    elif choices := get_args(field.annotation):
        st.selectbox(label, choices, key=key, help=text, on_change=_keep, args=(key, *owner))
    else:
        _number(field, label, key, real=isinstance(default, float), owner=owner)


def _number(field: FieldInfo, label: str, key: str, *, real: bool, owner: tuple[str, str, Spec]) -> None:
    low, high = _bounds(field)
    take: dict[str, Any] = {
        "key": key, "help": field.description, "on_change": _keep, "args": (key, *owner)
    }  # fmt: skip
    if real:
        extra = field.json_schema_extra
        step = float(str(extra["step"])) if isinstance(extra, dict) else 0.01
        st.number_input(label, low, high, step=step, format="%.2f", **take)
    else:
        st.number_input(label, int(low), int(high), step=1, **take)


def _bounds(field: FieldInfo) -> tuple[float, float]:
    """The least and the largest value; a hundredth above a bound that is not allowed itself."""
    low, high = 0.0, 1.0
    for rule in field.metadata:
        low = float(getattr(rule, "ge", low))
        low = float(rule.gt) + 0.01 if hasattr(rule, "gt") else low
        high = float(getattr(rule, "le", high))
    return low, high


def _store(method: str, defaults: Spec) -> str:
    """Defaults may follow the image's size: what was chosen for one size is not taken to another."""
    return f"explain_chosen_{method}_{defaults.hash()[:8]}"


def _keep(key: str, method: str, name: str, defaults: Spec) -> None:
    kept = dict(st.session_state.get(_store(method, defaults), {}))
    value = st.session_state[key]
    if value == getattr(defaults, name):
        kept.pop(name, None)
    else:
        kept[name] = value
    st.session_state[_store(method, defaults)] = kept
