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
    if len(shown) < 2 or not all(one.layer.spatial for one in shown):
        return
    each_name = brief(names(shown))
    found = [LayerNumbers.of(each) for each in numbers]
    left, right = st.columns(2, gap="large", vertical_alignment="center")
    with left, st.container(gap="xsmall"):
        sentence = st.empty()
        networks = {(one.run.id, one.untrained, one.layer.name) for one in shown}
        measurable = len(networks) == 2 and all(one.layer.name != IMAGE for one in shown)
        many = measured(shown) if measurable else None
        sentence.markdown(_sentence(each_name, shown, numbers, many), help=_HELP)
    with right:
        st.html(_table(each_name, found, many))


def brief(titles: Sequence[str]) -> list[str]:
    """The shortest part in which two titles differ: `3×3` and `5×5` of `A · 3×3` and `A · 5×5`."""
    parts = [title.split(" · ") for title in titles]
    pairs = [
        list(pair) for pair in zip(*(reversed(each) for each in parts), strict=False) if len(set(pair)) == 2
    ]
    return min(pairs, key=lambda pair: sum(map(len, pair)), default=list(titles))


def _sentence(
    titles: Sequence[str], shown: Sequence[Shown], numbers: Sequence[MapStatistics], many: Differences | None
) -> str:
    """`3×3 is sharper: 5.2 against 3.9`, with what it rests on."""
    if many:
        return _sentence_over_many(titles, many["sharpness"])
    first, second = (LayerNumbers.of(each).sharpness for each in numbers)
    if not math.isfinite(first) or not math.isfinite(second):
        return "Sharpness can't be compared here: a map needs 3×3 values that are not all the same."
    speaking = " and ".join(
        f"{int(np.isfinite(each.sharpness).sum())} of {len(each.sharpness)}" for each in numbers
    )
    ends = ["this image" if shown[0].looked.digest == shown[1].looked.digest else "one image each"]
    if shown[0].run.id != shown[1].run.id:
        ends.append("one seed each")
    text = f"{_sharper(titles, first, second)}, median of the maps that are not constant ({speaking}; "
    text += f"{', '.join(ends)})."
    sides = sorted(one.layer.values.shape[0] for one in shown)
    if sides[1] > 1.2 * sides[0]:
        text += " Their sizes differ: smaller maps are sharper by themselves."
    return text


def _sentence_over_many(titles: Sequence[str], found: Difference | None) -> str:
    if found is None:
        return "Sharpness can't be compared over these images: the maps are constant or too small."
    text = f"Over {found.n:,} training images {_sharper(titles, found.first, found.second)}. "
    low, high = (words.significant(end) for end in (found.low, found.high))
    text += f"The difference is {words.significant(found.first - found.second)} on average "
    text += f"(95 % interval {low} to {high}); "
    text += f"{titles[0]} is sharper for {words.percent(found.larger, 0)} of the images. "
    if found.low <= 0 <= found.high:
        text += "The interval holds 0: these images show no difference."
    else:
        text += "This tells these two trainings apart; another seed may give another answer."
    return text


def _sharper(titles: Sequence[str], first: float, second: float) -> str:
    a, b = words.significant(first), words.significant(second)
    if a == b:
        return f"both are equally sharp: {a}"
    return (
        f"**{titles[0]}** is sharper: {a} against {b}"
        if first > second
        else (f"**{titles[1]}** is sharper: {b} against {a}")
    )


def _table(titles: Sequence[str], found: Sequence[LayerNumbers], many: Differences | None) -> str:
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in titles)
    last = "<th>difference (95 %)</th>" if many else ""
    rows = "".join(f"<tr><td>{label}</td>{_cells(field, found, many)}</tr>" for field, label in _ROWS.items())
    what = "mean ± deviation" if many else ""
    return f'<table class="cnnviz-differences"><tr><td>{what}</td>{heads}{last}</tr>{rows}</table>'


def _cells(field: str, found: Sequence[LayerNumbers], many: Differences | None) -> str:
    if not many:
        return "".join(f"<td>{_written(field, getattr(each, field))}</td>" for each in found)
    one = many[field]
    if one is None:
        return "<td>–</td><td>–</td><td>–</td>"
    pairs = ((one.first, one.first_spread), (one.second, one.second_spread))
    each = [_with_spread(field, mean, spread) for mean, spread in pairs]
    each.append(f"{_written(field, one.low)} to {_written(field, one.high)}")
    return "".join(f"<td>{text}</td>" for text in each)


def _with_spread(field: str, mean: float, spread: float) -> str:
    if field in _SHARES:
        return f"{100 * mean:.1f} ± {100 * spread:.1f} %"
    return f"{_written(field, mean)} ± {words.significant(spread, 2)}"


def _written(field: str, value: float) -> str:
    if not math.isfinite(value):
        return "–"
    text = words.percent(value, 1) if field in _SHARES else words.significant(value)
    return text.replace("-", "−")


IMAGES = 512
_EVERY_SECONDS, _TURN_SECONDS = 0.2, 0.15
Differences = dict[str, Difference | None]
Parts = dict[tuple[int, int], tuple[LayerNumbers, ...]]  # by panel and first image


def measured(shown: Sequence[Shown]) -> Differences | None:
    """The differences, once measured; before that a button, or how far it has come."""
    count = min(IMAGES, _available(shown[0]))
    asked = f"maps_measured_{[(one.run.id, one.looked.weights.stamp, one.layer.name) for one in shown]}"
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
    return [(side, start) for side in (0, 1) for start in range(0, count, MEASURED)]


@st.fragment(run_every=_EVERY_SECONDS)
def _measure(asked: str, shown: Sequence[Shown], count: int) -> None:
    parts, wanted, end = st.session_state[asked], _wanted(count), time.monotonic() + _TURN_SECONDS
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


def _compared(parts: Parts, count: int) -> Differences:
    sides: list[list[LayerNumbers]] = [[], []]
    for side, start in _wanted(count):
        sides[side] += parts[side, start]
    return {
        field: Difference.of(*(np.array([getattr(one, field) for one in each[:count]]) for each in sides))
        for field in LayerNumbers._fields
    }
