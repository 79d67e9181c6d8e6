"""Rules of style of the Feature maps page."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
  [class*="st-key-pixels_maps"] img { border-radius: 3px; }
  .st-key-cnnviz-header { row-gap: 0; }
  .stMainBlockContainer > .stVerticalBlock { gap: 0.65rem; }
  .cnnviz-answers { font-size: 13px; line-height: 15.5px; }
  .cnnviz-answers div { display: grid; grid-template-columns: minmax(0, 1fr) 56px auto; gap: 6px;
    align-items: center; }
  @media (min-width: 1700px) and (min-height: 900px) {
    .st-key-maps_answers { width: 300px !important; }
    div:has(> .st-key-maps_answers) { width: 300px !important; flex-basis: 300px !important; }
    .cnnviz-answers { font-size: 15px; line-height: 18px; }
    .cnnviz-answers div { grid-template-columns: minmax(0, 1fr) 110px auto; }
  }
  .cnnviz-answers .said { font-weight: 600; }
  .cnnviz-answers span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .cnnviz-answers i { background: rgba(128,128,128,0.18); border-radius: 2px; }
  .cnnviz-answers b { display: block; height: 11px; border-radius: 2px; }
  .cnnviz-answers b + b { margin-top: 1px; }
  .cnnviz-answers b:not(:only-child) { height: 5px; }
  .cnnviz-answers em { font-style: normal; min-width: 2.6rem; white-space: nowrap;
    text-align: right; font-variant-numeric: tabular-nums; }
  .cnnviz-panel { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .cnnviz-chosen { font-size: 15px; margin: 0 0 4px; line-height: 22px; font-variant-numeric: tabular-nums; }
  .cnnviz-differences { font-size: 14px; border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .cnnviz-differences td, .cnnviz-differences th { padding: 1px 14px 1px 0; border: 0; line-height: 20px;
    text-align: left; white-space: nowrap; font-weight: 400; vertical-align: bottom; }
  .cnnviz-differences td:first-child { opacity: 0.75; }
  .cnnviz-differences th { font-weight: 600; }
  .cnnviz-answers.two div { grid-template-columns: minmax(0, 1fr) 44px auto; }
  .cnnviz-answers.two em { min-width: 3.9rem; }
  .cnnviz-scale i { display: block; height: 10px; border-radius: 2px; }
  .cnnviz-scale p { display: flex; justify-content: space-between; margin: 2px 0 0; font-size: 0.85rem;
    font-variant-numeric: tabular-nums; }
  .cnnviz-sum { display: flex; flex-wrap: wrap; gap: 6px 24px; font-size: 14px; overflow-x: auto; }
  /* Beside another sum there is half the room: 5×5 numbers beside 5×5 weights fit in small letters only. */
  .stHtml:has(> .cnnviz-sum) { container-type: inline-size; }
  @container (max-width: 460px) {
    .cnnviz-sum { font-size: 12px; }
    .cnnviz-sum td { padding: 1px 2px !important; }
    .cnnviz-sum .row { gap: 4px !important; }
  }
  .cnnviz-sum figure { margin: 0; }
  .cnnviz-sum .row { display: flex; align-items: center; gap: 8px; margin: 2px 0 6px; }
  .cnnviz-sum table, .cnnviz-parts { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .cnnviz-sum td { padding: 1px 4px; border: 1px solid rgba(128,128,128,0.3); text-align: right;
    line-height: 19px; }
  .cnnviz-sum td.outside { opacity: 0.6; border-style: dashed; }
  .cnnviz-sum td.best { outline: 2px solid #D55E00; outline-offset: -2px; font-weight: 600; }
  .cnnviz-parts { font-size: 14px; }
  .cnnviz-parts td { padding: 0 8px 0 0; border: 0; text-align: right; line-height: 20px; }
  .cnnviz-parts td:first-child { text-align: left; padding-right: 20px; }
  .cnnviz-line { font-size: 15px; margin: 4px 0; font-variant-numeric: tabular-nums; }
  .cnnviz-line small { opacity: 0.75; }
  .cnnviz-kernel { display: flex; flex-wrap: wrap; gap: 1.2rem; font-size: 0.8rem; overflow-x: auto; }
  .cnnviz-kernel strong { font-size: 0.9rem; }
  .cnnviz-kernel table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  .cnnviz-kernel td { padding: 1px 6px; border: 1px solid rgba(128,128,128,0.3); text-align: right; }
</style>
"""


def apply() -> None:
    """Add the rules to this page."""
    st.html(_CSS)
