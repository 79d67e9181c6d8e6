"""One measured number, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import psutil

from cnnviz.training.devices import devices


@dataclass(frozen=True)
class Figure:
    """A number with its goal; `samples` are in the unit of `value` unless `detail` says otherwise."""

    what: str
    value: float
    unit: str
    goal: str
    met: bool
    detail: str = ""
    samples: dict[str, list[float]] = field(default_factory=dict)


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of ours over median of theirs."""
    return statistics.median(ours) / statistics.median(theirs)


def machine() -> dict[str, Any]:
    """What the numbers depend on: processor, memory, versions, and how busy the machine was before."""
    return {
        "devices": [device.name for device in devices()],
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("keras", "numpy", "plotly", "streamlit")},
    }
