"""`export` and `import`: what can be taken home of a run, and opened again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnviz.cli.console import AsJson, emit, say
from cnnviz.errors import CnnvizError
from cnnviz.exports import EXPORTS
from cnnviz.runs import resolve


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(export)
    app.command("import")(import_run)


def export(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN …", help="A run's id, the start of it, or its name; of html several."),
    ] = None,
    format: Annotated[str, typer.Option(help=f"One of: {', '.join(EXPORTS.names())}.")] = "",
    to: Annotated[Path, typer.Option(help="The folder that it is written into.")] = Path(),
    experiment: Annotated[
        str, typer.Option(help="In place of a run: a reproduced experiment such as C7; html alone.")
    ] = "",
    scale: Annotated[str, typer.Option(help="Of the experiment: smoke, lecture or full.")] = "smoke",
    json: AsJson = False,
) -> None:
    """Write a run as a file for people, for other tools, or for another machine.

    Several runs are compared, and an experiment reported, as a page to print (html).
    """
    from cnnviz import exports

    if not format:
        raise CnnvizError(f"Say what to write: --format {'|'.join(EXPORTS.names())}.")
    if bool(runs) == bool(experiment):
        raise CnnvizError("Name a run, or an experiment with --experiment; `cnnviz runs` lists all runs.")
    folder, found = to.absolute(), [resolve(run) for run in runs or ()]
    if len(found) == 1:
        path = exports.export(found[0], format, folder)
        about = {"run": found[0].id}
    elif format != "html":
        what = "An experiment" if experiment else "A comparison of runs"
        raise CnnvizError(f"{what} can be written as html alone; name one run for {format}.")
    else:
        path = exports.export_together(found, folder) if found else _experiment(experiment, scale, folder)
        about = {"runs": ",".join(run.id for run in found)} if found else {"experiment": experiment}
    if json:
        emit(about | {"format": format, "path": str(path)})
    else:
        say(f"Written: {path}")


def _experiment(name: str, scale: str, folder: Path) -> Path:
    from cnnviz import exports
    from cnnviz.reports.recipe import SCALES

    known = next((each for each in SCALES if each == scale), None)
    if known is None:
        raise CnnvizError(f"--scale takes {', '.join(SCALES)}; received '{scale}'.")
    return exports.export_experiment(name, known, folder)


def import_run(
    file: Annotated[Path, typer.Argument(help="A zip that `cnnviz export RUN --format zip` wrote.")],
    json: AsJson = False,
) -> None:
    """Open a run that was trained on another machine, as a new run of this one."""
    from cnnviz.exports import archive

    run = archive.unpack(file)
    if json:
        emit({"run": run.id})
    else:
        say(f"It is run {run.id} here: see it with `cnnviz report {run.id}`.")
