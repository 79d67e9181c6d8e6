"""Compare page: what every entry reached, and the settings in which they differ."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.evaluation import contrast
from cnnviz.figures.comparison_figures import MOST_NAMED, Score
from cnnviz.ui.compare.entries import Entry, score_of

#: Settings worth naming where all share them.
_SHARED = ("data set", "network", "kernel size", "epochs", "batch size", "optimizer", "augmentation", "seed")
_ONE_SEED = (
    "Each run is one training with one seed: small differences may be chance; only repeats with other seeds "
    "can tell."
)
_SEVERAL = (
    "Repeats stand together, as mean ± standard deviation over their seeds. The page Sweep tests, seed by "
    "seed, whether a difference is more than chance."
)
_COLUMNS: dict[str, Any] = {
    "Run": st.column_config.TextColumn(width=270),
    "No.": st.column_config.NumberColumn(width=50, help="As in the figure on the right."),
    "Test accuracy": st.column_config.ProgressColumn(
        min_value=0,
        max_value=100,
        format="%.1f %%",
        help="Share of the test images it gets right; of repeats the mean.",
    ),
    "95 % interval": st.column_config.TextColumn(
        help="Wilson's interval, from the number of test images: what other images would change, not what "
        "another seed would."
    ),
    "Over seeds": st.column_config.TextColumn(help="Standard deviation over the seeds, in points."),
    "Images/s": st.column_config.TextColumn(help="Training images a second."),
    "Test loss": st.column_config.TextColumn(help="Cross-entropy in nats: lower is better."),
}


def table(entries: list[Entry]) -> None:
    """Results of all entries, and those settings in which they differ."""
    scores = [score_of(entry) for entry in entries]
    several = any(score.seeds > 1 for score in scores)
    settings = contrast([entry.experiment for entry in entries])
    if several:
        settings.differing.pop("seed", None)
    numbered = {"No.": list(range(1, len(entries) + 1))} if len(entries) > MOST_NAMED else {}
    data = {
        **numbered,
        "Run": [entry.label for entry in entries],
        "Test accuracy": [100 * score.accuracy for score in scores],
        **({"Over seeds": [_spread(score) for score in scores]} if several else {}),
        "95 % interval": [_interval(score) for score in scores],
        **{name[:1].upper() + name[1:]: texts for name, texts in settings.differing.items()},
        "Training time": [words.duration(score.seconds) for score in scores],
        "Parameters": [words.count(score.parameters) for score in scores],
        "Test loss": [words.significant(entry.mean("test_loss")) for entry in entries],
        "Images/s": [words.significant(entry.mean("images_per_second")) for entry in entries],
        "Device": [score.device for score in scores],
    }
    if several and all(score.seeds > 1 for score in scores):
        del data["95 % interval"]
    st.dataframe(
        pd.DataFrame(data), hide_index=True, key="compare_table", column_config=_COLUMNS, placeholder="–"
    )
    alike = [f"{name} {settings.common[name]}" for name in _SHARED if name in settings.common]
    if several:
        alike = [text for text in alike if not text.startswith("seed ")]
    same = f"Alike in all: {' · '.join(alike) or 'nothing'}. " if len(entries) > 1 else ""
    st.caption(same + (_SEVERAL if several else _ONE_SEED))


def _spread(score: Score) -> str:
    if score.seeds == 1:
        return "one seed"
    return f"± {50 * (score.high - score.low):.1f} ({score.seeds} seeds)"


def _interval(score: Score) -> str:
    return "–" if score.seeds > 1 else f"{100 * score.low:.1f} … {100 * score.high:.1f} %"
