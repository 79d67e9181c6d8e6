"""Figures follow a change of the theme at once: the page runs again when the browser tells of one."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui import show
from cnnviz.ui.component import component

_component = component("theme_watch", __file__, "theme_watch.js")


def render() -> None:
    """Nothing to be seen; once on every page."""
    with st.container(key="theme_watch"):
        # Nothing to do in the callback: the page runs again because the component asks for it.
        _component(key="theme", data={"dark": show.dark()}, on_changed_change=lambda: None)
