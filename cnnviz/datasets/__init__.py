"""Data sets: registered ones, official files, own image folders; exact subsets and honest splits."""

# Importing a definition registers it; this order is the order in which they are listed.
# isort: off
from cnnviz.datasets import digits as _digits  # noqa: F401
from cnnviz.datasets import shapes as _shapes  # noqa: F401
from cnnviz.datasets import mnist as _mnist  # noqa: F401
from cnnviz.datasets import cifar as _cifar  # noqa: F401

# isort: on
from cnnviz.datasets.entry import DATASETS, DatasetEntry
from cnnviz.datasets.fetch import fetch
from cnnviz.datasets.loading import Availability, availability, entry, facts, load, names, stamp
from cnnviz.datasets.split import Dataset, Facts, Split

__all__ = [
    "DATASETS",
    "Availability",
    "Dataset",
    "DatasetEntry",
    "Facts",
    "Split",
    "availability",
    "entry",
    "facts",
    "fetch",
    "load",
    "names",
    "stamp",
]
