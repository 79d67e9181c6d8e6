"""How long a training will take here: from earlier runs of this machine, else from a rough model.

A training has a part that grows with its epochs, and one that it has in any case: its process, the images,
the first step, which traces the network, the evaluation, the files. The basis of a guess is always said, and
how far off it may be. The model says how time an image grows with a network's multiply-adds and shrinks with
the batch; earlier runs say how much slower or faster than the model this machine is. The
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

from cnnviz import datasets, paths, words
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


#: Seconds of a run beside its steps, where no earlier run tells: process, images, tracing, evaluation, files.
START_SECONDS = 8.0
#: How many times as long or as short a guess may come out that rests on the model alone.
ROUGH = 3.0
#: The least that is said of how far off a guess may be: a machine does other things, too.
LEAST_SPREAD = 1.15


@dataclass(frozen=True, slots=True)
class Estimate:
    """A guess, and what it rests on ("from 3 earlier runs here" or "rough").

    `seconds`: of all that is asked. `start`: the part that does not grow with the epochs. `low`, `high`:
    where earlier runs of like cost would have come out; of the model alone, a factor of `ROUGH` either way.
    """

    seconds: float
    basis: str
    start: float
    low: float
    high: float

    def said(self) -> str:
        """`about 2 min 10 s (1 min 50 s to 2 min 40 s, from 3 earlier runs here)`."""
        ends = f"{words.duration(self.low)} to {words.duration(self.high)}"
        return f"about {words.duration(self.seconds)} ({ends}, {self.basis})"


def training_seconds(experiment: ExperimentSpec, root: Path | None = None) -> Estimate | None:
    """Guess the time of a run; None where nothing is known, or the experiment is impossible."""
    return _estimate(experiment, experiment.training.epochs, root)


def seconds_per_epoch(experiment: ExperimentSpec, root: Path | None = None) -> Estimate | None:
    """Guess the time of one epoch with its validation, without the start; None as for `training_seconds`."""
    found = _estimate(experiment, 1, root)
    if found is None:
        return None
    low, high = max(0.0, found.low - found.start), found.high - found.start
    return Estimate(found.seconds - found.start, found.basis, 0.0, low, high)


def _estimate(experiment: ExperimentSpec, epochs: int, root: Path | None) -> Estimate | None:
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
    images = epochs * (facts.n_train + VALIDATION_SHARE * facts.n_validation)
    steps = images * _modelled(macs, training.batch_size, threads)
    if not earlier:
        guess = START_SECONDS + steps
        return Estimate(guess, "rough", START_SECONDS, guess / ROUGH, guess * ROUGH)
    nearest = sorted(earlier, key=lambda known: known.distance(macs, training.batch_size))[:NEAREST]
    slowness = [known.slowness(threads) for known in nearest]
    starts = [known.start for known in nearest if known.start is not None] or [START_SECONDS]
    start = median(starts)
    guess = start + steps * median(slowness)
    return Estimate(
        guess,
        f"from {words.plural(len(nearest), 'earlier run')} here",
        start,
        min(guess / LEAST_SPREAD, min(starts) + steps * min(slowness)),
        max(guess * LEAST_SPREAD, max(starts) + steps * max(slowness)),
    )


def _modelled(macs: float, batch: int, threads: int) -> float:
    """Seconds an image on a processor like the one measured; its shape is taken for other devices too."""
    return STEP_SECONDS / batch + (2 * IMAGE_SECONDS + macs / CPU_MACS_PER_SECOND) / threads


@dataclass(frozen=True, slots=True)
class _Known:
    """An earlier run: multiply-adds, batch size, images a second, and seconds beside its steps."""

    macs: int
    batch: int
    speed: float
    start: float | None = None

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
            start, *there, batch = _conditions(run.path, run.status.ended if run.status else None)
        except RunError:
            continue  # damaged: its own pages say so; it is no basis for a guess
        if there == [device, threads, precision, platform.node()]:
            earlier.append(_Known(figures.macs, batch, speed, start))
    return earlier


@lru_cache(maxsize=4 * MOST_RUNS)
def _conditions(path: Path, ended: float | None) -> tuple[Any, ...]:
    """Start, device, threads, precision, host, batch size of a run that ended then (a resumed one again)."""
    run = RunDirectory(path)
    there, asked = run.environment() or RunEnvironment(), run.spec().experiment.training
    phases = {name: seconds for name, seconds in there.phases.items() if name != "training"}
    start = sum(phases.values()) if "first_step" in phases else None
    return start, there.device, there.threads, there.precision, there.host, asked.batch_size
