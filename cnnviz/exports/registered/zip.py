"""A run as one file that another cnnviz opens."""

from __future__ import annotations

from pathlib import Path

from cnnviz.exports.entry import EXPORTS, ExportFormat
from cnnviz.runs import RunDirectory


def write_zip(run: RunDirectory, target: Path) -> None:
    """Pack the run; see `archive.pack`.

    Raises:
        RunError: it has no evaluation or no weights, or what it keeps is damaged.
    """
    from cnnviz.exports import archive

    archive.pack(run, target)


EXPORTS.add(
    "zip",
    ExportFormat(
        title="The run as a file",
        help="Settings, weights, curves, predictions and tables: opens in cnnviz on another machine.",
        suffix=".zip",
        mime="application/zip",
        write=write_zip,
        slow=True,
    ),
    order=30,
)
