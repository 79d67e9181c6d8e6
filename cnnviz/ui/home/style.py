"""Home, style: digits enlarged by whole factors, cards that are links, runs in columns."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
  .block-container { --cnnviz-line: light-dark(#D9DFE4, #323C46);
    --cnnviz-link: light-dark(#0B63A5, #79C0F2); }
  .block-container .cnnviz-part { font-size: 1.08rem; font-weight: 650; padding: 0; margin: 0; }
  :is(.st-key-home_steps, .st-key-home_beyond, .st-key-home_runs) a:focus-visible {
    outline: 3px solid var(--cnnviz-link); outline-offset: 1px; box-shadow: none; }

  .cnnviz-digits { display: block; margin-left: auto; image-rendering: pixelated;
    width: calc(var(--pixels) * 4px); }

  :is(.st-key-home_steps, .st-key-home_beyond) { display: grid; gap: 0.45rem 0.55rem;
    grid-template-columns: repeat(6, minmax(0, 1fr)); align-items: stretch;
    > :first-child { grid-column: 1 / -1; }
    > div, .stPageLink, .stPageLink > div { display: grid; width: auto; margin: 0 !important; }
    a { margin: 0; height: 100%; padding: 0.5rem 0.6rem; align-items: flex-start;
      border: 1px solid var(--cnnviz-line); border-radius: 0.5rem; }
    a:hover { border-color: var(--cnnviz-link); }
    a > span:last-child, a div { white-space: normal; overflow: visible; }
    a p { font-size: 0.86rem; line-height: 1.28; white-space: normal; }
    a strong { display: block; font-size: 0.98rem; padding-bottom: 0.1rem; color: var(--cnnviz-link); }
  }

  .st-key-home_runs { display: grid; grid-template-columns: minmax(0, 1fr) auto; row-gap: 0;
    > div { width: auto; height: 2rem; margin: 0 !important; display: flex; align-items: center;
      border-bottom: 1px solid var(--cnnviz-line); }
    > :first-child { grid-column: 1 / -1; }
    .stHtml, .stPageLink, .stPageLink > div { width: 100%; min-width: 0; }
    a { padding: 0.1rem 0.2rem; margin: 0; max-width: 100%; }
    a > span:first-child:not(:last-child) { display: none; }  /* the icon: the same on all rows */
    a p { font-size: 0.92rem; color: var(--cnnviz-link); overflow: hidden; text-overflow: ellipsis; }
  }
  .cnnviz-run { --facts: 6rem 5.7rem 5rem 9.6rem 4.7rem; display: grid; column-gap: 0.8rem;
    grid-template-columns: var(--facts); font-size: 0.9rem; font-variant-numeric: tabular-nums;
    &.head { grid-template-columns: minmax(0, 1fr) var(--facts); align-items: baseline; }
    span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    &.head span { opacity: 0.8; }
    span:nth-of-type(-n+2) { text-align: right; }
  }
  @media (max-width: 1500px) {  /* as in the menu: the words say enough without the icons */
    :is(.st-key-home_steps, .st-key-home_beyond) a > span:first-child:not(:last-child) { display: none; }
  }
  @media (min-width: 1700px) {
    .cnnviz-digits { width: calc(var(--pixels) * 6px); }
    .st-key-home_runs > div { height: 2.3rem; }
    .cnnviz-run { --facts: 7rem 7rem 7rem 21rem 6.5rem; column-gap: 2rem; }
    :is(.st-key-home_steps, .st-key-home_beyond) a { padding: 0.8rem 0.9rem; }
    :is(.st-key-home_steps, .st-key-home_beyond) a p { font-size: 0.9rem; }
  }
  @media (max-width: 1150px) {
    .cnnviz-digits { width: calc(var(--pixels) * 2px); }
    .st-key-home_steps, .st-key-home_beyond { grid-template-columns: repeat(3, minmax(0, 1fr)); }
    .cnnviz-run { --facts: 6.2rem 6rem; }
    .cnnviz-run span:nth-of-type(n+3) { display: none; }
  }
  @media (resolution: 1.25dppx) {  /* whole factors of the screen's own pixels */
    .cnnviz-digits { width: calc(var(--pixels) * 4px); }
  }
  @media (resolution: 1.25dppx) and (max-width: 1150px) {
    .cnnviz-digits { width: calc(var(--pixels) * 2.4px); }
  }
</style>
"""


def apply() -> None:
    """Add the rules to the page."""
    st.html(_CSS)
