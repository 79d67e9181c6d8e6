"""The few rules of style that themes can't express."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
  .block-container { padding: 3.9rem 2.6rem 2rem; max-width: 1800px; }
  [class*="st-key-pixels_"] img { image-rendering: pixelated; }
  .st-key-cnnviz-header { align-items: baseline; column-gap: 0.9rem; flex-wrap: wrap; }
  .st-key-cnnviz-header h1 { font-size: 1.65rem; padding: 0; margin: 0; font-weight: 650; }
  .st-key-cnnviz-header p { font-size: 1.05rem; margin: 0; opacity: 0.75; }
  section[data-testid="stSidebar"] [data-testid="stSidebarHeader"] { height: 3rem; margin-bottom: 0; }
  [data-testid="stTopNavLink"] { padding-inline: 0.45rem; gap: 0.3rem; }
  /* All pages in one row on a laptop: the words say enough without the icons. */
  @media (max-width: 1500px) {
    [data-testid="stTopNavLink"] > span:has([data-testid="stIconMaterial"]) { display: none; }
  }
  /* The theme's own fading leaves captions below 4.5:1. */
  [data-testid="stCaptionContainer"] { color: light-dark(#5B636B, #A7AFB7); opacity: 1; }
  /* The colour of a button's ground is too dark for text on a dark ground. */
  [data-variant="segmented_control"][data-selected="true"]:not([data-disabled="true"], :disabled) p {
    color: light-dark(#0B63A5, #79C0F2);
  }
  .block-container h3 { font-size: 1.2rem; padding: 0.4rem 0 0.1rem; }
  section[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.45rem; }
  section[data-testid="stSidebar"] [data-testid="stExpander"] summary { padding-block: 0.3rem; }
  section[data-testid="stSidebar"] [data-testid="stSidebarUserContent"] { padding-bottom: 0; }
  /* What it costs, and Train, stay in sight while the settings above scroll. */
  section[data-testid="stSidebar"] div:has(> .st-key-launch) {
    position: sticky; bottom: 0; z-index: 5; padding: 0.5rem 0 0.9rem;
    background: light-dark(#F6F8F9, #171C22);  /* the sidebar's, as in .streamlit/config.toml */
    border-top: 1px solid light-dark(#D9DFE4, #323C46);
  }
  .st-key-launch p { font-variant-numeric: tabular-nums; }
  /* The buttons of a training stand beside its headline, which leaves them room. */
  .st-key-train_live { position: relative; --buttons: 17rem; }
  .st-key-train_wishes { position: absolute; top: 0; right: 0; z-index: 2; width: auto; }
  @media (max-width: 900px) { .st-key-train_wishes { position: static; } }
  [data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
</style>
"""


def apply() -> None:
    """Add the rules to this page."""
    st.html(_CSS)
