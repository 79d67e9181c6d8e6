"""A method in words: what it does, its paper, its limits; and its settings as controls.

What differs from the defaults stands in the link under the method's name: `occlusion=window:6,stride:3`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, get_args

import streamlit as st
from pydantic.fields import FieldInfo

from cnnviz.errors import SpecError
from cnnviz.inspection.explanations.method import About, is_layer
from cnnviz.specs.base import Spec
from cnnviz.ui import linked, show

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
        return _parsed(linked.value(method), defaults)
    except SpecError:
        return defaults


def tell_refused(method: str, title: str, defaults: Spec) -> None:
    """Say what a link asks for that can't be, as long as it does."""
    try:
        _parsed(linked.value(method), defaults)
    except SpecError as error:
        show.problem(f"{title} keeps its usual settings, as those of the link can’t be used: {error}")


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
    changed = bool(linked.value(method))
    if now != defaults:
        _keep(method, now, defaults)  # what this visit has chosen stands in the link again
    label = "Settings (changed)" if changed else "Settings"
    with st.popover(label, icon=":material/tune:", key=f"explain_settings_{method}"):
        for name, field in fields.items():
            key = f"explain_{method}_{name}"
            st.session_state[key] = getattr(now, name)

            def take(name: str = name, key: str = key) -> None:
                settings = chosen(method, defaults).but(**{name: st.session_state[key]})
                _keep(method, settings, defaults)

            _control(field, key, getattr(defaults, name), layers, take)
        st.button(
            "Defaults",
            key=f"explain_{method}_reset",
            disabled=not changed,
            on_click=lambda: linked.put(method, "", leave_out=""),
        )


def _control(
    field: FieldInfo, key: str, default: object, layers: Sequence[str], take: Callable[[], None]
) -> None:
    label, help = field.title or key, field.description
    if is_layer(field):
        other = st.session_state[key]  # of another network, or of a link
        known = {_LAST: "the last convolution", **{name: name for name in layers}}
        names = known if other in known else {**known, other: f"{other} (not in this network)"}
        st.selectbox(label, list(names), key=key, help=help, on_change=take, format_func=names.__getitem__)
    elif choices := get_args(field.annotation):
        st.selectbox(label, choices, key=key, help=help, on_change=take)
    else:
        low, high = _bounds(field)
        if isinstance(default, float):
            extra = field.json_schema_extra
            step = float(str(extra["step"])) if isinstance(extra, dict) else 0.01
            st.number_input(label, low, high, step=step, format="%.2f", key=key, help=help, on_change=take)
        else:
            st.number_input(label, int(low), int(high), step=1, key=key, help=help, on_change=take)


def _bounds(field: FieldInfo) -> tuple[float, float]:
    """The least and the largest value; a hundredth above a bound that is not allowed itself."""
    low, high = 0.0, 1.0
    for rule in field.metadata:
        low = float(getattr(rule, "ge", low))
        low = float(rule.gt) + 0.01 if hasattr(rule, "gt") else low
        high = float(getattr(rule, "le", high))
    return low, high
