"""The tables of a run as CSV: curves, per class, confusion matrix, predictions."""

from __future__ import annotations

import csv
from pathlib import Path

from cnnviz.evaluation import class_names, evaluate, report_csv
from cnnviz.exports.entry import EXPORTS, ExportFormat
from cnnviz.runs import EpochRecord, RunDirectory


def write_tables(run: RunDirectory, folder: Path) -> None:
    """Write `epochs.csv`; after an evaluation `per_class.csv`, `confusion.csv` and `predictions.csv`.

    Raises:
        RunError: what the run keeps can't be read.
    """
    epochs = [record.as_dict() for record in run.epochs()]
    _write(
        folder / "epochs.csv", list(EpochRecord.__dataclass_fields__), [list(row.values()) for row in epochs]
    )
    if (predictions := run.predictions()) is None:
        return
    names = class_names(run)
    result = evaluate(predictions, names)
    (folder / "per_class.csv").write_text(report_csv(result), "utf-8")
    rows = [[name, *counts] for name, counts in zip(names, result.matrix.tolist(), strict=True)]
    _write(folder / "confusion.csv", ["true", *names], rows)
    _write(
        folder / "predictions.csv",
        ["image", "true", "predicted", *(f"p({name})" for name in names)],
        [
            [index, names[true], names[predicted], *(f"{share:.6g}" for share in shares)]
            for index, true, predicted, shares in zip(
                result.indices.tolist(),
                result.labels,
                result.predictions,
                result.probabilities.tolist(),
                strict=True,
            )
        ],
    )


def _write(path: Path, headings: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)


EXPORTS.add(
    "csv",
    ExportFormat(
        title="Tables as CSV",
        help="Curves, results per class, confusion matrix and the probabilities of every test image.",
        write=write_tables,
    ),
    order=60,
)
