"""`train`, `resume`, `stop`: runs through the same queue and workers as the app's.

The worker is a process of its own: it goes on when the terminal is closed. Ctrl-C asks it to stop.
"""

from __future__ import annotations

import time
from typing import Annotated

import typer

from cnnviz import words
from cnnviz.cli.console import AsJson, emit, say
from cnnviz.errors import DataMissingError
from cnnviz.evaluation import find_finished
from cnnviz.runs import RunDirectory, RunReport, resolve

#: How long `stop` waits for a run that finishes its batch and evaluates what it has.
_PATIENCE_SECONDS = 30
#: What `train` and `resume` print of a report.
_FIGURES = ("test_accuracy", "test_loss", "fit_seconds", "images_per_second", "params")
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="GROUP.NAME=VALUE",
        help="A setting: training.epochs=2, dataset.train_size=5000, architecture.kernel_size=5",
    ),
]
Run = Annotated[str, typer.Argument(help="A run's id, the start of it, or its name.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(train)
    app.command()(resume)
    app.command()(stop)


def train(
    dataset: Annotated[str, typer.Option(help="As `cnnviz datasets` lists it.")] = "digits",
    architecture: Annotated[str, typer.Option(help="As `cnnviz architectures` lists it.")] = "two-pairs",
    settings: Settings = None,
    name: Annotated[str, typer.Option(help="A name to find the run by.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Train even if this was trained already.")] = False,
    json: AsJson = False,
) -> None:
    """Train a network and print its result. What was trained already is not trained again."""
    from cnnviz.cli.set_option import experiment
    from cnnviz.datasets.traps import traps
    from cnnviz.engine import engine

    wanted = experiment(dataset, architecture, settings or [])
    known = None if again else find_finished(wanted)
    if known:
        say(f"Run {known.id} has trained exactly this already: here is its result. --again trains it again.")
        _result(known.directory, json, reused=True)
        return
    _refuse_missing_data(dataset)
    for trap in traps(wanted.dataset):
        say(f"Note: {trap}")
    _follow(resolve(engine().submit(wanted, name=name)), json)


def _refuse_missing_data(dataset: str) -> None:
    """Say before queueing what the worker would find out after it.

    Raises:
        DataMissingError: the files are not on this machine; how to get them.
    """
    from cnnviz.datasets import availability, entry
    from cnnviz.datasets.official import missing_message

    if availability(dataset) == "download":
        raise DataMissingError(missing_message(entry(dataset)))


def resume(run: Run, json: AsJson = False) -> None:
    """Go on with a stopped, paused, interrupted or failed run from its last epoch, and print its result."""
    from cnnviz.engine import engine

    found = resolve(run)
    engine().resume(found.id)
    _follow(found, json)


def stop(run: Run, json: AsJson = False) -> None:
    """Stop a run after the current batch, and wait a while for its end; it can be resumed."""
    from cnnviz.engine import engine

    found = resolve(run)
    engine().stop(found.id)
    end = time.monotonic() + _PATIENCE_SECONDS
    while (status := found.status()).active and time.monotonic() < end:
        engine().tick()
        time.sleep(0.1)
    if json:
        emit({"run": found.id, "status": status.state})
    else:
        state = f"{status.state} and was asked to stop" if status.active else status.state
        say(f"Run {found.id} is {state}. Go on with it: cnnviz resume {found.id}")


def _follow(run: RunDirectory, json: bool) -> None:
    """Show the run's progress until it ends, then print its result and leave with its exit code."""
    from cnnviz.cli.progress import follow

    try:
        follow(run)
    except KeyboardInterrupt:
        _stop_and_leave(run, json)
    state, reason = (status := run.status()).state, status.reason
    _result(run, json, reused=False)
    if state in ("failed", "interrupted"):
        hint = f"The log: {run.log_path}" if state == "failed" else f"Go on with it: cnnviz resume {run.id}"
        say(f"cnnviz: run {run.id} has {_ENDED[state]}{f': {reason}' if reason else '.'} {hint}")
        raise typer.Exit(2)


_ENDED = {"failed": "failed", "interrupted": "been interrupted"}


def _stop_and_leave(run: RunDirectory, json: bool) -> None:
    """Ctrl-C: stop the worker cleanly, say so, leave with 130. A second Ctrl-C leaves at once."""
    from cnnviz.cli.progress import follow
    from cnnviz.engine import engine

    say(f"Stopping run {run.id} after this batch. Ctrl-C again leaves it to stop alone.")
    engine().stop(run.id)
    follow(run)
    _result(run, json, reused=False)
    say(f"Run {run.id} is {run.status().state}. Go on with it: cnnviz resume {run.id}")
    raise typer.Exit(130)


def _result(run: RunDirectory, json: bool, *, reused: bool) -> None:
    """Print a run's figures; those that a stopped run does not have are null."""
    report = run.report() or RunReport()
    status = run.status()
    if json:
        figures = {key: getattr(report, key) for key in (*_FIGURES, "baseline_accuracy", "epochs")}
        reason = {"reason": status.reason} if status.reason else {}
        emit({"run": run.id, "status": status.state, "reused": reused} | figures | reason)
        return
    lines = [f"run                 {run.id}", f"status              {status.state}"]
    if report != RunReport():
        baseline = f"(most frequent class: {words.percent(report.baseline_accuracy, 2)})"
        speed = words.significant(report.images_per_second)
        lines += [
            f"test accuracy       {words.percent(report.test_accuracy, 2)}   {baseline}",
            f"test loss           {words.significant(report.test_loss, 4)}",
            f"training time       {words.duration(report.fit_seconds)}, {speed} images/s",
            f"parameters          {words.count(report.params)}",
        ]
    print("\n".join(lines))
