"""Architecture page, fourth view: the network as a Python script that needs Keras alone."""

from __future__ import annotations

import streamlit as st

from cnnviz.architectures import keras_code
from cnnviz.ui.architecture.view import Subject

_STYLE = """
<style>
  .st-key-keras_code code { font-size: 0.78rem; }
  .st-key-keras_code :is(.token.keyword, .token.function) { color: light-dark(#0B63A5, #79C0F2); }
  .st-key-keras_code > div { height: max(20rem, calc(100vh - 13.5rem)); }  /* as far as the window goes */
  @media (min-width: 1700px) { .st-key-keras_code code { font-size: 0.9rem; } }
</style>
"""


def render(subject: Subject) -> None:
    """Show the script, to copy or to download."""
    left, right = st.columns([2.4, 1], vertical_alignment="center")
    with left:
        complete = st.toggle(
            "With the settings of the sidebar",
            value=True,
            key="code_training",
            bind="query-params",
            persist_state="session",
            help="Optimizer, learning rate, penalties, augmentation and a function that trains.",
        )
    code = keras_code(
        subject.architecture, subject.input_shape, subject.classes, subject.training if complete else None
    )
    name = f"{subject.architecture.name.replace('-', '_')}.py"
    with right:
        st.download_button(
            f"Download {name}",
            code,
            file_name=name,
            mime="text/x-python",
            on_click="ignore",
            width="stretch",
            icon=":material/download:",
        )
    st.html(_STYLE)
    with st.container(key="keras_code"):
        st.code(code, language="python", height="stretch")
