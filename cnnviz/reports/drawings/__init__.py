"""Everything that recipes can draw, by name; every module of this package registers its own."""

import importlib
import pkgutil

from cnnviz.reports.drawings.base import (
    DRAWINGS,
    PREPARATIONS,
    Cell,
    Drawing,
    Drawn,
    Stopped,
    Table,
    Tell,
    draw_all,
    keep,
    prepare_all,
    prepared,
)

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = [
    "DRAWINGS",
    "PREPARATIONS",
    "Cell",
    "Drawing",
    "Drawn",
    "Stopped",
    "Table",
    "Tell",
    "draw_all",
    "keep",
    "prepare_all",
    "prepared",
]
