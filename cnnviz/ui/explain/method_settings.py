"""A method in words: what it does, its paper, its limits; and its settings as controls.

What differs from the defaults stands in the link under the method's name: `occlusion=window:6,stride:3`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from cnnviz.errors import SpecError
from cnnviz.inspection.explanations.method import About, is_layer
from cnnviz.specs.base import Spec
from cnnviz.ui import linked

_LAST = ""
Settings = TypeVar("Settings", bound=Spec)


def words_of(about: About) -> None:
    """Title, idea, limits and paper."""
    paper = about.paper
    st.markdown(f"**{about.title}**")
    st.markdown(about.idea)
    st.markdown(f"Limits: {about.limits}")
    st.caption(f"[{paper.authors} {paper.year}, *{paper.title}*, arXiv:{paper.arxiv}]({paper.url})")


def chosen(method: str, defaults: Settings) -> Settings:
    """The settings as the link, else this visit, has them; the defaults where it asks for what can't be."""
    try:
        return _parsed(_written(method), defaults)
    except SpecError:
        return defaults


def tell_refused(method: str, title: str, defaults: Spec) -> None:
    """Say what a link asks for that can't be, as long as it does."""
    try:
        _parsed(_written(method), defaults)
    except SpecError as error:
        st.warning(
            f"{title} keeps its usual settings, as those of the link can’t be used: {error}",
            icon=":material/info:",
        )


def _written(method: str) -> str:
    return linked.value(method)


def _parsed(text: str, defaults: Settings) -> Settings:
    """Settings from `name:value,name:value`.

    Raises:
        SpecError: no such setting, or a value that it can't have.
    """
    pairs = (part.partition(":") for part in text.split(",") if part)
    return defaults.but(**{name.strip(): value.strip() for name, _, value in pairs})


def _keep(method: str, settings: Spec, defaults: Spec) -> None:
    """Put into the link and into this visit what differs from the defaults."""
    usual = defaults.model_dump()
    changed = {name: value for name, value in settings.model_dump().items() if value != usual[name]}
    linked.put(method, ",".join(f"{name}:{value}" for name, value in changed.items()), leave_out="")


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
    changed = bool(_written(method))
    if now != defaults:
        _keep(method, now, defaults)  # what this visit has chosen stands in the link again
    label = "Settings (changed)" if changed else "Settings"
    with st.popover(label, icon=":material/tune:", key=f"explain_settings_{method}"):
        for name, field in fields.items():
            key = f"explain_{method}_{name}"
            st.session_state[key] = getattr(now, name)
            _control(field, key, getattr(defaults, name), layers, (method, name, defaults))
        st.button(
            "Defaults",
            key=f"explain_{method}_reset",
            disabled=not changed,
            on_click=lambda: linked.put(method, "", leave_out=""),
        )


def _control(
    field: FieldInfo, key: str, default: Any, layers: Sequence[str], owner: tuple[str, str, Spec]
) -> None:
    label, text = field.title or key, field.description
    if is_layer(field):
        other = st.session_state[key]  # of another network, or of a link
        options = [_LAST, *layers, *([other] if other and other not in layers else [])]
        st.selectbox(
            label,
            options,
            key=key,
            help=text,
            on_change=_taken,
            args=(key, *owner),
            format_func=lambda name: _layer_name(name, layers),
        )
    elif choices := get_args(field.annotation):
        st.selectbox(label, choices, key=key, help=text, on_change=_taken, args=(key, *owner))
    else:
        _number(field, label, key, real=isinstance(default, float), owner=owner)


def _number(field: FieldInfo, label: str, key: str, *, real: bool, owner: tuple[str, str, Spec]) -> None:
    low, high = _bounds(field)
    take: dict[str, Any] = {"key": key, "help": field.description, "on_change": _taken, "args": (key, *owner)}
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


def _layer_name(name: str, layers: Sequence[str]) -> str:
    if not name:
        return "the last convolution"
    return name if name in layers else f"{name} (not in this network)"


def _taken(key: str, method: str, name: str, defaults: Spec) -> None:
    _keep(method, chosen(method, defaults).but(**{name: st.session_state[key]}), defaults)
