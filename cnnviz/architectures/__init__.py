"""Named architectures, their arithmetic, their comparison and their Keras code, all without Keras.

`build.py` alone imports Keras and is imported by those who train or look inside.
"""

from cnnviz.architectures.arithmetic import summarise
from cnnviz.architectures.code import keras_code
from cnnviz.architectures.compare import ComparisonRow, compare
from cnnviz.architectures.entry import ARCHITECTURES, ArchitectureEntry, make, parameter_values
from cnnviz.architectures.parameters import Parameter
from cnnviz.architectures.summary import LayerSummary, NetworkSummary

# isort: off
# They register themselves; the order here is the order in which people see them.
from cnnviz.architectures import pairs, lenet, strided, thin, deep, vgg  # noqa: F401
# isort: on

__all__ = [
    "ARCHITECTURES",
    "ArchitectureEntry",
    "ComparisonRow",
    "LayerSummary",
    "NetworkSummary",
    "Parameter",
    "compare",
    "keras_code",
    "make",
    "parameter_values",
    "summarise",
]
