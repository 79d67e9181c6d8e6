"""One run's progress on stderr until it ends: a bar in a terminal, else one line an epoch."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cnnviz import words
from cnnviz.cli.console import say
from cnnviz.engine import engine
from cnnviz.runs import RunDirectory, Status
from cnnviz.studies.study import share_done

#: Seconds between two looks; a tick starts the next run of the queue and notices dead workers.
_INTERVAL = 0.25


def follow(run: RunDirectory) -> None:
    """Show what the run does until nobody works on it any more, and keep the queue going meanwhile."""
    shown = len(run.epochs())
    with bar() as progress:
        task = progress.add_task("waiting", total=None)
        while True:
            engine().tick()
            status = run.status()
            if progress.disable:
                shown = _print_epochs(run, shown)
            if not status.active:
                return
            done = share_done(status)  # 0 until the first batch: not known yet
            progress.update(task, description=_line(run, status), completed=done, total=1.0 if done else None)
            time.sleep(_INTERVAL)


def _print_epochs(run: RunDirectory, shown: int) -> int:
    """Print a line for each epoch that is new since `shown`; return how many there are now."""
    epochs = run.epochs()
    for epoch in epochs[shown:]:
        parts = [
            f"{key} {value:.4f}"
            for key in ("loss", "accuracy", "val_loss", "val_accuracy")
            if (value := getattr(epoch, key)) is not None
        ]
        say(" · ".join([f"epoch {epoch.epoch}", *parts, f"{epoch.seconds:.1f} s"]))
    return len(epochs)


def _line(run: RunDirectory, status: Status) -> str:
    """What the bar says: `epoch 2/5 · accuracy 0.91 · 1,140 images/s`."""
    if status.state == "queued":
        before = [other.id for other in engine().queue()]
        place = before.index(run.id) if run.id in before else 0
        return f"waiting, {place} before it" if place else "waiting"
    if status.silence:
        return status.silence
    if not status.epoch or status.phase not in ("training", "validating"):
        return status.phase or status.state
    parts = [f"epoch {status.epoch}/{status.epochs}"]
    latest = run.batches()[-1:]
    if latest and latest[0].accuracy is not None:
        parts.append(f"accuracy {latest[0].accuracy:.3f}")
    if status.images_per_second:
        parts.append(f"{words.significant(status.images_per_second)} images/s")
    return " · ".join(parts)


def bar() -> Progress:
    """Make a bar on stderr that leaves no trace, neither at its end nor in a log file."""
    console = Console(stderr=True)
    columns = BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
