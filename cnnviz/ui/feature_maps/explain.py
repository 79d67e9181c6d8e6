"""Feature maps page, the look Explain: why a network says what it says, by every method at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz import words
from cnnviz.inspection.explanations import METHODS
from cnnviz.ui import linked
from cnnviz.ui.feature_maps import explain_large, explain_maximum, explain_row, explain_settings
from cnnviz.ui.feature_maps.image import Picture
from cnnviz.ui.feature_maps.view import Looked
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
    """All methods small, the chosen one large; or the image that excites a class or a map most."""
    st.html(_CSS)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        strongest = segments("Explain", _WHAT, key="explain") == "strongest"
        target = explain_maximum.pick(looked[0]) if strongest else None
        if target is None:
            label = _pick_class(looked, picture.true, class_names)
        method = "" if strongest else _pick_method()
    if strongest:
        layer, unit = target or (None, label)
        explain_maximum.render(looked, layer, unit, class_names)
        return
    for name in METHODS:
        entry = METHODS.get(name)
        explain_settings.tell_refused(name, entry.about.title, entry.defaults(looked[0].image.shape))
    rows = [st.container(key=f"explain_row_{'ab'[i]}") for i in range(len(looked))]
    with st.container():
        explain_large.render(looked, label, class_names, method)  # before the small ones: it is looked at
    tests = st.container()
    for i, (row, one) in enumerate(zip(rows, looked, strict=True)):
        with row:
            explain_row.render(
                one,
                label,
                method,
                side="ab"[i],
                title=one.subject.title if len(looked) > 1 else "",
                on_pick=lambda name: linked.put(METHOD_KEY, name, leave_out=next(iter(METHODS))),
            )
    with tests:
        explain_large.tests(looked, label, method)


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
