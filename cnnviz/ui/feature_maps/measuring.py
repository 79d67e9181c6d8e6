"""Feature maps page: both panels' numbers over many training images, measured in short turns.

Each turn is a run of a small fragment, so that clicks get their answers between them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.inspection.exciting import BATCH
from cnnviz.inspection.statistics import Difference, LayerNumbers
from cnnviz.ui import cache, show
from cnnviz.ui.asking import work
from cnnviz.ui.feature_maps.layer import Shown

IMAGES = 512
_EVERY_SECONDS, _TURN_SECONDS = 0.2, 0.15
Differences = dict[str, Difference | None]
Parts = dict[tuple[int, int], list[LayerNumbers]]  # by panel and first image


def offer(shown: Sequence[Shown]) -> Differences | None:
    """The differences, once measured; before that a button, or how far it has come."""
    count = min(IMAGES, _available(shown[0]))
    asked = f"maps_measured_{[(one.run.id, one.looked.subject.stamp, one.layer.name) for one in shown]}"
    parts: Parts | CnnvizError | None = st.session_state.get(asked)
    if isinstance(parts, CnnvizError):
        show.problem(parts)
    elif parts is not None:
        if len(parts) == len(_wanted(count)):
            return _compared(parts, count)
        _measure(asked, shown, count)
        return None
    st.button(
        f"Measure over {count:,} training images",
        key="maps_measure",
        icon=":material/straighten:",
        on_click=lambda: st.session_state.update({asked: {}}),
    )
    return None


def _available(shown: Shown) -> int:
    return len(cache.dataset(shown.run.experiment.dataset).train) if shown.run.experiment else 0


def _wanted(count: int) -> list[tuple[int, int]]:
    return [(side, start) for side in (0, 1) for start in range(0, count, BATCH)]


@st.fragment(run_every=_EVERY_SECONDS)
def _measure(asked: str, shown: Sequence[Shown], count: int) -> None:
    parts, wanted, end = st.session_state[asked], _wanted(count), time.monotonic() + _TURN_SECONDS
    try:
        for side, start in wanted:
            if (side, start) not in parts and time.monotonic() < end:
                parts[side, start] = _part(shown[side], str(shown[0].run.path), start)
    except CnnvizError as error:
        st.session_state[asked] = error
        st.rerun()
    st.progress(len(parts) / len(wanted), f"Measuring {count:,} training images")
    if len(parts) == len(wanted):
        st.rerun()


def _part(one: Shown, images_of: str, start: int) -> list[LayerNumbers]:
    found: list[LayerNumbers] = work(
        "measure",
        module="cnnviz.inspection.scanning",
        run=str(one.run.path),
        layer=one.layer.name,
        images_of=images_of,
        start=start,
        untrained=one.untrained,
    )
    return found


def _compared(parts: Parts, count: int) -> Differences:
    sides: list[list[LayerNumbers]] = [[], []]
    for side, start in _wanted(count):
        sides[side] += parts[side, start]
    return {
        field: Difference.of(*(np.array([getattr(one, field) for one in each[:count]]) for each in sides))
        for field in LayerNumbers._fields
    }
