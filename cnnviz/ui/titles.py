"""Runs, data sets and networks by the names that people know: `CIFAR-10`, not `cifar10`."""

from __future__ import annotations

from cnnviz.architectures import ARCHITECTURES
from cnnviz.datasets import DATASETS
from cnnviz.datasets.folders import PREFIX
from cnnviz.runs import RunSummary


def run_title(run: RunSummary) -> str:
    """The name that it was given; else data set and network as pages call them."""
    unnamed = not run.name and run.architecture
    return f"{dataset_title(run.dataset)} · {network_title(run.architecture)}" if unnamed else run.title


def dataset_title(name: str) -> str:
    """`cifar10` → `CIFAR-10`; a folder of own images is called as it is, also when it is gone."""
    return DATASETS.get(name).title if name in DATASETS else name.removeprefix(PREFIX)


def network_title(label: str) -> str:
    """`two-pairs (kernel_size 5)` → `Two pairs of convolutions, kernel size 5`."""
    name, _, changed = label.partition(" (")
    known = ARCHITECTURES.get(name).title if name in ARCHITECTURES else name
    return ", ".join(part for part in (known, changed.removesuffix(")").replace("_", " ")) if part)
