"""The drawings that recipes ask for by name; every module of this package registers its own.

See `cnnviz.reports.drawing` for how one is added.
"""

from cnnviz.registry import discover
from cnnviz.reports.drawing import (
    DRAWINGS,
    PREPARATIONS,
    Cell,
    Drawing,
    Drawn,
    Table,
    Tell,
    check,
    draw_all,
    keep,
    prepare_all,
    prepared,
)

discover(__name__)

__all__ = [
    "DRAWINGS",
    "PREPARATIONS",
    "Cell",
    "Drawing",
    "Drawn",
    "Table",
    "Tell",
    "check",
    "draw_all",
    "keep",
    "prepare_all",
    "prepared",
]
