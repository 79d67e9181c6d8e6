"""What is said of a training in one line: how far it is, how fast, how long still, and where time went."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cnnviz import words
from cnnviz.runs import BatchRecord, EpochRecord, RunSummary, Status


def share(run: RunSummary) -> float:
    """How much of the training is done, from 0 to 1."""
    status = _status(run)
    return 1.0 if run.state == "done" else min(1.0, epochs_done(status) / max(status.epochs, 1))


def epochs_done(status: Status) -> float:
    """Finished epochs and the share of the one at work (`status.epoch` counts it, from 1)."""
    return max(0, status.epoch - 1) + (status.batch / status.batches if status.batches else 0)


def progress(run: RunSummary, epochs: Sequence[EpochRecord], batches: Sequence[BatchRecord]) -> str:
    """`epoch 3 of 10 · 1,140 images/s · 4 min 20 s left`, or what came out."""
    status = _status(run)
    if run.state == "queued":
        return "waiting for its turn"
    if run.report:
        return (
            f"{words.percent(run.report.test_accuracy)} of the test images right · "
            f"trained in {words.duration(run.report.fit_seconds)}"
        )
    parts = [f"epoch {status.epoch} of {status.epochs}"] if status.epoch else []
    parts += [status.phase] if status.phase not in ("", "training") else []
    if status.images_per_second:
        parts.append(f"{words.significant(status.images_per_second)} images/s")
    if run.state == "running" and (left := seconds_left(status, epochs, batches)) is not None:
        parts.append(f"{words.duration(left)} left")
    return " · ".join(parts)


def seconds_left(
    status: Status, epochs: Sequence[EpochRecord], batches: Sequence[BatchRecord]
) -> float | None:
    """Time until the last epoch ends, by the speed of the epochs so far; None before it can be told."""
    if not status.batches:
        return None
    done = epochs_done(status)
    if epochs:
        per_epoch = epochs[-1].elapsed / epochs[-1].epoch
    elif batches and done:
        per_epoch = batches[-1].elapsed / done
    else:
        return None
    return max(0.0, (status.epochs - done) * per_epoch)


def times(run: RunSummary, epochs: Sequence[EpochRecord]) -> str:
    """`Time on CPU: load 0.4 s · build 1.1 s · first step 2.9 s · training 3 min 12 s`, as far as known."""
    phases = dict(run.environment.phases)
    if "training" not in phases and epochs:
        phases["training"] = epochs[-1].elapsed
    shown = [f"{name.replace('_', ' ')} {words.duration(seconds)}" for name, seconds in phases.items()]
    status = _status(run)
    device = f" on {status.device}" if status.device else ""
    if not shown and status.started:
        return f"Started {words.duration(max(0.0, time.time() - status.started))} ago{device}"
    return f"Time{device}: {' · '.join(shown)}" if shown else ""


def _status(run: RunSummary) -> Status:
    return run.status or Status()  # a damaged run has none, and is not offered
