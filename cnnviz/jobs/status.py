"""JobStatus: what status.json of a job says, read and checked in this one place."""

from __future__ import annotations

import time
from typing import Literal

from pydantic import ConfigDict, Field

from cnnviz.runs.marks import Mark
from cnnviz.specs import Spec

#: waiting: never started. stopping: at work, asked to end. interrupted: cut from outside, its process gone.
#: incomplete: ended, but a part of it could not be done. failed: it could not go on.
State = Literal["waiting", "running", "stopping", "stopped", "interrupted", "incomplete", "failed", "done"]


class EarlierProcess(Spec):
    """The process at work as folders noted it before version 0.2, among whatever else."""

    model_config = ConfigDict(extra="ignore")
    pid: int | None = None
    started: float | None = None

    @property
    def mark(self) -> Mark | None:
        """As `JobStatus` has it; None where nobody was at work."""
        return Mark(self.pid, self.started) if self.pid and self.started is not None else None


class JobStatus(Spec):
    """How a job stands. While it is at work, `keeper` and `worker` name its two processes.

    `problems`: why it failed or was interrupted, or what is missing of it; a sentence each.
    `share`: of the stage, 0–1. `done` of `total`: what is counted in it, each a `unit` ("run", "image");
    total 0: nothing. `detail`: what is at work just now, in words.
    `left`: seconds until the end, where the work can tell; else `seconds_left` goes by the stage's speed.
    """

    state: State = "waiting"
    problems: tuple[str, ...] = ()
    stage: str = ""
    stage_began: float | None = None
    share: float | None = Field(default=None, ge=0, le=1)
    done: int = 0
    total: int = 0
    unit: str = ""
    detail: str = ""
    left: float | None = None
    keeper: Mark | None = None
    worker: Mark | None = None

    @property
    def active(self) -> bool:
        """Whether a process is at work on it."""
        return self.state in ("running", "stopping")

    @property
    def reason(self) -> str:
        """All problems in one line."""
        return " ".join(self.problems)

    @property
    def seconds_left(self) -> float | None:
        """Until the end, as the work says, else until the stage's end by its speed; None before either."""
        if self.state != "running":
            return None
        if self.left is not None or not self.share or self.stage_began is None:
            return self.left
        return (time.time() - self.stage_began) * (1 - self.share) / self.share
