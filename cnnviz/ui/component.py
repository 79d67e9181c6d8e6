"""Custom components: what they are made of, and how their clicks arrive."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st


def component(name: str, beside: str, *parts: str) -> Callable[..., Any]:
    """Register a component made of the HTML, CSS and JavaScript files that stand beside a Python file.

    Call it once, when the module is imported. Scripts are joined in the order given, which is that in which
    they need each other, without comment lines and indents: they travel with every message.

    Args:
        beside: the Python file's `__file__`.
        parts: names of the files.
    """
    texts: dict[str, Any] = {}
    for part in parts:
        text = Path(beside).with_name(part).read_text("utf-8")
        lines = (line.strip() for line in text.splitlines())
        kind = part.rpartition(".")[2]
        texts[kind] = texts.get(kind, "") + "".join(
            f"{line}\n" for line in lines if line and not line.startswith("//")
        )
    return st.components.v2.component(f"cnnviz_{name}", **texts)


def picked(key: str) -> Any:
    """What a component's click has sent, for its callback; None where it sent nothing."""
    return getattr(st.session_state[key], "picked", None)


def data_url(png: bytes) -> str:
    """A PNG for the `src` of an image."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
