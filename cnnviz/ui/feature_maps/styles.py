"""Rules of style of the Feature maps page."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
  [class*="st-key-pixels_maps"] img { border-radius: 3px; }
  .cnnviz-header { row-gap: 0; }
  .cnnviz-answer { font-size: 0.9rem; line-height: 1.3; max-width: 30rem; }
  .cnnviz-answer strong { display: inline-block; max-width: 100%; overflow: hidden; text-overflow: ellipsis;
    white-space: nowrap; vertical-align: bottom; }
  .cnnviz-answer .row { display: grid; grid-template-columns: minmax(6rem, 9.5rem) 1fr 3.9rem; gap: 0.5rem;
    align-items: center; }
  .cnnviz-answer .row span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .cnnviz-answer i { background: var(--st-secondary-background-color); height: 0.7rem; border-radius: 2px; }
  .cnnviz-answer i b { display: block; height: 100%; border-radius: 2px; }
  .cnnviz-answer em { font-style: normal; text-align: right; font-variant-numeric: tabular-nums; }
  .cnnviz-scale i { display: block; height: 10px; border-radius: 2px; }
  .cnnviz-scale p { display: flex; justify-content: space-between; margin: 2px 0 0; font-size: 0.85rem;
    font-variant-numeric: tabular-nums; }
  .cnnviz-numbers { font-size: 0.9rem; border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .cnnviz-numbers td { padding: 1px 0; border: 0; }
  .cnnviz-numbers td:first-child { opacity: 0.75; padding-right: 1rem; }
  .cnnviz-numbers td:last-child { text-align: right; }
  .cnnviz-kernel { display: flex; flex-wrap: wrap; gap: 1.2rem; font-size: 0.8rem; overflow-x: auto; }
  .cnnviz-kernel strong { font-size: 0.9rem; }
  .cnnviz-kernel table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .cnnviz-kernel td { padding: 1px 6px; border: 1px solid var(--st-border-color); text-align: right; }
</style>
"""


def apply() -> None:
    """Add the rules to this page."""
    st.html(_CSS)
