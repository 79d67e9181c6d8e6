"""All methods at once as small overlays, each with its deletion and insertion score."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.errors import CnnvizError
from cnnviz.figures import explanations
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.results import Faithfulness
from cnnviz.specs.base import Spec
from cnnviz.ui.feature_maps import explain_answers
from cnnviz.ui.feature_maps.explain_parts import tile
from cnnviz.ui.feature_maps.explain_settings import chosen
from cnnviz.ui.feature_maps.view import Looked

_HELP = (
    "Deletion: pixels are replaced by the image's mean colour, those first that the explanation calls most "
    "important; the area under the probability's curve is small where it is right. Insertion: the same "
    "pixels are put into a blurred image; the area is large where it is right. (Petsiuk et al. 2018)"
)


class _Areas(NamedTuple):
    """Areas under both curves, as they are shown: what looks alike is alike."""

    deletion: float
    insertion: float


def render(
    looked: Looked, label: int, method: str, *, side: str, title: str, on_pick: Callable[[str], None]
) -> None:
    """Fill one tile after the other, the quick methods first; then mark the best scores.

    Args:
        method: the chosen one.
        title: of the network, where there are two.
    """
    heading = st.empty()
    heading.markdown(f"**{title}**" if title else ":small[The maps come first, then their scores.]")
    slots: dict[str, tuple[DeltaGenerator, DeltaGenerator]] = {}
    for name, column in zip(METHODS, st.columns(len(METHODS), gap="xsmall"), strict=True):
        with column, st.container(key=f"explain_slot_{side}_{name}", gap="xxsmall"):
            slots[name] = st.empty(), st.empty()
    drawn = []
    for name in METHODS:
        with slots[name][0].container():
            if _drawn(looked, label, name, side, name == method, bool(title), on_pick):
                drawn.append(name)
    if not drawn:
        return
    found: dict[str, Faithfulness] = {}
    for name in drawn:
        with slots[name][1], st.spinner("scores …"):
            found[name] = explain_answers.scores(looked, label, name, _settings(looked, name))
        slots[name][1].html(_scores(_rounded(found[name])))
    chance = _rounded(explain_answers.random_order(looked, label))
    areas = {name: _rounded(one) for name, one in found.items()}
    best = _Areas(min(x.deletion for x in areas.values()), max(x.insertion for x in areas.values()))
    for name, own in areas.items():
        slots[name][1].html(_scores(own, chance, best))
    heading.markdown(_heading(title, chance, best), help=_HELP)


def _heading(title: str, chance: _Areas, best: _Areas) -> str:
    areas = f"deletion {chance.deletion:.3f}, insertion {chance.insertion:.3f}"
    if title:
        return f"**{title}** · :small[random order: {areas}]"
    advice = "Good explanations delete lower and insert higher."
    if best.deletion >= chance.deletion and best.insertion <= chance.insertion:
        advice = "No explanation does better here."
    return f":small[Scores in random order: {areas}. {advice}]"


def _settings(looked: Looked, name: str) -> Spec:
    return chosen(name, METHODS.get(name).defaults(looked.image.shape))


def _drawn(
    looked: Looked,
    label: int,
    name: str,
    side: str,
    is_chosen: bool,
    small: bool,
    on_pick: Callable[[str], None],
) -> bool:
    """Draw a method's tile; where it can't explain this network, its reason instead (False)."""
    about = METHODS.get(name).about
    try:
        with st.spinner(f"{about.title} …"):
            found = explain_answers.explained(looked, label, name, _settings(looked, name))
    except CnnvizError as error:
        st.markdown(f"**{about.title}**")
        st.caption(str(error))
        return False
    height, width = looked.image.shape[:2]
    png = explanations.tile_png(
        looked.image, found.values, signed=found.signed, limit=explanations.limit_of(found.values)
    )
    tile(
        png,
        about.title,
        key=f"explain_tile_{side}_{name}",
        size=(width, height),
        small=small,
        chosen=is_chosen,
        on_pick=lambda: on_pick(name),
    )
    return True


def _rounded(found: Faithfulness) -> _Areas:
    return _Areas(round(found.deletion.area, 3), round(found.insertion.area, 3))


def _scores(own: _Areas, chance: _Areas | None = None, best: _Areas | None = None) -> str:
    """Both numbers; the best of all methods bold, those no better than chance faint."""
    weak = chance and (own.deletion >= chance.deletion, own.insertion <= chance.insertion)
    top = best and (own.deletion == best.deletion, own.insertion == best.insertion)
    rows = [
        _score(word, area, best=bool(top and top[i]), weak=bool(weak and weak[i]))
        for i, (word, area) in enumerate(zip(_Areas._fields, own, strict=True))
    ]
    return f'<div class="cnnviz-scores">{"<br>".join(rows)}</div>'


def _score(word: str, area: float, *, best: bool, weak: bool) -> str:
    if weak:
        return f'<span class="weak" title="no better than a random order">{word} {area:.3f}</span>'
    return f'<span class="best">{word} {area:.3f} best</span>' if best else f"{word} {area:.3f}"
