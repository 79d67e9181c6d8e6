"""A run as a report to print."""

from __future__ import annotations

from pathlib import Path

from cnnviz.exports.entry import EXPORTS, ExportFormat
from cnnviz.runs import RunDirectory


def write_html(run: RunDirectory, target: Path) -> None:
    """Write the report; see `printed.of_run`.

    Raises:
        RunError: the run has no evaluation, or what it keeps is damaged.
    """
    from cnnviz.exports import printed

    target.write_text(printed.of_run(run), "utf-8")


EXPORTS.add(
    "html",
    ExportFormat(
        title="Report to print",
        help="One HTML file that opens offline: settings, curves, matrix, classes, mistakes, machine.",
        suffix=".html",
        mime="text/html",
        write=write_html,
    ),
    order=5,
)
