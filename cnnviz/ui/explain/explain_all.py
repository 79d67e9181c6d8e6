"""Feature maps page, the look Explain: why a network says what it says, by every method at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.figures import explanation_figures
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import Faithfulness
from cnnviz.ui import linked, show
from cnnviz.ui.components import tiles
from cnnviz.ui.explain import activation_maximum, explain_one, method_settings
from cnnviz.ui.explain.explain_answers import Explained
from cnnviz.ui.feature_maps.image_choice import Picture
from cnnviz.ui.feature_maps.subjects import Looked

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
    with show.row():
        strongest = linked.segments("Explain", _WHAT, key="explain") == "strongest"
        target = activation_maximum.pick(looked[0]) if strongest else None
        if target is None:
            label = _pick_class(looked, picture.true, class_names)
        if not strongest:
            # The keyboard's way; a click on a tile does the same.
            method = linked.select(
                "Method",
                METHODS.names(),
                key=METHOD_KEY,
                default=METHODS.names()[0],
                names=lambda name: METHODS.get(name).about.title,
                hidden=True,
                width=210,
            )
    if strongest:
        layer, unit = target or (None, label)
        activation_maximum.render(looked, layer, unit, class_names)
        return
    for name in METHODS:
        entry = METHODS.get(name)
        method_settings.tell_refused(name, entry.about.title, entry.defaults(looked[0].image.shape))
    rows = [st.container(key=f"explain_row_{'ab'[i]}") for i in range(len(looked))]
    explained = [Explained(each, label, method) for each in looked]
    with st.container():
        explain_one.render(explained, class_names[label])  # before the small ones: it is looked at
    tests = st.container()
    for i, (row, each) in enumerate(zip(rows, explained, strict=True)):
        with row:
            _row_of_methods(each, "ab"[i], each.looked.subject.title if len(looked) > 1 else "")
    with tests:
        explain_one.tests(explained)


def _pick_class(looked: Sequence[Looked], true: int | None, class_names: Sequence[str]) -> int:
    """The class whose score is explained; by default what the first network says."""
    probabilities = [each.overview.probabilities for each in looked]
    top = int(probabilities[0].argmax())

    def name(option: str) -> str:
        label = top if option == _SAID else int(option)
        shares = " | ".join(words.percent(float(each[label]), 2 - len(looked)) for each in probabilities)
        text = f"{class_names[label]}{' (true)' if label == true else ''} · {shares}"
        return f"says: {text}" if option == _SAID else text

    order = [str(int(c)) for c in np.argsort(-probabilities[0], kind="stable")]
    st.markdown(
        "Class",
        width="content",
        help="Every class has a score, which softmax turns into a probability. What is explained is "
        "the score of one class: by default of the one with the highest.",
    )
    option = linked.select(
        "Class", [_SAID, *order], key=CLASS_KEY, default=_SAID, names=name, hidden=True, width=280
    )
    return top if option == _SAID else int(option)


_HELP = (
    "Deletion: pixels are replaced by the image's mean colour, those first that the explanation calls most "
    "important; the area under the probability's curve is small where it is right. Insertion: the same "
    "pixels are put into a blurred image; the area is large where it is right. (Petsiuk et al. 2018)"
)


class _Areas(NamedTuple):
    """Areas under both curves, as they are shown: what looks alike is alike."""

    deletion: float
    insertion: float


def _row_of_methods(chosen: Explained, side: str, title: str) -> None:
    """Fill one tile after the other, the quick methods first; then mark the best scores.

    Args:
        chosen: by the method that is shown large.
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
            explained = chosen._replace(method=name)
            if _drawn(explained, f"explain_tile_{side}_{name}", name == chosen.method, small=bool(title)):
                drawn.append(explained)
    if not drawn:
        return
    areas: dict[str, _Areas] = {}
    for explained in drawn:
        place = slots[explained.method][1]
        with place, st.spinner("scores …"):
            own = areas[explained.method] = _rounded(explained.scores())
        place.html(_scores(own))
    chance = _rounded(chosen.random_order())
    best = _Areas(min(x.deletion for x in areas.values()), max(x.insertion for x in areas.values()))
    for name, own in areas.items():
        slots[name][1].html(_scores(own, chance, best))
    text = f"deletion {chance.deletion:.3f}, insertion {chance.insertion:.3f}"
    advice = "Good explanations delete lower and insert higher."
    if best.deletion >= chance.deletion and best.insertion <= chance.insertion:
        advice = "No explanation does better here."
    alone = f":small[Scores in random order: {text}. {advice}]"
    heading.markdown(f"**{title}** · :small[random order: {text}]" if title else alone, help=_HELP)


def _drawn(explained: Explained, key: str, is_chosen: bool, *, small: bool) -> bool:
    """Draw a method's tile; where it can't explain this network, its reason instead (False)."""
    title, image = explained.about.title, explained.looked.image
    try:
        with st.spinner(f"{title} …"):
            answer = explained.attribution()
    except CnnvizError as error:
        st.markdown(f"**{title}**")
        st.caption(show.plain(str(error)))
        return False
    limit = explanation_figures.limit_of(answer.values)
    png = explanation_figures.tile_png(image, answer.values, signed=answer.signed, limit=limit)
    tiles.card(
        png,
        title,
        key=key,
        size=(image.shape[1], image.shape[0]),
        small=small,
        chosen=is_chosen,
        on_pick=lambda: linked.put(METHOD_KEY, explained.method, leave_out=METHODS.names()[0]),
    )
    return True


def _rounded(scores: Faithfulness) -> _Areas:
    return _Areas(round(scores.deletion.area, 3), round(scores.insertion.area, 3))


def _scores(own: _Areas, chance: _Areas | None = None, best: _Areas | None = None) -> str:
    """Both numbers; the best of all methods bold, those no better than chance faint."""
    rows = []
    for i, (word, area) in enumerate(zip(_Areas._fields, own, strict=True)):
        text = f"{word} {area:.3f}"
        if chance and (area >= chance[i] if word == "deletion" else area <= chance[i]):
            text = f'<span class="weak" title="no better than a random order">{text}</span>'
        elif best and area == best[i]:
            text = f'<span class="best">{text} best</span>'
        rows.append(text)
    return f'<div class="cnnviz-scores">{"<br>".join(rows)}</div>'
