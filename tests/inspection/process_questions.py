"""Questions about the answering process itself; none of them needs Keras."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import cloudpickle

from cnnviz.inspection.questions import Question

# The process does not find the tests' modules, so their classes are sent along.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@dataclass(frozen=True, eq=False)
class Pid(Question[int]):
    """Which process answers."""

    keras = False

    def answer(self) -> int:
        return os.getpid()


@dataclass(frozen=True, eq=False)
class LongPid(Pid):
    """Which process answers long work."""

    long = True


@dataclass(frozen=True, eq=False)
class Variable(Question[str | None]):
    """A variable of the process's environment."""

    keras = False

    name: str

    def answer(self) -> str | None:
        return os.environ.get(self.name)


@dataclass(frozen=True, eq=False)
class Exit(Question[None]):
    """End the process."""

    keras = False

    def answer(self) -> None:
        os._exit(9)


@dataclass(frozen=True, eq=False)
class MakeFolder(Question[None]):
    """Leave a trace on the disk."""

    long: ClassVar[bool] = True
    keras: ClassVar[bool] = False

    path: Path

    def answer(self) -> None:
        self.path.mkdir()
