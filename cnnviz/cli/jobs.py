"""`jobs`: sweeps, searches, transfers and reproductions; and the one way in which commands follow a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnnviz import words
from cnnviz.cli.console import AsJson, Row, confirmed, emit, listing, say, table
from cnnviz.errors import CnnvizError

if TYPE_CHECKING:
    from cnnviz.jobs.kinds import AnyJob
    from cnnviz.jobs.status import JobStatus

Wanted = Annotated[str, typer.Argument(metavar="JOB", help="A job's id, or the start of it.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        name="jobs",
        help="Long work that outlives its command: list it, stop, go on, delete.",
        invoke_without_command=True,
    )
    group.callback()(jobs)
    group.command("kinds")(all_kinds)
    group.command()(start)
    group.command()(stop)
    group.command()(resume)
    group.command()(delete)
    app.add_typer(group)


def jobs(context: typer.Context, json: AsJson = False) -> None:
    """List all jobs of all kinds, each kind's newest first."""
    if context.invoked_subcommand:
        return
    from cnnviz.jobs.kinds import list_jobs

    rows = [_Row.of(job) for job in list_jobs()]
    listing(("job", "kind", "title", "state", "why"), rows, json)


@dataclass(frozen=True)
class _Row(Row):
    """One job; a damaged one is listed with its problem."""

    job: str
    kind: str
    title: str = ""
    state: str = "damaged"
    problem: str | None = None

    @classmethod
    def of(cls, job: AnyJob) -> _Row:
        try:
            status = job.status()
            return cls(job.id, job.noun, job.title(), status.state, status.reason or None)
        except CnnvizError as error:
            return cls(job.id, job.noun, problem=str(error))


def all_kinds(json: AsJson = False) -> None:
    """List the kinds of job: what each does, and the settings that `start` takes."""
    from cnnviz.jobs.kinds import kinds

    rows = [
        {
            "kind": kind.noun,
            "does": " ".join((kind.__doc__ or "").partition("\n\n")[0].split()),
            "settings": list(kind.asked_as.model_fields),
        }
        for kind in kinds().values()
    ]
    if json:
        emit(rows)
    else:
        table(
            ("kind", "does", "settings"),
            ((row["kind"], row["does"], ", ".join(row["settings"])) for row in rows),
        )


def start(
    kind: Annotated[str, typer.Argument(help="As `cnnviz jobs kinds` lists them.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="What is asked, as in its spec.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask for a job of any kind by the settings of its spec, and follow it to its end."""
    from cnnviz.cli.set_option import pairs
    from cnnviz.jobs.kinds import kinds

    found = kinds().get(kind)
    _end(follow(found.create(found.asked_as.parse(pairs(settings or [])))), json)


def resume(wanted: Wanted, json: AsJson = False) -> None:
    """Begin a job, or go on with it, and follow it to its end."""
    from cnnviz.jobs.kinds import find_job

    _end(follow(find_job(wanted)), json)


def stop(wanted: Wanted, json: AsJson = False) -> None:
    """Stop a job and wait for its end; it can go on later."""
    from cnnviz.jobs.kinds import find_job

    job = find_job(wanted)
    if not job.status().active:
        raise CnnvizError(f"This {job.noun} is not at work: it is {job.status().state}.")
    job.stop()
    _end(job.wait(), json)


def _end(status: JobStatus, json: bool) -> None:
    """Say how it ended; exit code 2 where it failed or could not be done whole."""
    if json:
        emit({"state": status.state, "problems": list(status.problems)})
    else:
        say(f"{status.state} {status.reason}")
    if status.state not in ("done", "stopped"):
        raise typer.Exit(2)


def delete(
    wanted: Wanted,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    json: AsJson = False,
) -> None:
    """Delete a job with its results for good, after asking; its runs stay."""
    from cnnviz.jobs.kinds import find_job

    job = find_job(wanted)
    named = f"{job.noun} {job.id}"
    if not confirmed(f"Delete {named} for good? Its runs stay.", f"delete {named}", yes=yes):
        return
    job.delete()
    if json:
        emit({"job": job.id, "state": "deleted"})
    else:
        say(f"{job.noun.capitalize()} {job.id} is deleted.")


# Following --------------------------------------------------------------------------------------------


def line(status: JobStatus) -> str:
    """`training · 3 of 6 runs · about 2 min left`."""
    parts = [status.stage]
    if status.total and status.unit:
        parts.append(f"{words.count(status.done)} of {words.plural(status.total, status.unit)} done")
    elif status.share is not None:
        parts.append(words.percent(status.share, 0))
    if status.seconds_left is not None:
        parts.append(f"about {roughly(status.seconds_left)} left")
    return " · ".join([*parts, *filter(None, [status.detail])])


def roughly(seconds: float) -> str:
    """`80 s`, `12 min`, `1.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def follow(job: AnyJob, *, here: bool = False, show: Callable[[JobStatus], str] = line) -> JobStatus:
    """Begin a job or go on with it, unless it is at work already, and wait for its end.

    Its progress is a bar in a terminal; in a log file, one line whenever the stage or a count has changed.

    Args:
        here: work in this process, and not in one that outlives it.
        show: the line for a status.
    Raises:
        typer.Exit: Ctrl-C: with code 130, after its work has stopped in order.
        CnnvizError: it failed here, with the reason.
    """
    from cnnviz.cli.progress import bar

    before: tuple[str, int] | None = None
    with bar() as shown:
        task = shown.add_task("starting", total=None)

        def tell(status: JobStatus) -> None:
            nonlocal before
            text, share = show(status), status.share
            shown.update(task, description=text, completed=share or 0.0, total=None if share is None else 1.0)
            if shown.disable and before != (status.stage, status.done):
                say(text)
            before = status.stage, status.done

        try:
            if job.status().active:
                say(f"This {job.noun} is at work already; here is its progress. Ctrl-C stops it.")
            elif here:
                return job.run(tell)
            else:
                job.start()
            return job.wait(tell)
        except KeyboardInterrupt:
            if job.status().active:
                job.stop()
                job.wait(tell)
            shown.stop()
            last = job.status()
            done = f"{last.done} of {last.total} {last.unit}s are done. " if last.total and last.unit else ""
            say(f"Stopped: {done}The same command goes on.")
            raise typer.Exit(130) from None
