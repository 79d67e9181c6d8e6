"""Data sets: registered ones, official files, own image folders; exact subsets and honest splits."""

from cnnviz.datasets.dataset_entry import DATASETS, DatasetEntry
from cnnviz.datasets.loading import (
    Availability,
    availability,
    digest,
    duplicates_of,
    entry,
    facts,
    inventory,
    is_decoded,
    load,
    names,
    stamp,
)
from cnnviz.datasets.official import fetch
from cnnviz.datasets.split import Dataset, Facts, Split
from cnnviz.registry import discover

discover("cnnviz.datasets.registered")

__all__ = [
    "DATASETS",
    "Availability",
    "Dataset",
    "DatasetEntry",
    "Facts",
    "Split",
    "availability",
    "digest",
    "duplicates_of",
    "entry",
    "facts",
    "fetch",
    "inventory",
    "is_decoded",
    "load",
    "names",
    "stamp",
]
