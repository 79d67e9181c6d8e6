"""Job: what all long work shares, from being asked to being deleted; a kind adds its own work."""

from __future__ import annotations

import json
import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from cnnviz import paths
from cnnviz.engine import processes
from cnnviz.engine.processes import locked
from cnnviz.errors import CnnvizError, RunError
from cnnviz.jobs.status import JobStatus, State
from cnnviz.registry import file_of, raised, shown_path
from cnnviz.runs import atomic, marks
from cnnviz.specs import Spec
from cnnviz.specs.base import explain

_LOOK_SECONDS = 0.3
#: Between two writings of the progress within a stage.
_NOTE_SECONDS = 0.4
_GONE = (
    "Its process is gone: it was killed, or the machine was restarted. Nothing finished is lost; press Go on."
)


A = TypeVar("A", bound=Spec)
T = TypeVar("T")


class Stopped(Exception):  # noqa: N818  (no error: somebody wished it)
    """Somebody wished the work to stop; it ends in order, and can go on later."""


class Job(ABC, Generic[A]):
    """One job on disk. Cheap to make: nothing is read before it is asked for."""

    #: The type of what is asked.
    asked_as: ClassVar[type[Spec]]
    #: The hidden folder beside the runs that holds all jobs of the kind.
    place: ClassVar[str]
    #: The file that says what is asked.
    asked_in: ClassVar[str] = "asked.json"
    #: What people call one: "sweep".
    noun: ClassVar[str] = "job"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    # What a kind writes ---------------------------------------------------------------------------

    @abstractmethod
    def work(self, report: Report) -> Iterable[str] | None:
        """Do it, or go on where it was cut: whatever was finished is not done again.

        Call `report` often. Clean up at `Stopped` and KeyboardInterrupt, and let them pass.

        Returns:
            What could not be done, a sentence each; nothing: all is done.
        Raises:
            CnnvizError: it can't go on; the message says why, and what to do.
        """

    @classmethod
    def example(cls) -> A:
        """The least that can be asked, for the contract test; every field's default, where all have one."""
        return cls.asked_as()  # type: ignore[return-value]  # asked_as is A's type

    def environment(self) -> Mapping[str, str]:
        """Variables that its process needs before it imports anything."""
        return {}

    def earlier_status(self) -> JobStatus | None:
        """The status as folders tell it that were made before there was a status.json."""
        return None

    @classmethod
    def id_of(cls, asked: A, place: Path) -> str:
        """Name of the folder for what is asked: the moment, and ten digits that find it again."""
        ending = asked.hash()[:10]
        known = atomic.whole(place, f"*-{ending}/{cls.asked_in}")
        return known[0].parent.name if known else f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{ending}"

    # Create, find, list, delete -------------------------------------------------------------------

    @classmethod
    def of(cls, asked: A, root: Path | None = None) -> Self:
        """The job that asks exactly this; it need not be there yet."""
        place = (root or paths.runs_dir()) / cls.place
        return cls(place / cls.id_of(asked, place))

    @classmethod
    def find(cls, asked: A, root: Path | None = None) -> Self | None:
        """The job that asks exactly this; None where there is none."""
        job = cls.of(asked, root)
        return job if job.exists else None

    @classmethod
    def create(cls, asked: A, root: Path | None = None) -> Self:
        """Make the folder of a job, or find the one that asks exactly the same.

        Raises:
            StorageError: it can't be written.
        """
        with locked(paths.ensure((root or paths.runs_dir()) / cls.place) / ".lock"):
            job = cls.of(asked, root)
            if not job.exists:
                job.ask(asked)
        return job

    @classmethod
    def all(cls, root: Path | None = None) -> list[Self]:
        """All jobs of this kind, the newest first."""
        found = atomic.whole((root or paths.runs_dir()) / cls.place, f"*/{cls.asked_in}")
        return [cls(path.parent) for path in reversed(found)]

    @property
    def root(self) -> Path:
        """The folder of runs beside which it lies."""
        return self.path.parent.parent

    @property
    def exists(self) -> bool:
        """Whether it was asked."""
        return (self.path / self.asked_in).exists()

    def ask(self, asked: A) -> None:
        """Write what is asked, in place of what was asked before."""
        paths.ensure(self.path)
        atomic.write_text(self.path / self.asked_in, asked.to_json())

    def spec(self) -> A:
        """Read what is asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        try:
            found = self.asked_as.from_json((self.path / self.asked_in).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{self.asked_in} of {self.noun} {self.id} can't be read: {error}") from error
        return found  # type: ignore[return-value]  # asked_as is A's type

    def title(self) -> str:
        """What a list shows: the title that was asked, else what is not as by default.

        Raises:
            RunError: what is asked can't be read.
        """
        asked = self.spec()
        own = asked.model_dump(mode="json", exclude_defaults=True)
        return str(getattr(asked, "title", "") or ", ".join(f"{key} {own[key]}" for key in own) or self.id)

    def delete(self) -> None:
        """Delete the folder for good; runs stay, as no job owns any.

        Raises:
            RunError: a process is at work on it.
            StorageError: it can't be removed.
        """
        if self.status().active:
            raise RunError(f"This {self.noun} is at work. Stop it first, then delete it.")
        doomed = self.path.with_name(f".deleted.{self.id}")
        with atomic.storage_errors(self.path):
            self.path.rename(doomed)
            shutil.rmtree(doomed)

    # Start, stop, wait ----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, or go on, in a process of its own that outlives this one; returns at once.

        Raises:
            RunError: a process is at work on it.
            StorageError: its folder can't be written.
        """
        with locked(paths.ensure(self.path) / "lock"):
            self._make_ready()
            arguments = ["-m", "cnnviz.jobs", str(self.path)]
            mark = processes.start(arguments, self.path / "log.txt", self.environment())
            # Marked here already, so that a second press of the button can't start a second one.
            self._write(JobStatus(state="running", stage="starting", keeper=mark))

    def run(self, listen: Callable[[JobStatus], None] = lambda status: None) -> JobStatus:
        """Begin, or go on, in this process, and return how it ended.

        Args:
            listen: called with the status at every note of progress.
        Raises:
            KeyboardInterrupt: after it has ended in order, as "stopped".
            RunError: a process is at work on it.
            CnnvizError: it failed; its status says the same.
        """
        with locked(paths.ensure(self.path) / "lock"):
            self._make_ready()
            self._write(JobStatus(state="running", stage="starting", worker=marks.own()))
        return self._work(listen)

    def _make_ready(self) -> None:
        if self.status().active:
            raise RunError(f"This {self.noun} is at work already. Wait for its end, or stop it.")
        (self.path / "stop").unlink(missing_ok=True)

    def take_over(self) -> JobStatus:
        """Do the work that `start` was called for; for the process that it has started."""
        with locked(self.path / "lock"):  # until `start` has written who keeps it
            self._write(self._read().but(worker=marks.own()))
        return self._work(lambda status: None)

    def note_ending(self, code: int, *, short_of_memory: bool) -> None:
        """Say why the work ended, where the work itself has not; for the process that kept it.

        Args:
            code: its exit code as of subprocess: negative for a signal.
            short_of_memory: the kernel has killed a process for lack of memory meanwhile.
        """
        with locked(self.path / "lock"):
            if (self.status().keeper or (0,))[0] != os.getpid():
                return  # it has said it itself, and may have been started again since
            state, reason = processes.why_ended(
                code,
                asked_to_stop=self.stop_wished,
                short_of_memory=short_of_memory,
                log=self.path / "log.txt",
                who="Its process",
                resume="Nothing finished is lost; go on with it.",
                spare="Take fewer images or a smaller network.",
            )
            self.end(state, reason)

    def _work(self, listen: Callable[[JobStatus], None]) -> JobStatus:
        report = Report(self, listen)
        try:
            problems = tuple(self.work(report) or ())
        except Stopped:
            return self.end("stopped", latest=report.latest)
        except KeyboardInterrupt:
            self.end("stopped", latest=report.latest)
            raise
        except Exception as error:
            self.end("failed", self._why(error), latest=report.latest)
            raise
        return self.end("incomplete" if problems else "done", *problems, latest=report.latest)

    def _why(self, error: Exception) -> str:
        if isinstance(error, CnnvizError):
            return str(error)
        if isinstance(error, MemoryError):
            return "The memory of this machine is too small for it. Take fewer images."
        file = file_of(type(self).work)
        where = f"An error of the code in {shown_path(file)}"
        return f"{where}: {raised(error, file)}. {self.path / 'log.txt'} holds more."

    def end(self, state: State, *problems: str, latest: JobStatus | None = None) -> JobStatus:
        """Write the last word.

        Args:
            latest: what was noted last; None: as it stands on disk.
        """
        over = {"state": state, "problems": problems, "share": None, "left": None, "detail": ""}
        ended = (latest or self._read()).but(**over, keeper=None, worker=None)
        self._write(ended)
        return ended

    def stop(self) -> None:
        """Ask it to stop; it ends in order and can go on later.

        Raises:
            StorageError: its folder can't be written.
        """
        with atomic.storage_errors(self.path):
            (self.path / "stop").touch()

    @property
    def stop_wished(self) -> bool:
        """Whether somebody asked it to stop."""
        return (self.path / "stop").exists()

    def wait(self, tell: Callable[[JobStatus], None] = lambda status: None) -> JobStatus:
        """Wait for the end of a job that was started, and return how it ended."""
        while (now := self.status()).active:
            tell(now)
            time.sleep(_LOOK_SECONDS)
        return now

    # How it stands --------------------------------------------------------------------------------

    def status(self) -> JobStatus:
        """How it stands now; one whose processes are gone without a word is "interrupted"."""
        found = self._read()
        if found.state != "running":
            return found
        processes.reap()
        if any(mark and marks.alive(*mark) for mark in (found.keeper, found.worker)):
            return found.but(state="stopping") if self.stop_wished else found
        if self.stop_wished:
            return found.but(state="stopped")
        return found.but(state="interrupted", problems=(_GONE,))

    def _read(self) -> JobStatus:
        try:
            text = (self.path / "status.json").read_text("utf-8")
        except FileNotFoundError:
            text = ""
        except OSError as error:
            reason = f"status.json can't be read ({error.strerror or error}): delete this {self.noun}."
            return JobStatus(state="interrupted", problems=(reason,))
        except UnicodeDecodeError:
            text = "damaged"
        try:
            return JobStatus.from_json(text) if text else self.earlier_status() or JobStatus()
        except (CnnvizError, KeyError) as error:
            reason = f"Its files are damaged: {error} Going on makes them anew."
            return JobStatus(state="interrupted", problems=(reason,))

    def _write(self, status: JobStatus) -> None:
        atomic.write_text(self.path / "status.json", status.model_dump_json())

    def read_kept(self, name: str, kind: type[T]) -> T | None:
        """Read a JSON file that the kind keeps, as what it holds; None before there is one.

        Raises:
            RunError: the file is damaged.
        """
        try:
            return TypeAdapter(kind).validate_python(json.loads((self.path / name).read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            reason = explain(error, kind) if isinstance(error, ValidationError) else f"{error}."
            raise RunError(f"{name} of {self.noun} {self.id} is damaged: {reason}") from error


class Report:
    """What a job's work calls often: notes the progress, and hears the wish to stop.

    >>> report("computing features", 0.25, done=100, total=400)  # doctest: +SKIP
    """

    def __init__(self, job: Job[A], listen: Callable[[JobStatus], None] = lambda status: None) -> None:
        self._job, self._listen = job, listen
        #: What was noted last; on disk it stands a moment later.
        self.latest = job._read()
        self._written = self.latest
        self._last = 0.0
        self._heard = False

    def __call__(
        self,
        stage: str,
        share: float | None = None,
        *,
        done: int = 0,
        total: int = 0,
        unit: str = "",
        detail: str = "",
        left: float | None = None,
    ) -> None:
        """Note what is being done, and how much of it is done.

        Args:
            stage: in words, "computing features"; a new one begins the measuring of its time anew.
            share: of the stage, 0–1, where known.
            done, total, unit: what is counted in it: 100 of 400 "image".
            detail: what is at work just now, in words.
            left: seconds until the job's end, where the work can tell better than the stage's speed.
        Raises:
            Stopped: somebody wished it; once, so that what is noted while it ends is only noted.
        """
        began = self.latest.stage_began if stage == self.latest.stage else None
        counted = {"done": done, "total": total, "unit": unit, "detail": detail}
        began_then = began or time.time()
        now = self.latest.but(stage=stage, share=share, left=left, stage_began=began_then, **counted)
        self.latest = now
        if began is None or (now != self._written and time.monotonic() - self._last > _NOTE_SECONDS):
            self._last, self._written = time.monotonic(), now
            self._job._write(now)
        self._listen(now)
        if self.stop_wished and not self._heard:
            self._heard = True
            raise Stopped

    @property
    def stop_wished(self) -> bool:
        """Whether somebody asked the work to stop."""
        return self._job.stop_wished
