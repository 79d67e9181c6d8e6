"""Train what all experiments need at the scale smoke: `python tests/studies/trained.py RUNS`.

One process trains every network once, through the worker's own `main`; starting a process for each would
take minutes. Experiments that differ in the training alone (another penalty, other epochs) get a copy of
the run of their network: what is drawn of them is as real, and no test reads accuracies from it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from cnnviz.reports.library import recipes
from cnnviz.runs import RunDirectory
from cnnviz.specs import ExperimentSpec
from cnnviz.training import worker


def experiments() -> list[ExperimentSpec]:
    """Every different run of all experiments at the scale smoke."""
    studies = [study for key in recipes() if (study := recipes().get(key).study("smoke"))]
    found = {m.experiment.hash(): m.experiment for study in studies for m in study.members()}
    return list(found.values())


def train(root: Path) -> None:
    """Leave a finished run of each in `root`."""
    trained: dict[str, RunDirectory] = {}
    for experiment in experiments():
        run = RunDirectory.create(root, experiment)
        network = experiment.dataset.to_json() + experiment.architecture.to_json()
        if network in trained:
            _copy(trained[network], run)
        elif worker.main(run.path):
            raise SystemExit(f"{run.path} failed: {run.status().reason}")
        else:
            trained[network] = run


def _copy(there: RunDirectory, here: RunDirectory) -> None:
    """All files but the one that says what was asked."""
    ignored = shutil.ignore_patterns("spec.json")
    shutil.copytree(there.path, here.path, ignore=ignored, dirs_exist_ok=True)


if __name__ == "__main__":
    train(Path(sys.argv[1]))
