"""The worker: `python -m cnnviz.training.worker <run directory>` trains one run to its end.

The engine may also fork one from a process that has imported Keras already (`cnnviz.engine.prepared`).

Every end is written into status.json: done, stopped, failed with the reason, or interrupted. The exit
code is 0 for done and stopped, 1 for failed, 143 after SIGTERM. What it prints goes to log.txt.

Phases of environment.json, in seconds, pauses left out: import (what this run waited for Keras), load,
build (with compile), training (all of `fit`: steps, validation, checkpoints, snapshots), evaluation, saving;
first_step is the part of training until the first step was done, most of it tracing.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import cnnviz
from cnnviz import datasets
from cnnviz.errors import CnnvizError, DataError
from cnnviz.runs import DataSeen, RunDirectory
from cnnviz.runs.records import clock
from cnnviz.training import checks, devices
from cnnviz.training.progress import Progress, Stopped, last_words


class Terminated(BaseException):
    """The process was asked to end by SIGTERM; no handler of ordinary errors may swallow it."""


def main(folder: Path, supervisor: int | None = None, waits_since: float | None = None) -> int:
    """Train the run in `folder`; returns the exit code.

    Args:
        supervisor: pid of the process that has started this one for the queue, and waits for its end.
        waits_since: `clock` seconds when a prepared process was asked for this worker.
    """
    run = RunDirectory.open(folder)
    print_into(run.log_path)
    signal.signal(signal.SIGTERM, _terminate)

    def orphaned() -> bool:
        return supervisor is not None and os.getppid() != supervisor

    if orphaned():  # killed before this process had said that it lives: the queue has given the run up
        return 1
    try:
        with Progress(run) as progress:
            if waits_since is not None:
                progress.phases["import"] = max(0.0, clock() - waits_since)
            if orphaned():  # between the two: whether the queue knows of this process can't be told
                progress.end("interrupted", "Its supervisor was killed as it began. Resuming begins again.")
                return 1
            return _end_of(run, progress)
    except CnnvizError as error:  # not even the status could be written
        traceback.print_exc()
        last_words(run, str(error))
        return 1


def forked(folder: Path, device: Mapping[str, str], supervisor: int, waits_since: float) -> int:
    """Train in a fork of a process that has called `import_keras` and done nothing more with it.

    Args:
        device: what `devices.environment` says.
        supervisor, waits_since: as of `main`.
    """
    from cnnviz import backend

    os.environ.update(device)
    if device["CUDA_VISIBLE_DEVICES"] != "-1" and not backend.gpus():
        # A driver that can't be used after a fork would leave the training to the CPU, without a word.
        print("The GPU does not answer in a forked process; starting a fresh one.", flush=True)
        fresh = [
            sys.executable,
            "-m",
            "cnnviz.training.worker",
            str(folder),
            str(supervisor),
            repr(waits_since),
        ]
        os.execv(sys.executable, fresh)
    return main(folder, supervisor, waits_since)


def import_keras() -> None:
    """Import all that training needs; Keras is most of it."""
    from cnnviz import backend  # noqa: F401  (first: it keeps Keras's import short)
    from cnnviz.training import finish, fit  # noqa: F401


def print_into(log: Path) -> None:
    """Send all output, that of libraries in C++ too, to the run's log."""
    sys.stdout.flush()
    sys.stderr.flush()
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


def _terminate(number: int, frame: Any) -> NoReturn:
    raise Terminated


def _end_of(run: RunDirectory, progress: Progress) -> int:
    """Train, and turn every way to end into a state with a reason."""
    try:
        state, reason = _train(run, progress)
        seconds = "  ".join(f"{name} {value:.1f}" for name, value in progress.phases.items())
        print(f"{state}. {reason}\nseconds: {seconds}", flush=True)
        progress.end(state, reason)
        return 0
    except Stopped:  # before this process had made its first step
        untrained = "Stopped before the first step: nothing is trained yet."
        begun = "Stopped before it went on. Resuming goes on from the last whole epoch."
        progress.end("stopped", begun if run.epochs() else untrained)
        return 0
    except Terminated:
        reason = "The worker was asked to end (SIGTERM). Resume it from its last whole epoch."
        progress.end("interrupted", reason)
        return 128 + signal.SIGTERM
    except CnnvizError as error:
        traceback.print_exc()
        progress.end("failed", str(error))
        return 1
    except Exception as error:  # noqa: BLE001  (whatever it is, it must end as a reason in the status)
        traceback.print_exc()
        progress.end("failed", _reason(error, run))
        return 1


def _reason(error: Exception, run: RunDirectory) -> str:
    """Say what an error of a library means for the user."""
    from cnnviz import backend

    if backend.is_out_of_memory(error):
        batch = run.spec().experiment.training.batch_size
        advice = f"a batch of {batch // 2} in place of {batch}" if batch > 1 else "fewer filters or units"
        return f"There was not enough memory. Train again with {advice}, or with a smaller network or images."
    first = next(iter(str(error).strip().splitlines()), "no message")
    return f"Unexpected {type(error).__name__}: {first}. The log holds the details."


def _train(run: RunDirectory, progress: Progress) -> tuple[str, str]:
    experiment = run.spec().experiment
    device = devices.check(experiment.training)
    for name, value in devices.environment(device, experiment.training.threads).items():
        os.environ.setdefault(name, value)
    progress.note(device=device.label)
    dataset, network = experiment.dataset.name, experiment.architecture.label()
    print(f"cnnviz {cnnviz.__version__}: {network} on {dataset}, {device.label}", flush=True)
    progress.obey()
    with progress.phase("load", "loading data"):
        summary = checks.check(experiment, run.path.parent)
        data = datasets.load(experiment.dataset)
        for part in ("train", "validation", "test"):
            checks.check_labels(getattr(data, part).labels, len(data.class_names), part)
        _note_data(run, data)
    progress.obey()
    with progress.phase("import", "starting Keras"):
        import_keras()
    from cnnviz.training import finish, fit

    with progress.phase("build", "building"):
        training = fit.Training(run, experiment, data, progress)
        training.resume()
    progress.obey()
    stopped = False
    if not training.over:
        with progress.phase("training", "first step"):
            stopped = training.fit()
    if stopped:
        progress.tell(state="stopping", images_per_second=None)
    if stopped and not training.journal.seen and not training.epoch:
        raise Stopped
    finish.finish(training, data, progress, device, summary.macs)
    return ("stopped", finish.stop_reason(training)) if stopped else ("done", "")


def _note_data(run: RunDirectory, data: datasets.Dataset) -> None:
    """Keep which images these are; a run that goes on needs those with which it began.

    Raises:
        DataError: they have changed meanwhile.
    """
    seen = DataSeen(data.digest, len(data.full_train), len(data.full_test), data.class_names)
    if run.epochs() and (before := run.data()) and before.digest != seen.digest:
        raise DataError(
            f"The images have changed since this run began ({before.images:,} then, {seen.images:,} now), so "
            "that it can't go on. Train again from the beginning; what it has learnt stays as it is."
        )
    run.write_data(seen)


if __name__ == "__main__":
    _, folder, *more = sys.argv
    raise SystemExit(main(Path(folder), *map(int, more[:1]), *map(float, more[1:])))
