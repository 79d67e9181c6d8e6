"""Tickets: one small file for each run that waits or works, in `runs/.queue`.

They make a tick as cheap as the queue is long, however many finished runs lie beside it. Only the
engine writes them, under its lock; the run directories remain the truth, and lost tickets are made
again from them.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnviz import paths
from cnnviz.runs import RunSummary, atomic


@dataclass(frozen=True, slots=True)
class Ticket:
    """A run in the queue; `pid` and `process_started` are its supervisor's once it was started.

    `slot`: the device it occupies ("cpu", "gpu:1"); empty while it waits. `handed`: when it was given to
    the prepared process, whose mark stands here until a supervisor takes the run over. `alone`: that process
    has failed it; start it without one. `wished`: when the wish to stop was first seen. `hung`, `killed`: why
    and when its worker was ended. Times are seconds of `clock`.
    """

    id: str
    slot: str = ""
    pid: int | None = None
    process_started: float | None = None
    handed: float | None = None
    alone: bool = False
    wished: float | None = None
    hung: str = ""
    killed: float | None = None


class Tickets:
    """The folder of tickets of one runs folder."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".queue"

    @property
    def lock(self) -> Path:
        """The file to lock while tickets change."""
        return paths.ensure(self.folder) / "lock"

    def all(self) -> list[Ticket]:
        """All tickets, oldest run first."""
        return [ticket for run_id in self.ids() if (ticket := self.get(run_id))]

    def ids(self) -> list[str]:
        """The runs that have tickets, oldest first."""
        return [path.stem for path in atomic.whole(self.folder, "*.json")]

    def get(self, run_id: str) -> Ticket | None:
        """A run's ticket; None where it has none. A damaged one counts as waiting."""
        try:
            data = json.loads(self._path(run_id).read_text("utf-8"))
            return Ticket(**{**data, "id": run_id})
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return Ticket(run_id)

    def put(self, ticket: Ticket) -> None:
        """Write or replace a ticket."""
        paths.ensure(self.folder)
        atomic.write_text(self._path(ticket.id), json.dumps(asdict(ticket)))

    def remove(self, run_id: str) -> None:
        """Take a run out of the queue."""
        with contextlib.suppress(FileNotFoundError):
            self._path(run_id).unlink()

    def _path(self, run_id: str) -> Path:
        return self.folder / f"{run_id}.json"


def fair(waiting: Sequence[RunSummary], working: Iterable[RunSummary]) -> list[RunSummary]:
    """Waiting runs in the order in which they shall start.

    Everybody's first run comes before anybody's second one; runs at work count as first ones.
    """
    turns = Counter(run.user for run in working)
    ranked = []
    for run in sorted(waiting, key=lambda run: (run.created, run.id)):
        ranked.append((turns[run.user], run.created, run.id, run))
        turns[run.user] += 1
    return [run for *_, run in sorted(ranked, key=lambda entry: entry[:3])]
