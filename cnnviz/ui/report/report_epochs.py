"""Report page: the epochs that a run kept, and the slider over them.

After each epoch training keeps the confusion matrix of the validation images; the test images are looked
at once, at the end. So the slider's last stop is the end, with test and training images one by one, and
the earlier ones count validation images.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.evaluation import EpochEvaluation, Evaluation, class_names, evaluate_epoch
from cnnviz.runs import RunSummary, snapshots
from cnnviz.ui import linked

EPOCH_KEY, END = "epoch", "end"


class Kept(NamedTuple):
    """The confusion matrices of a run by epoch; where there are none, `why`."""

    matrices: dict[int, np.ndarray]  # (C, C), int64, rows true; 0: before training
    images: str  # "validation", or "training" where none were held back
    last: int  # the epoch whose weights the end shows
    why: str = ""

    @property
    def stops(self) -> list[str]:
        """The slider's: every epoch before the end, and the end."""
        return [*(str(epoch) for epoch in sorted(self.matrices) if epoch != self.last), END]


def kept(run: RunSummary, classes: int) -> Kept:
    """What a run kept of its epochs, as far as it can be read and fits the classes."""
    last = run.figures.weights_epoch or run.figures.epochs or 0
    folder = run.directory.snapshots_dir
    files = snapshots.files(folder)
    if not files:
        return Kept({}, "", last, "This run kept nothing of its epochs: an earlier version trained it.")
    if classes > 200:
        return Kept({}, "", last, "Matrices by epoch are kept for at most 200 classes.")
    try:
        probes = snapshots.read_probes(folder)
        matrices = {int(path.stem[6:]): _matrix(path, path.stat().st_mtime_ns) for path in files}
    except (CnnvizError, OSError) as error:
        return Kept({}, "", last, f"The epochs can't be read: {error}")
    shape = (classes, classes)
    fitting = {
        epoch: matrix for epoch, matrix in matrices.items() if matrix is not None and matrix.shape == shape
    }
    why = "" if fitting else "This run kept no confusion matrices with its epochs: an earlier version did it."
    return Kept(fitting, "training" if probes.from_training else "validation", last, why)


@st.cache_resource(max_entries=1024, show_spinner=False)
def _matrix(path: Path, stamp: int) -> np.ndarray | None:
    return snapshots.read_confusion(path)


def chosen(stops: list[str]) -> str:
    """The epoch in the link, else that of this visit, else the end."""
    return linked.current(EPOCH_KEY, stops, END)


def slider(kept: Kept) -> None:
    """Choose an epoch; by keyboard with the arrow keys. The choice stands in the link (`?epoch=3`)."""
    stops = kept.stops
    if len(stops) < 2:
        st.caption("No epochs to look back at", help=kept.why or "It was trained for one epoch.")
        return
    widget, choice = "report_epoch", chosen(stops)
    linked.put(EPOCH_KEY, choice, leave_out=END)
    st.session_state[widget] = choice
    st.select_slider(
        "Epoch",
        stops,
        key=widget,
        label_visibility="collapsed",
        format_func=lambda stop: label(stop, kept.last),
        on_change=lambda: choose(st.session_state[widget]),
    )


def choose(stop: str) -> None:
    """Go to an epoch, or to `END`; for callbacks."""
    linked.put(EPOCH_KEY, stop, leave_out=END)


def to_end(key: str, label: str) -> None:
    """A button that goes to the end."""
    st.button(label, icon=":material/last_page:", key=key, on_click=choose, args=(END,))


def label(stop: str, last: int) -> str:
    """`untrained`, `epoch 3`, `end (epoch 10)`."""
    if stop == END:
        return f"end (epoch {last})"
    return "untrained" if stop == "0" else f"epoch {stop}"


def past(kept: Kept, end: Evaluation) -> EpochEvaluation | None:
    """The evaluation of the chosen epoch; None at the end."""
    stop = chosen(kept.stops)
    if stop == END:
        return None
    return evaluate_epoch(
        int(stop), kept.matrices[int(stop)], end.class_names, images=kept.images, common=end.baseline.label
    )


def is_past(run: RunSummary) -> bool:
    """Whether an epoch before the end is chosen; read before the slider is drawn."""
    wanted = linked.value(EPOCH_KEY, END)
    if wanted == END or not run.report or run.experiment is None:
        return False
    try:
        return chosen(of(run).stops) != END
    except CnnvizError:
        return False  # its data set is gone; the page says so where the report would stand


def of(run: RunSummary) -> Kept:
    """What a run kept of its epochs.

    Raises:
        CnnvizError: its data set is gone.
    """
    return kept(run, len(class_names(run.directory)))
