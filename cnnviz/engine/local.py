"""LocalEngine: a queue over this machine's devices, kept in files only.

A slot is a GPU; without one, the CPU is the only slot. Any process may tick: the app, the command line,
and each supervisor when its worker has ended. What the queue knows lies in run directories and tickets,
so an app that starts again finds everything as it was.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from cnnviz import paths
from cnnviz.engine import prepared, processes
from cnnviz.engine.processes import locked
from cnnviz.engine.tickets import Ticket, Tickets, fair
from cnnviz.errors import CnnvizError, DataError, RunError
from cnnviz.evaluation import data_changed
from cnnviz.runs import RunDirectory, RunSummary, atomic, list_runs, load_summary, marks
from cnnviz.runs.marks import Mark
from cnnviz.runs.records import Status, clock
from cnnviz.specs import ExperimentSpec
from cnnviz.training import checks, devices

#: Seconds after which a worker that does not obey a wish to stop is ended.
PATIENCE = 60.0
#: The same while it is evaluated and saved, so that what it has learnt is kept.
EVALUATION_PATIENCE = 600.0
#: Seconds after which a run that the prepared process has not taken over is started without it.
HANDED_PATIENCE = 60.0
#: Runs folders whose runs without a ticket were looked for by this process.
_adopted: set[Path] = set()


class LocalEngine:
    """See `cnnviz.engine.Engine`.

    Args:
        root: the folder of runs; None: the one that is set.
        adopt: whether the first tick looks through all runs for active ones that have no ticket.
        idle: seconds without work after which a prepared process ends.
    """

    def __init__(self, root: Path | None = None, *, adopt: bool = True, idle: float = prepared.IDLE) -> None:
        self.root = root or paths.runs_dir()
        self._may_adopt, self.idle = adopt, idle
        self.tickets = Tickets(self.root)

    # Wishes ---------------------------------------------------------------------------------------

    def submit(self, experiment: ExperimentSpec, name: str = "", user: str = "") -> str:
        """Check, queue, and start it if a device is free.

        What the same user has waiting or at work already is not queued twice: its id is returned.
        """
        checks.check(experiment, self.root)
        with locked(self.tickets.lock):
            run_id = self._asked_already(experiment, user)
            if not run_id:
                run_id = RunDirectory.create(self.root, experiment, name, user).id
                self.tickets.put(Ticket(run_id))
        self.tick()
        return run_id

    def _asked_already(self, experiment: ExperimentSpec, user: str) -> str:
        """The user's run of exactly this that waits or is at work; "" where there is none."""
        for run in self.queue():
            asked = run.user == user and run.state != "stopping" and not run.directory.wished("stop")
            if asked and run.experiment == experiment:
                return run.id
        return ""

    def stop(self, run_id: str) -> None:
        """Take it out of the queue, or ask it to stop."""
        run = self._open(run_id)
        with locked(self.tickets.lock):
            status, ticket = run.status(), self.tickets.get(run_id)
            if status.finished:
                raise RunError(f"Run {run_id} is {status.state} already: there is nothing to stop.")
            if status.state == "queued" and not (ticket and ticket.pid and not ticket.handed):
                run.set_status(
                    state="stopped", reason="Stopped while it waited.", phase="", ended=time.time()
                )
                self.tickets.remove(run_id)
                return
        run.wish("stop")

    def pause(self, run_id: str) -> None:
        """Ask it to wait after this batch."""
        run = self._open(run_id)
        status = run.status()
        if status.state != "running":
            raise RunError(f"Run {run_id} is {status.state}: only a running one can be paused.")
        run.wish("pause")

    def resume(self, run_id: str) -> None:
        """Let it go on here, or from its checkpoint."""
        self.tick()
        run = self._open(run_id)
        with locked(self.tickets.lock):
            status = run.status()
            if status.state == "done":
                raise RunError(f"Run {run_id} is done: nothing is left to train. Train a new one instead.")
            if status.active:
                if status.state != "paused" and not run.wished("pause"):
                    raise RunError(f"Run {run_id} is {status.state} and needs no resuming.")
                run.unwish("pause")
                return
            checks.check(run.spec().experiment, self.root)
            if run.epochs() and (changed := data_changed(run)):
                raise DataError(f"Run {run_id} can't go on. {changed} Train again from the beginning.")
            run.unwish("stop")
            run.unwish("pause")
            run.set_status(state="queued", phase="waiting", reason="", ended=None, pid=None, heartbeat=None)
            self.tickets.put(Ticket(run_id))
        self.tick()

    def _open(self, run_id: str) -> RunDirectory:
        return RunDirectory.open(self.root / run_id)

    # The queue ------------------------------------------------------------------------------------

    def queue(self) -> list[RunSummary]:
        """Runs at work by age, then waiting ones in the order in which they will start."""
        runs = [(ticket, load_summary(self.root / ticket.id)) for ticket in self.tickets.all()]
        active = [(ticket, run) for ticket, run in runs if run.status and run.status.active]
        working = [run for ticket, run in active if ticket.pid or run.state != "queued"]
        waiting = [run for ticket, run in active if not (ticket.pid or run.state != "queued")]
        return [*sorted(working, key=lambda run: run.created), *fair(waiting, working)]

    def tick(self) -> None:
        """Start what can start and notice what has died."""
        processes.reap()
        if self._may_adopt and self.root not in _adopted:
            self._adopt()
        if not self.tickets.ids() and not self._keeps_needlessly():
            return
        with locked(self.tickets.lock):
            for ticket in self.tickets.all():
                self._look_after(ticket)
            self._start_next()
            if not self.tickets.ids() and self._keeps_needlessly():
                prepared.dismiss(self.tickets.folder)

    def _keeps_needlessly(self) -> bool:
        """Whether there is a prepared process that no app wants."""
        process = prepared.known(self.tickets.folder)
        return process is not None and not process.kept

    def _adopt(self) -> None:
        """Give a ticket to every active run without one, in case the folder of tickets was lost."""
        _adopted.add(self.root)
        for folder in (self.root, *(path for path in self.root.glob(".*") if path.is_dir())):
            atomic.clear_aside(folder, ".new.", ".deleted.", ".import-")
        atomic.clear_aside(paths.data_dir(), ".upload-", ".download-", ".deleted-")
        for folder in paths.cache_dir().glob("datasets/*"):
            atomic.clear_aside(folder, ".partial-")
        lost = [run for run in list_runs(self.root) if run.status and run.status.active]
        if not lost:
            return
        with locked(self.tickets.lock):
            for run in lost:
                # Read again: it may have ended, or got its ticket, since the list was made.
                status = run.directory.status()
                if status.active and not self.tickets.get(run.id):
                    self.tickets.put(Ticket(run.id, "", status.pid, status.process_started))

    def _look_after(self, ticket: Ticket) -> None:
        run = RunDirectory(self.root / ticket.id)
        # Once: a process that dies between two looks would be neither taken back from nor at work.
        living = marks.alive(ticket.pid, ticket.process_started)
        if ticket.handed and not (living and clock() - ticket.handed < HANDED_PATIENCE):
            # The prepared process that it was handed to has died or does nothing: it waits anew.
            if living:
                prepared.dismiss(self.tickets.folder)
            self.tickets.put(Ticket(ticket.id, alone=True))
            return
        try:
            status = run.status()  # after looking at the process, which may just have written its end
        except CnnvizError:
            if not living or ticket.handed:
                self.tickets.remove(ticket.id)  # deleted, or damaged: the list of runs says why
            return
        if status.finished and not living and ticket.pid:
            self.tickets.remove(ticket.id)
        elif status.active and ticket.pid and not living:
            if not marks.alive(status.pid, status.process_started):
                reason = processes.why_gone(run.log_path, ticket.hung)
                run.set_status(state="interrupted", reason=reason, phase="", ended=time.time())
                self.tickets.remove(ticket.id)
        elif living and ticket.pid:
            self._end_if_it_hangs(ticket, run, status)

    def _end_if_it_hangs(self, ticket: Ticket, run: RunDirectory, status: Status) -> None:
        """End a worker that gives no sign of life, or does not obey a wish to stop."""
        now = clock()
        hung = ticket.hung or status.hangs.replace("no", "gave no", 1)
        if not hung and run.wished("stop"):
            if ticket.wished is None:
                self.tickets.put(replace(ticket, wished=now))
                return
            patience = EVALUATION_PATIENCE if status.phase in ("evaluating", "saving") else PATIENCE
            if now - ticket.wished > patience:
                hung = "did not stop when asked to"
        if not hung:
            return
        if ticket.killed is None:
            ticket = replace(ticket, hung=hung, killed=now)
            self.tickets.put(ticket)
        # A supervisor that hangs too would hold its device for ever.
        supervisor = Mark(ticket.pid or 0, ticket.process_started or 0.0)
        processes.end_workers(supervisor, itself=now - (ticket.killed or now) > PATIENCE)

    def _start_next(self) -> None:
        tickets = self.tickets.all()
        # The GPUs; without one, the CPU.
        free = [device.id for device in devices.devices() if device.kind == "GPU"] or ["cpu"]
        for ticket in tickets:
            if ticket.pid and free:
                free.remove(ticket.slot if ticket.slot in free else free[0])
        for run in self.queue():
            ticket = next(t for t in tickets if t.id == run.id)
            if ticket.pid or run.state != "queued" or not free:
                continue
            named = run.experiment.training.device if run.experiment else "auto"
            slot = named if named.startswith("gpu:") else free[0]
            if slot in free:
                free.remove(slot)
                self._start(run.directory, slot, ticket, more=len(tickets) > 1)

    def _start(self, run: RunDirectory, slot: str, ticket: Ticket, *, more: bool) -> None:
        training = run.spec().experiment.training
        device = devices.resolve("cpu" if training.device == "cpu" else slot)
        variables = devices.environment(device, training.threads)
        try:
            # The number of threads is read when libraries are imported, which is too late then.
            if training.threads is None and not ticket.alone and self._hand_over(run, slot, variables, more):
                return
            pairs = [f"{name}={value}" for name, value in variables.items()]
            arguments = ["-m", "cnnviz.engine.supervisor", str(run.path), *pairs]
            supervisor = processes.start(arguments, run.log_path)
        except (CnnvizError, OSError) as error:
            reason = f"The worker could not be started: {error}"
            run.set_status(state="failed", reason=reason, phase="", ended=time.time())
            self.tickets.remove(run.id)
            return
        self.tickets.put(Ticket(run.id, slot, *supervisor))

    def _hand_over(self, run: RunDirectory, slot: str, variables: dict[str, str], more: bool) -> bool:
        """Give a run to the prepared process, if there is one or soon will be use for one.

        Where there is none, one is begun if an app keeps one here or more runs wait: this run then waits for
        Keras just as long as in a process of its own, and the next ones don't. A lone command leaves nothing.
        """
        queue = self.tickets.folder
        if not prepared.wanted():
            return False
        process, known = prepared.living(queue), prepared.known(queue)
        keeper = known.keeper if known and known.kept else None
        if process is None and (more or keeper):
            process = prepared.begin(queue, self.idle, keeper)
        now = clock()
        order = prepared.Order(str(run.path), processes.own_environment(), variables, now)
        if process is None or not prepared.send(process, order):
            return False
        run.set_status(phase="starting Keras")
        self.tickets.put(Ticket(run.id, slot, *process.mark, handed=now))
        return True

    def take_over(self, run_id: str, handed_by: int) -> bool:
        """Make this process the supervisor of a run handed to its parent; False where that is past."""
        with locked(self.tickets.lock):
            ticket = self.tickets.get(run_id)
            if ticket is None or not ticket.handed or ticket.pid != handed_by:
                return False
            self.tickets.put(Ticket(run_id, ticket.slot, *marks.own()))
        return True

    def prepare(self) -> bool:
        """Keep a prepared process, until `dismiss`; True where there is one already, or none is wanted."""
        process = prepared.living(self.tickets.folder)
        if not prepared.wanted() or (process and process.kept):
            return True
        with locked(self.tickets.lock):
            keeper, process = marks.own(), prepared.living(self.tickets.folder)
            if process:
                prepared.record(self.tickets.folder, replace(process, keeper=keeper))
            else:
                prepared.begin(self.tickets.folder, self.idle, keeper)
        return False

    def dismiss(self) -> None:
        """Let the prepared process go, unless a run has just been handed to it."""
        with locked(self.tickets.lock):
            if not any(ticket.handed for ticket in self.tickets.all()):
                prepared.dismiss(self.tickets.folder)

    def ended(self, run_id: str, code: int, *, short_of_memory: bool) -> None:
        """This process's worker has ended with an exit code: free its slot, say why if it could not."""
        run = self._open(run_id)
        with locked(self.tickets.lock):
            ticket = self.tickets.get(run_id)
            if ticket is None or ticket.pid != os.getpid():
                return  # it was resumed meanwhile, and is another supervisor's now
            if run.status().active:
                state, reason = processes.why_ended(
                    code,
                    asked_to_stop=run.wished("stop"),
                    short_of_memory=short_of_memory,
                    log=run.log_path,
                    hung=ticket.hung,
                )
                run.set_status(state=state, reason=reason, phase="", ended=time.time())
            self.tickets.remove(run_id)
