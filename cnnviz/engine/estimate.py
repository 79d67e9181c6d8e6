"""How long a training will take here: from earlier runs of this machine, else from a rough constant.

The basis of a guess is always said. Time an image is taken as proportional to the network's
multiply-adds, which holds well between networks of one kind and only roughly between kinds: so the
earlier runs whose multiply-adds are nearest are asked first.
"""

from __future__ import annotations

import math
import os
import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from cnnviz import datasets, paths
from cnnviz.architectures import summarise
from cnnviz.errors import CnnvizError
from cnnviz.runs import RunDirectory, RunSummary, load_summary
from cnnviz.specs import ExperimentSpec
from cnnviz.training import devices

#: Multiply-adds a second of one CPU thread while training: 1 150 images/s × 20.7 M a forward pass of
#: the two-pairs network on CIFAR-10 (batch 32, float32), measured on two threads.
CPU_MACS_PER_SECOND = 1150 * 20_741_120 / 2
#: Seconds that every step costs however small the network.
STEP_SECONDS = 0.002
#: Training passes forward and backward; a validation image costs about a third of that.
VALIDATION_SHARE = 1 / 3
MOST_RUNS, NEAREST = 200, 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """A guess: `seconds`, and what it rests on ("from 3 earlier runs here" or "rough")."""

    seconds: float
    basis: str


def training_seconds(experiment: ExperimentSpec, root: Path | None = None) -> Estimate | None:
    """Guess the time of all epochs; None where nothing is known, or the experiment is impossible."""
    epoch = seconds_per_epoch(experiment, root)
    return Estimate(epoch.seconds * experiment.training.epochs, epoch.basis) if epoch else None


def seconds_per_epoch(experiment: ExperimentSpec, root: Path | None = None) -> Estimate | None:
    """Guess the time of one epoch with its validation; None as for `training_seconds`."""
    training = experiment.training
    try:
        device = devices.resolve(training.device)
        facts = datasets.facts(experiment.dataset)
        macs = summarise(experiment.architecture, facts.input_shape, len(facts.class_names)).macs
    except CnnvizError:
        return None  # the page says elsewhere what is impossible
    threads = training.threads or device.threads
    earlier = _earlier(root, device.label, threads, training.precision)
    per_image: float
    if earlier:
        nearest = sorted(earlier, key=lambda known: abs(math.log(known[0] / macs)))[:NEAREST]
        per_image = median(macs / (known_macs * speed) for known_macs, speed in nearest)
        basis = f"from {len(nearest)} earlier run{'s' * (len(nearest) > 1)} here"
    elif device.kind == "CPU":
        per_image, basis = macs / (CPU_MACS_PER_SECOND * threads), "rough"
        per_image += STEP_SECONDS / training.batch_size
    else:
        return None
    images = facts.n_train + VALIDATION_SHARE * facts.n_validation
    return Estimate(images * per_image, basis)


def _earlier(root: Path | None, device: str, threads: int, precision: str) -> list[tuple[int, float]]:
    """Multiply-adds and images a second of the last runs on the same device, threads and precision."""
    root = root or paths.runs_dir()
    if not root.is_dir():
        return []
    # Names sort by time: of ten thousand runs only the newest are read.
    names = sorted((entry.name for entry in os.scandir(root) if entry.name[0] != "."), reverse=True)
    found = (_speed(load_summary(root / name), device, threads, precision) for name in names[:MOST_RUNS])
    return [known for known in found if known]


def _speed(run: RunSummary, device: str, threads: int, precision: str) -> tuple[int, float] | None:
    report = run.report
    if not report or not report.get("macs") or not report.get("images_per_second"):
        return None
    here = (device, threads, precision, platform.node())
    there = _conditions(run.path, run.status.ended if run.status else None)
    return (int(report["macs"]), float(report["images_per_second"])) if here == there else None


@lru_cache(maxsize=4 * MOST_RUNS)
def _conditions(path: Path, ended: float | None) -> tuple[Any, ...]:
    """Device, threads, precision and host of a run that ended then (a resumed one ends again)."""
    environment = RunDirectory(path).read_json("environment.json") or {}
    return tuple(environment.get(key) for key in ("device", "threads", "precision", "host"))
