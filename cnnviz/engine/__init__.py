"""The engine: takes experiments, queues them, and sees to it that each is trained by a process of its own.

Everybody asks `engine()`; only this package knows where the processes run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cnnviz.runs import RunSummary
    from cnnviz.specs import ExperimentSpec


class Engine(Protocol):
    """What every engine can do. Ids are those of run directories."""

    def submit(self, experiment: ExperimentSpec, name: str = "", user: str = "") -> str:
        """Check an experiment, queue it and return the run's id.

        Raises:
            CnnvizError: it can't be trained on this machine; nothing was queued.
        """

    def stop(self, run_id: str) -> None:
        """Take a waiting run out of the queue, or ask a working one to stop within one batch.

        Raises:
            RunError: it has ended already, or is unknown.
        """

    def pause(self, run_id: str) -> None:
        """Ask a working run to wait; it keeps its place on the device.

        Raises:
            RunError: it isn't training.
        """

    def resume(self, run_id: str) -> None:
        """Let a paused run go on, or queue a stopped, failed or interrupted one from its checkpoint.

        Raises:
            RunError: it is done, or at work.
        """

    def queue(self) -> list[RunSummary]:
        """Runs at work, then waiting ones in the order in which they will start."""

    def tick(self) -> None:
        """Start what can start and notice what has died. Cheap; any process may call it at any time."""

    def prepare(self) -> bool:
        """Have Keras imported ahead, for the next run; True where that is done, or switched off."""

    def dismiss(self) -> None:
        """Give the memory back that `prepare` took; runs at work go on."""


def engine() -> Engine:
    """The engine of this machine, over the runs folder that is set now."""
    # Here and not above: a supervisor imports this package and must stay small.
    from cnnviz.engine.local import LocalEngine

    return LocalEngine()
