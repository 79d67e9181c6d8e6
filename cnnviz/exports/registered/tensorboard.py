"""A run as event files that TensorBoard opens: curves by epoch, final figures, settings.

TensorBoard's own writer is used, which needs no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cnnviz import metrics
from cnnviz.evaluation.settings import settings_of
from cnnviz.exports.entry import EXPORTS, ExportFormat
from cnnviz.metrics import METRICS
from cnnviz.runs import EpochRecord, RunDirectory, load_summary

#: Columns of the journal by the folder and the tag that Keras's own callback gives them: both overlay.
_CURVES = {
    "train": {"epoch_loss": "loss", "epoch_accuracy": "accuracy", "epoch_learning_rate": "learning_rate"},
    "validation": {"epoch_loss": "val_loss", "epoch_accuracy": "val_accuracy"},
}


class _Scalar(NamedTuple):
    tag: str
    value: float
    step: int  # epochs, counted from 0 as Keras's callback does
    moment: float  # seconds since 1970


def write_events(run: RunDirectory, folder: Path) -> None:
    """Write `train` and `validation` as Keras's callback does, and `test` with the final figures.

    Raises:
        RunError: what the run keeps can't be read.
    """
    spec, epochs = run.spec(), run.epochs()
    began = spec.created.timestamp()
    rows = "\n".join(f"| {name} | {text} |" for name, text in settings_of(spec.experiment).items())
    for name in _CURVES:
        settings = f"| setting | value |\n|---|---|\n{rows}" if name == "train" else ""
        if scalars := list(_curves(name, epochs, began)):
            _write(folder / name, scalars, settings, began)
    ended = began + (epochs[-1].elapsed if epochs else 0)
    values = metrics.values(load_summary(run.path))
    final = [
        _Scalar(METRICS.get(name).title, value, max(len(epochs) - 1, 0), ended)
        for name, value in values.items()
        if value is not None
    ]
    if final:
        _write(folder / "test", final, "", began)


def _curves(name: str, epochs: list[EpochRecord], began: float) -> Iterator[_Scalar]:
    for tag, column in _CURVES[name].items():
        for record in epochs:
            value = getattr(record, column)
            if value is not None:
                yield _Scalar(tag, value, record.epoch - 1, began + record.elapsed)


def _write(folder: Path, scalars: list[_Scalar], settings: str, began: float) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.plugins.text.summary_v2 import text_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    folder.mkdir()
    writer: Any = EventFileWriter(str(folder))
    for tag, value, step, moment in scalars:
        writer.add_event(Event(summary=scalar_pb(tag, value), step=step, wall_time=moment))
    if settings:
        writer.add_event(Event(summary=text_pb("settings", settings), step=0, wall_time=began))
    writer.close()


EXPORTS.add(
    "tensorboard",
    ExportFormat(
        title="TensorBoard",
        help="Event files: curves, final figures and settings, beside those of other tools.",
        write=write_events,
        extra="tensorboard",
        modules=("tensorboard",),
    ),
    order=50,
)
