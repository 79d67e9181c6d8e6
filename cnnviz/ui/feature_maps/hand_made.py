"""Feature maps page, Kernels: each learned kernel beside the hand-made one that it is most like."""

from __future__ import annotations

import base64
import html

import numpy as np
import streamlit as st

from cnnviz.errors import UnknownNameError
from cnnviz.figures import maps
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.matching import Match, best_matches, by_chance
from cnnviz.inspection.results import Kernels
from cnnviz.kernels import PRESETS, fitted
from cnnviz.runs import RunSummary
from cnnviz.ui import adopt, linked, show
from cnnviz.ui.settings import BY_KEY

_SIDE = 44
_CHANCE = 0.05
_FLAG = "hand_made_adopted"
_CSS = """<style>
  .cnnviz-matches { display: grid; gap: 6px 18px;
    grid-template-columns: repeat(auto-fill, minmax(17.5rem, 1fr)); }
  .cnnviz-matches > div { display: flex; gap: 5px; align-items: center; min-width: 0; }
  .cnnviz-matches img { image-rendering: pixelated; border-radius: 2px; flex: 0 0 auto; }
  .cnnviz-matches img:last-of-type { margin-left: 6px; }
  .cnnviz-matches p { margin: 0; font-size: 0.82rem; line-height: 1.15; flex: 1 1 auto; min-width: 0; }
  .cnnviz-matches b { font-variant-numeric: tabular-nums; }
  .cnnviz-matches .pale { opacity: 0.55; }
</style>"""
_MEASURE = (
    "The cosine between the learned kernel, summed over its colours, and the hand-made one, fitted to its "
    "size: 1 is the same up to strength, 0 nothing in common; reversed: the same with dark and bright "
    "exchanged. The level of chance: 2,000 random kernels of this size; 95 % of them reach less with their "
    "best match."
)


def render(kernels: Kernels, run: RunSummary, side: str) -> None:
    """All kernels with their best matches, the best first; what chance does as well is paler."""
    size, _, _, depth = kernels.kernel.shape
    level, matches = by_chance(size), best_matches(kernels.kernel)
    training = run.experiment.training if run.experiment else None
    if training and training.first_kernels:
        kept = "and kept as they were" if training.freeze else "and learned on from there"
        st.markdown(f"These kernels were made by hand before training, {kept}.")
        _table(kernels, matches, level)
        return
    above = [match for match in matches if abs(match.cosine) > level]
    expected = max(1, round(_CHANCE * depth))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{len(above)} of {depth}** kernels are more like a hand-made one than 95 % of random ones: "
            f"a cosine above {level:.2f}. Chance alone would give about {expected}.",
            help=_MEASURE,
            width="stretch",
        )
        _offer(run, side)
    _table(kernels, matches, level)


def _table(kernels: Kernels, matches: list[Match], level: float) -> None:
    with st.container(height=410, border=False):
        st.html(_cards(kernels.kernel, matches, level))
    st.caption("Learned (colours, then what it does to brightness) · hand-made · cosine")


def _cards(kernel: np.ndarray, matches: list[Match], level: float) -> str:
    cards = "".join(_card(kernel[..., match.position], match, level) for match in matches)
    return f'{_CSS}<div class="cnnviz-matches">{cards}</div>'


def _card(kernel: np.ndarray, match: Match, level: float) -> str:
    """One learned kernel (k, k, C) beside its match."""
    sign = -1 if match.cosine < 0 else 1
    square = sign * fitted(PRESETS[match.name].weights, len(kernel))
    pictures = [_coloured(kernel)] if kernel.shape[2] == 3 else []
    pictures += [_signed(kernel.sum(axis=2)), _signed(square)]
    title = PRESETS[match.name].title + (", reversed" if sign < 0 else "")
    pale = "" if abs(match.cosine) > level else ' class="pale"'
    return (
        f"<div{pale}>{''.join(pictures)}<p>map {match.position + 1}<br>{html.escape(title)}</p>"
        f"<b>{abs(match.cosine):.2f}</b></div>"
    )


def _coloured(kernel: np.ndarray) -> str:
    return _tile(grid_png(maps.colour_kernels(kernel[..., None]), columns=1, scale=1, gap=0), len(kernel))


def _signed(square: np.ndarray) -> str:
    sprite = maps.maps_sprite(square[..., None], signed=True, gap=0, dark=show.dark())
    return _tile(sprite.png, len(square))


def _tile(png: bytes, size: int) -> str:
    side = size * max(1, _SIDE // size)
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<img src="{source}" width="{side}" height="{side}" alt="">'


def _offer(run: RunSummary, side: str) -> None:
    """Put this run's experiment with a first layer made by hand into the sidebar."""
    told = st.session_state.get(_FLAG)
    if told == "new":  # the sidebar lies outside of this part of the page
        st.session_state[_FLAG] = "shown"
        st.rerun()
    if told:
        del st.session_state[_FLAG]
        st.toast(
            "The sidebar now holds this experiment with a first layer made by hand, frozen. Press Train."
        )
    st.button(
        "Train with hand-made kernels instead",
        icon=":material/back_hand:",
        key=f"hand_made_{side}",
        on_click=_adopt,
        args=(run,),
        help="Puts this run's settings into the sidebar, with hand-made kernels in the first layer, frozen.",
    )


def _adopt(run: RunSummary) -> None:
    if run.experiment:
        try:
            adopt.into_sidebar(run.experiment)
        except UnknownNameError:
            st.toast("The run's network is none of the sidebar's: its other settings stay as they are.")
    for key, value in (("first", "hand-made"), ("freeze", "first")):
        linked.put(key, value, leave_out=str(BY_KEY[key].default))
    st.session_state[_FLAG] = "new"
