"""`export`: what can be taken home of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnviz.cli.console import AsJson, emit, say
from cnnviz.cli.training import Run
from cnnviz.runs import resolve


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(export)


def export(
    run: Run,
    format: Annotated[str, typer.Option(help="What to write; a wrong name lists all.")],
    to: Annotated[Path, typer.Option(help="The folder that it is written into.")] = Path(),
    json: AsJson = False,
) -> None:
    """Write a run as a file for people, for other tools, or for another machine."""
    from cnnviz import exports

    path = exports.export(resolve(run), format, to.absolute())
    if json:
        emit({"run": resolve(run).id, "format": format, "path": str(path)})
    else:
        say(f"Written: {path}")
