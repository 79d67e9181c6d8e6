"""The few rules of style that themes can't express."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
  .block-container { padding-top: 3.6rem; padding-bottom: 2rem; max-width: 1800px; }
  [class*="st-key-pixels_"] img { image-rendering: pixelated; }
  .cnnviz-header { display: flex; align-items: baseline; gap: 0.9rem; flex-wrap: wrap; }
  .cnnviz-header h1 { font-size: 1.65rem; padding: 0; margin: 0; font-weight: 650; }
  .cnnviz-header p { font-size: 1.05rem; margin: 0; opacity: 0.75; }
  section[data-testid="stSidebar"] .block-container { padding-top: 1rem; }
  section[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
  .st-key-consequences p { font-variant-numeric: tabular-nums; }
  [data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
</style>
"""


def apply() -> None:
    """Add the rules to this page."""
    st.html(_CSS)
