"""Status: what a run is doing, replaced whole in `status.json`."""

from __future__ import annotations

from typing import Literal, get_args

from cnnviz.specs import Spec

State = Literal["queued", "running", "paused", "stopping", "done", "stopped", "failed", "interrupted"]
#: A run that somebody still works on, or will.
ACTIVE: frozenset[str] = frozenset({"queued", "running", "paused", "stopping"})
#: A run that nobody works on any more.
FINISHED: frozenset[str] = frozenset(get_args(State)) - ACTIVE


class Status(Spec):
    """State and progress of a run. Times are Unix seconds; `process_started` tells a pid from its reuse."""

    state: State = "queued"
    reason: str = ""
    phase: str = "waiting"
    heartbeat: float | None = None
    pid: int | None = None
    process_started: float | None = None
    started: float | None = None
    ended: float | None = None
    host: str = ""
    device: str = ""
    epoch: int = 0
    epochs: int = 0
    batch: int = 0
    batches: int = 0
    images_per_second: float | None = None

    @property
    def active(self) -> bool:
        """Whether somebody still works on it, or will."""
        return self.state in ACTIVE

    @property
    def finished(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in FINISHED
