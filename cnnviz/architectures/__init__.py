"""Named architectures, their arithmetic, their comparison and their Keras code, all without Keras.

`build.py` alone imports Keras and is imported by those who train or look inside.
"""

from cnnviz.architectures.architecture_entry import (
    ARCHITECTURES,
    NETWORK,
    ArchitectureEntry,
    find_setting,
    make,
    parameter_values,
)
from cnnviz.architectures.arithmetic import LayerSummary, NetworkSummary, summarise
from cnnviz.architectures.code import keras_code
from cnnviz.architectures.compare import ComparisonRow, compare
from cnnviz.registry import discover

discover("cnnviz.architectures.registered")

__all__ = [
    "ARCHITECTURES",
    "ArchitectureEntry",
    "ComparisonRow",
    "LayerSummary",
    "NetworkSummary",
    "NETWORK",
    "compare",
    "find_setting",
    "keras_code",
    "make",
    "parameter_values",
    "summarise",
]
