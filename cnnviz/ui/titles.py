"""Data sets and networks by the names that people know: `CIFAR-10`, not `cifar10`."""

from __future__ import annotations

from cnnviz import datasets
from cnnviz.architectures import ARCHITECTURES
from cnnviz.specs import ArchitectureSpec


def dataset_title(name: str) -> str:
    """`cifar10` → `CIFAR-10`; a set that is no longer here keeps its id."""
    return datasets.entry(name).title if name in datasets.names() else name


def network_title(spec: ArchitectureSpec) -> str:
    """`Two pairs of convolutions, kernel size 5`; a network of one's own keeps its name."""
    title = ARCHITECTURES.get(spec.name).title if spec.name in ARCHITECTURES else spec.name or "own network"
    changed = [f"{key.replace('_', ' ')} {_text(value)}" for key, value in spec.parameters.items()]
    return ", ".join([title, *changed])


def _text(value: object) -> str:
    return "–".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
