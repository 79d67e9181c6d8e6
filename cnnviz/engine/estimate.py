"""How long a training will take here: from earlier runs of this machine, else from a rough model.

The basis of a guess is always said. The model says how time an image grows with a network's multiply-adds
and shrinks with the batch; earlier runs say how much slower or faster than the model this machine is. The
runs of nearest cost are asked, and none that was too short to tell: a tiny network spends its time on
everything but multiply-adds, and says little of a large one.
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
from cnnviz.errors import CnnvizError, RunError
from cnnviz.runs import RunDirectory, RunEnvironment, load_summary
from cnnviz.specs import ExperimentSpec
from cnnviz.training import devices

#: Multiply-adds a second of one CPU thread while training: 1 150 images/s × 20.7 M a forward pass of
#: the two-pairs network on CIFAR-10 (batch 32, float32), measured on two threads.
CPU_MACS_PER_SECOND = 1150 * 20_741_120 / 2
#: Seconds that every step costs however small the network, and every image (measured on two threads).
STEP_SECONDS, IMAGE_SECONDS = 0.002, 3.5e-5
#: Training passes forward and backward; a validation image costs about a third of that.
VALIDATION_SHARE = 1 / 3
#: A run that trained for less (seconds, compiling left out) says nothing about speed.
SHORTEST = 2.0
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
    if not earlier and device.kind != "CPU":
        return None
    per_image = _modelled(macs, training.batch_size, threads)
    basis = "rough"
    if earlier:
        nearest = sorted(earlier, key=lambda known: known.distance(macs, training.batch_size))[:NEAREST]
        per_image *= median(known.slowness(threads) for known in nearest)
        basis = f"from {len(nearest)} earlier run{'s' * (len(nearest) > 1)} here"
    images = facts.n_train + VALIDATION_SHARE * facts.n_validation
    return Estimate(images * per_image, basis)


def _modelled(macs: float, batch: int, threads: int) -> float:
    """Seconds an image on a processor like the one measured; its shape is taken for other devices too."""
    return STEP_SECONDS / batch + (2 * IMAGE_SECONDS + macs / CPU_MACS_PER_SECOND) / threads


@dataclass(frozen=True, slots=True)
class _Known:
    """An earlier run: multiply-adds, batch size, images a second."""

    macs: int
    batch: int
    speed: float

    def distance(self, macs: int, batch: int) -> float:
        """How much another training differs in what it costs: factors, as logarithms."""
        return abs(math.log(self.macs / macs)) + abs(math.log(self.batch / batch)) / 2

    def slowness(self, threads: int) -> float:
        """Its time an image over the modelled one."""
        return 1 / self.speed / _modelled(self.macs, self.batch, threads)


def _earlier(root: Path | None, device: str, threads: int, precision: str) -> list[_Known]:
    """The last runs on the same device, with the same threads and precision."""
    root = root or paths.runs_dir()
    if not root.is_dir():
        return []
    # Names sort by time: of ten thousand runs only the newest are read.
    names = sorted((entry.name for entry in os.scandir(root) if entry.name[0] != "."), reverse=True)
    earlier = []
    for name in names[:MOST_RUNS]:
        run = load_summary(root / name)
        figures, speed = run.figures, run.figures.images_per_second
        if not figures.macs or not speed:
            continue
        if (figures.n_train or 0) * (figures.epochs or 0) / speed < SHORTEST:
            continue
        try:
            *there, batch = _conditions(run.path, run.status.ended if run.status else None)
        except RunError:
            continue  # damaged: its own pages say so; it is no basis for a guess
        if there == [device, threads, precision, platform.node()]:
            earlier.append(_Known(figures.macs, batch, speed))
    return earlier


@lru_cache(maxsize=4 * MOST_RUNS)
def _conditions(path: Path, ended: float | None) -> tuple[Any, ...]:
    """Device, threads, precision, host and batch size of a run that ended then (a resumed one ends again)."""
    run = RunDirectory(path)
    there, asked = run.environment() or RunEnvironment(), run.spec().experiment.training
    return there.device, there.threads, there.precision, there.host, asked.batch_size
