"""Feature maps page: what two panels differ in, measured: for this image, and over many training images."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.inspection.questions import MEASURED, Measure
from cnnviz.inspection.statistics import Difference, LayerNumbers, MapStatistics
from cnnviz.ui import cache, show
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps.layer_choice import Shown, names
from cnnviz.ui.feature_maps.subjects import IMAGE

_HELP = (
    "Sharpness: the mean squared Laplacian of a map (its answer to edges and fine detail), divided by the "
    "map's variance, so that strong and faint maps compare; the median of all maps that are not constant. "
    "Smooth maps come near 0, noise to 20, a chessboard to 64. Dead: 0 everywhere. Over many images: "
    "mean ± standard deviation over the images, and the 95 % interval of the mean difference. "
    "After Pech-Pacheco et al. 2000 and LAP4 in "
    "Pertuz et al. 2013; the division by the variance is ours."
)
_ROWS = {"sharpness": "sharpness", "dead": "dead maps", "zeros": "zeros", "mean": "mean value"}
_SHARES = ("dead", "zeros")


def render(shown: Sequence[Shown], numbers: Sequence[MapStatistics]) -> None:
    """A sentence and a small table; a button measures the same over many training images."""
    if len(shown) < 2 or not all(panel.layer.spatial for panel in shown):
        return
    titles = brief(names(shown))
    left, right = st.columns(2, gap="large", vertical_alignment="center")
    with left, st.container(gap="xsmall"):
        sentence = st.empty()
        networks = {(panel.run.id, panel.untrained, panel.layer.name) for panel in shown}
        measurable = len(networks) == 2 and all(panel.layer.name != IMAGE for panel in shown)
        many = _measured(shown) if measurable else None
        text = _sentence_over_many(titles, many["sharpness"]) if many else _sentence(titles, shown, numbers)
        sentence.markdown(text, help=_HELP)
    with right:
        st.html(_table(titles, [LayerNumbers.of(each) for each in numbers], many))


def brief(titles: Sequence[str]) -> list[str]:
    """The shortest part in which two titles differ: `3×3` and `5×5` of `A · 3×3` and `A · 5×5`."""
    parts = [title.split(" · ") for title in titles]
    pairs = [
        list(pair) for pair in zip(*(reversed(each) for each in parts), strict=False) if len(set(pair)) == 2
    ]
    return min(pairs, key=lambda pair: sum(map(len, pair)), default=list(titles))


def _sentence(titles: Sequence[str], shown: Sequence[Shown], numbers: Sequence[MapStatistics]) -> str:
    """`3×3 is sharper: 5.2 against 3.9`, with what it rests on."""
    first, second = (LayerNumbers.of(each).sharpness for each in numbers)
    if not math.isfinite(first) or not math.isfinite(second):
        return "Sharpness can't be compared here: a map needs 3×3 values that are not all the same."
    counts = " and ".join(
        f"{int(np.isfinite(each.sharpness).sum())} of {len(each.sharpness)}" for each in numbers
    )
    ends = "this image" if shown[0].looked.digest == shown[1].looked.digest else "one image each"
    ends += ", one seed each" if shown[0].run.id != shown[1].run.id else ""
    text = f"{_sharper(titles, first, second)}, median of the maps that are not constant ({counts}; {ends})."
    sides = sorted(panel.layer.values.shape[0] for panel in shown)
    smaller = " Their sizes differ: smaller maps are sharper by themselves."
    return text + (smaller if sides[1] > 1.2 * sides[0] else "")


def _sentence_over_many(titles: Sequence[str], difference: Difference | None) -> str:
    if difference is None:
        return "Sharpness can't be compared over these images: the maps are constant or too small."
    first, second = difference.first, difference.second
    low, high = (words.significant(end) for end in (difference.low, difference.high))
    if difference.low <= 0 <= difference.high:
        meaning = "The interval holds 0: these images show no difference."
    else:
        meaning = "This tells these two trainings apart; another seed may give another answer."
    return (
        f"Over {difference.n:,} training images {_sharper(titles, first, second)}. "
        f"The difference is {words.significant(first - second)} on average "
        f"(95 % interval {low} to {high}); "
        f"{titles[0]} is sharper for {words.percent(difference.larger, 0)} of the images. {meaning}"
    )


def _sharper(titles: Sequence[str], first: float, second: float) -> str:
    a, b = words.significant(first), words.significant(second)
    if a == b:
        return f"both are equally sharp: {a}"
    title, more, less = (titles[0], a, b) if first > second else (titles[1], b, a)
    return f"**{title}** is sharper: {more} against {less}"


def _table(titles: Sequence[str], numbers: Sequence[LayerNumbers], many: Differences | None) -> str:
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in titles)
    last = "<th>difference (95 %)</th>" if many else ""
    rows = "".join(
        f"<tr><td>{label}</td>{_cells(field, numbers, many)}</tr>" for field, label in _ROWS.items()
    )
    what = "mean ± deviation" if many else ""
    return f'<table class="cnnviz-differences"><tr><td>{what}</td>{heads}{last}</tr>{rows}</table>'


def _cells(field: str, numbers: Sequence[LayerNumbers], many: Differences | None) -> str:
    if not many:
        texts = [_written(field, getattr(each, field)) for each in numbers]
    elif (difference := many[field]) is None:
        texts = [words.NONE] * 3
    else:
        pairs = ((difference.first, difference.first_spread), (difference.second, difference.second_spread))
        if field in _SHARES:
            texts = [f"{100 * mean:.1f} ± {100 * spread:.1f} %" for mean, spread in pairs]
        else:
            texts = [f"{_written(field, mean)} ± {words.significant(spread, 2)}" for mean, spread in pairs]
        texts.append(f"{_written(field, difference.low)} to {_written(field, difference.high)}")
    return "".join(f"<td>{text}</td>" for text in texts)


def _written(field: str, value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return words.percent(value, 1) if field in _SHARES else words.significant(value)


IMAGES = 512
_EVERY_SECONDS, _TURN_SECONDS = 0.2, 0.15
Differences = dict[str, Difference | None]
Parts = dict[tuple[int, int], tuple[LayerNumbers, ...]]  # by panel and first image


def _measured(shown: Sequence[Shown]) -> Differences | None:
    """The differences, once measured; before that a button, or how far it has come."""
    experiment = shown[0].run.experiment
    count = min(IMAGES, len(cache.images_of(shown[0].run).train) if experiment else 0)
    wanted = [(side, start) for side in (0, 1) for start in range(0, count, MEASURED)]
    asked = f"maps_measured_{[(each.run.id, each.looked.weights.stamp, each.layer.name) for each in shown]}"
    parts: Parts | CnnvizError | None = st.session_state.get(asked)
    if isinstance(parts, dict):
        if len(parts) < len(wanted):
            _measure(asked, shown, wanted, count)
            return None
        sides: list[list[LayerNumbers]] = [[], []]
        for side, start in wanted:
            sides[side] += parts[side, start]
        return {
            field: Difference.of(
                *(np.array([getattr(numbers, field) for numbers in each[:count]]) for each in sides)
            )
            for field in LayerNumbers._fields
        }
    if parts:
        show.problem(parts)
    st.button(
        f"Measure over {count:,} training images",
        key="maps_measure",
        icon=":material/straighten:",
        on_click=lambda: st.session_state.update({asked: {}}),
    )
    return None


@st.fragment(run_every=_EVERY_SECONDS)
def _measure(asked: str, shown: Sequence[Shown], wanted: Sequence[tuple[int, int]], count: int) -> None:
    parts, end = st.session_state[asked], time.monotonic() + _TURN_SECONDS
    try:
        for side, start in wanted:
            if (side, start) not in parts and time.monotonic() < end:
                parts[side, start] = ask(
                    Measure(shown[side].looked.weights, shown[side].layer.name, shown[0].run.path, start)
                )
    except CnnvizError as error:
        st.session_state[asked] = error
        st.rerun()
    st.progress(len(parts) / len(wanted), f"Measuring {count:,} training images")
    if len(parts) == len(wanted):
        st.rerun()
