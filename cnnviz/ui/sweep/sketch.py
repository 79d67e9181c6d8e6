"""The page Sweep, a new one: what the answer will look like, before there is one."""

from __future__ import annotations

import streamlit as st

from cnnviz.figures.sweep import Group, Setting, sweep_figure
from cnnviz.studies.sweep.sentences import NEEDED
from cnnviz.ui import show
from cnnviz.ui.sweep.verdicts import MARKS

#: Made-up accuracies of three seeds, and their mean with its 95 % interval by Student's t.
_EXAMPLE = (
    Setting(0, "one value", (0, 1, 2), (0.655, 0.661, 0.667), 0.661, 0.6461, 0.6759),
    Setting(1, "another", (0, 1, 2), (0.698, 0.702, 0.713), 0.7043, 0.6851, 0.7236),
)
_HEIGHT = 250
_MEANINGS = {
    "more than chance": "the seeds agree; chance alone would give such a difference in fewer than 5 of 100 "
    "sweeps.",
    "could be chance": "the seeds disagree too much. It does not mean that there is no difference.",
    "not enough evidence": "one seed, or seeds that can't be compared.",
}


def example() -> None:
    """An example figure with made-up numbers."""
    figure = sweep_figure([Group("", _EXAMPLE)], "", "accuracy", _EXAMPLE)
    figure.update_layout(title={"text": "An example: made-up numbers"}, margin={"b": 28})
    show.figure(
        figure,
        key="sweep_sketch",
        height=_HEIGHT,
        alt="Example with made-up numbers: three dots for three seeds at each of two values, and their "
        "means with 95 % intervals.",
    )


def meanings() -> None:
    """What each verdict means, and what more seeds can show."""
    with st.container(gap="xsmall", key="sweep_meanings"):
        st.markdown("**How the answer will read**")
        for verdict, meaning in _MEANINGS.items():
            st.markdown(f"{MARKS[verdict]}: {meaning}")
        steps = ", ".join(f"{n} seeds {NEEDED[n]:.1f} times" for n in (2, 3, 5, 10))
        st.caption(
            "More seeds show smaller differences. To be more than chance, a difference must be so many times "
            f"its spread over the seeds: {steps}.",
            help="Paired t-test, 5 %: the mean difference, over the standard deviation of the differences.",
        )
