"""The end of a run: best weights, the one look at the test set, and the files that tell of it."""

from __future__ import annotations

import platform

import keras
import numpy as np

import cnnviz
from cnnviz import backend
from cnnviz.datasets import Dataset
from cnnviz.runs import RunDirectory, RunEnvironment, atomic
from cnnviz.runs.records import DataStamp
from cnnviz.specs import ExperimentSpec
from cnnviz.training import scoring
from cnnviz.training.devices import Device
from cnnviz.training.fit import Training
from cnnviz.training.progress import Progress


def finish(
    run: RunDirectory,
    experiment: ExperimentSpec,
    data: Dataset,
    training: Training,
    progress: Progress,
    device: Device,
    macs: int,
) -> None:
    """Evaluate and save; a stopped run ends the same way, with the weights it had.

    Raises:
        StorageError: the disk takes no more; the checkpoint still stands, so resuming repeats only this.
    """
    restored = training.best.keep_best()
    network = training.network
    with progress.phase("evaluation", "evaluating"):
        scorer = scoring.Scorer(network, experiment.training)
        train, validation, test = map(scorer.scores, (data.train, data.validation, data.test))
        report = scoring.report(data, train, validation, test, scoring.penalty_of(network))
    with progress.phase("saving", "saving"):
        run.save_predictions(scoring.predictions(data, train, test))
        with atomic.replacing(run.model_path) as beside:
            network.save(beside)
    run.write_environment(environment(experiment, data, device, progress.phases, training.fit_seconds))
    # Last, because readers take a run with a report for complete.
    run.write_report(training.completed(report, restored=restored, macs=macs))


def environment(
    experiment: ExperimentSpec, data: Dataset, device: Device, phases: dict[str, float], fit_seconds: float
) -> RunEnvironment:
    """What is needed to judge the times, and to repeat the run."""
    return RunEnvironment(
        versions={
            "cnnviz": cnnviz.__version__,
            "python": platform.python_version(),
            "keras": keras.version(),
            "tensorflow": backend.VERSION,
            "numpy": np.__version__,
        },
        device=device.label,
        device_kind=device.kind,
        threads=experiment.training.threads or device.threads,
        precision=experiment.training.precision,
        host=platform.node(),
        system=platform.platform(),
        data=DataStamp(data.origin, data.fingerprint),
        deterministic=device.kind == "CPU",
        phases=phases | {"training": fit_seconds},
    )


def stop_reason(training: Training) -> str:
    """Say what a stopped run holds, and how it can go on."""
    whole, journal = training.epoch, training.journal
    part = f" and {journal.seen} of {journal.images} images of epoch {whole + 1}" if journal.seen else ""
    epochs = "1 whole epoch" if whole == 1 else f"{whole} whole epochs"
    return f"Stopped by request after {epochs}{part}. Resuming goes on after epoch {whole}."
