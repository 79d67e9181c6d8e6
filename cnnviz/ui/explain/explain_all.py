"""Feature maps page, the look Explain: why a network says what it says, by every method at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.figures import explanation_figures
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import Faithfulness
from cnnviz.specs.base import Spec
from cnnviz.ui import linked
from cnnviz.ui.components import tiles
from cnnviz.ui.explain import activation_maximum, explain_answers, explain_one, method_settings
from cnnviz.ui.explain.method_settings import chosen
from cnnviz.ui.feature_maps.image_choice import Picture
from cnnviz.ui.feature_maps.subjects import Looked
from cnnviz.ui.linked import segments

METHOD_KEY, CLASS_KEY = "method", "explained"  # "class" is the page Data's
_SAID = "said"
_WHAT = {"image": "This image", "strongest": "Strongest image"}
_CSS = """
<style>
  .cnnviz-scores { text-align: center; font-size: 0.82rem; line-height: 1.25; min-height: 2.1rem;
    font-variant-numeric: tabular-nums; }
  .cnnviz-scores .best { font-weight: 700; color: var(--st-primary-color); }
  .cnnviz-scores .weak { color: light-dark(#5B636B, #A7AFB7); }
  [class*="st-key-explain_slot"] { min-height: 10rem; }
  .cnnviz-frames { display: flex; flex-wrap: wrap; gap: 12px; }
  .cnnviz-frames figure { margin: 0; }
  .cnnviz-frames .way { display: flex; flex-wrap: wrap; gap: 12px; max-width: 320px;
    align-content: flex-start; }
  .cnnviz-frames img { image-rendering: pixelated; display: block; border-radius: 3px; }
  .cnnviz-frames figcaption { font-size: 0.82rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
</style>
"""


def render(looked: Sequence[Looked], picture: Picture, class_names: Sequence[str]) -> None:
    """All methods small, the chosen one large; or the image that maximises a class's score or a map."""
    st.html(_CSS)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        strongest = segments("Explain", _WHAT, key="explain") == "strongest"
        target = activation_maximum.pick(looked[0]) if strongest else None
        if target is None:
            label = _pick_class(looked, picture.true, class_names)
        method = "" if strongest else _pick_method()
    if strongest:
        layer, unit = target or (None, label)
        activation_maximum.render(looked, layer, unit, class_names)
        return
    for name in METHODS:
        entry = METHODS.get(name)
        method_settings.tell_refused(name, entry.about.title, entry.defaults(looked[0].image.shape))
    rows = [st.container(key=f"explain_row_{'ab'[i]}") for i in range(len(looked))]
    with st.container():
        explain_one.render(looked, label, class_names, method)  # before the small ones: it is looked at
    tests = st.container()
    for i, (row, one) in enumerate(zip(rows, looked, strict=True)):
        with row:
            row_of_methods(
                one,
                label,
                method,
                side="ab"[i],
                title=one.subject.title if len(looked) > 1 else "",
                on_pick=lambda name: linked.put(METHOD_KEY, name, leave_out=next(iter(METHODS))),
            )
    with tests:
        explain_one.tests(looked, label, method)


def _pick_class(looked: Sequence[Looked], true: int | None, class_names: Sequence[str]) -> int:
    """The class whose score is explained; by default what the first network says."""
    found = [one.overview.probabilities for one in looked]
    said = int(found[0].argmax())

    def name(option: str) -> str:
        label = said if option == _SAID else int(option)
        shares = " | ".join(words.percent(float(each[label]), 2 - len(found)) for each in found)
        text = f"{class_names[label]}{' (true)' if label == true else ''} · {shares}"
        return f"says: {text}" if option == _SAID else text

    order = [str(int(c)) for c in np.argsort(-found[0], kind="stable")]
    st.markdown(
        "Class",
        width="content",
        help="Every class has a score, which softmax turns into a probability. What is explained is "
        "the score of one class: by default of the one with the highest.",
    )
    with st.container(width=280):
        option = linked.select(
            "Class", [_SAID, *order], key=CLASS_KEY, default=_SAID, names=name, label_visibility="collapsed"
        )
    return said if option == _SAID else int(option)


def _pick_method() -> str:
    """The method that is shown large: the keyboard's way; a click on a tile does the same."""
    with st.container(width=210):
        return linked.select(
            "Method",
            METHODS.names(),
            key=METHOD_KEY,
            default=METHODS.names()[0],
            names=lambda name: METHODS.get(name).about.title,
            label_visibility="collapsed",
        )


_HELP = (
    "Deletion: pixels are replaced by the image's mean colour, those first that the explanation calls most "
    "important; the area under the probability's curve is small where it is right. Insertion: the same "
    "pixels are put into a blurred image; the area is large where it is right. (Petsiuk et al. 2018)"
)


class _Areas(NamedTuple):
    """Areas under both curves, as they are shown: what looks alike is alike."""

    deletion: float
    insertion: float


def row_of_methods(
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
    png = explanation_figures.tile_png(
        looked.image, found.values, signed=found.signed, limit=explanation_figures.limit_of(found.values)
    )
    tiles.card(
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
