"""`runs`, `report`, `delete`: what was trained."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnviz import metrics, words
from cnnviz.cli.console import AsJson, confirmed, emit, say, table
from cnnviz.cli.training import Run
from cnnviz.errors import CnnvizError
from cnnviz.metrics import METRICS
from cnnviz.runs import RunSummary, list_runs, resolve
from cnnviz.runs import delete as delete_run


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(runs)
    app.command()(report)
    app.command()(delete)


def runs(json: AsJson = False) -> None:
    """List all runs, newest first; as JSON with all metrics."""
    found = list_runs()
    if json:
        emit([_row(run) for run in found])
        return
    table(
        ("run", "name", "state", "data set", "architecture", "test accuracy", "training s", "parameters"),
        ((*_named(run).values(), *_figures(run)) for run in found),
    )


def _named(run: RunSummary) -> dict[str, str]:
    named = {"run": run.id, "name": run.name, "status": run.state}
    return named | {"dataset": run.dataset, "architecture": run.architecture}


def _figures(run: RunSummary) -> tuple[float | None, ...]:
    return run.figures.test_accuracy, run.figures.fit_seconds, run.figures.params


def _row(run: RunSummary) -> dict[str, str | float | None]:
    of_run = {"reason": run.reason, "created": run.created, "epochs": run.figures.epochs}
    return _named(run) | of_run | metrics.values(run)


def report(
    run: Run,
    split: Annotated[str, typer.Option(metavar="test|train", help="Which images.")] = "test",
    json: AsJson = False,
) -> None:
    """Print how well a run does, class by class, with its confusion matrix."""
    from cnnviz.evaluation import class_names, data_changed, evaluate, report_json

    if split not in ("test", "train"):
        raise CnnvizError(f"--split takes test or train; received '{split}'.")
    found = resolve(run)
    result, changed = evaluate(found.predictions(), class_names(found), split), data_changed(found)
    computed = metrics.computed(result.labels, result.probabilities.astype(float))
    about = {"metrics": computed, "data_changed": bool(changed), "data_note": changed}
    data = {"run": found.id} | report_json(result) | about
    if json:
        emit(data)
        return
    if changed:
        say(changed)
    right, common = result.accuracy, result.class_names[result.baseline.label]
    print(
        f"{words.percent(right.value, 2)} of {words.count(result.n)} {split} images "
        f"(95 % interval {words.percent(right.low, 2)} to {words.percent(right.high, 2)}; "
        f"most frequent class {common}: {words.percent(result.baseline.accuracy, 2)})\n"
    )
    table(
        ("class", "precision", "recall", "F1", "images"),
        (
            (row["name"], *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), row["support"])
            for row in (*data["per_class"], data["macro"], data["weighted"])
        ),
    )
    print()
    table(
        ("metric", split, ""),
        (
            (METRICS.get(name).title, METRICS.get(name).text(value), METRICS.get(name).help)
            for name, value in computed.items()
        ),
    )
    print("\nConfusion: rows true, columns predicted")
    names = result.class_names
    table(("", *names), ((name, *row) for name, row in zip(names, data["confusion"], strict=True)))


def delete(
    run: Run,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    json: AsJson = False,
) -> None:
    """Delete a run for good, after asking."""
    found = resolve(run)
    if not confirmed(f"Delete run {found.id} for good?", f"delete run {found.id}", yes=yes):
        return
    delete_run(found.id)
    if json:
        emit({"run": found.id, "status": "deleted"})
    else:
        say(f"Run {found.id} is deleted.")
