"""The frame of every job's page: choose one, see how it stands and why it ended; start, stop, delete.

What a kind adds is drawn by its own page: what is asked, and what came out (see `page`). A kind without
wishes of its own has a page in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeVar

import streamlit as st

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.jobs.job import Job
from cnnviz.jobs.kinds import AnyJob, kinds
from cnnviz.jobs.status import JobStatus, State
from cnnviz.ui import linked, show

NEW = "new"
ICONS: dict[State, str] = {
    "waiting": ":material/schedule:",
    "running": ":material/play_circle:",
    "stopping": ":material/stop_circle:",
    "stopped": ":material/stop_circle:",
    "interrupted": ":material/warning:",
    "incomplete": ":material/error:",
    "failed": ":material/error:",
    "done": ":material/check_circle:",
}
_SECONDS = 1.5
J = TypeVar("J", bound=AnyJob)


def pick(kind: type[J], title: str, question: str) -> J | None:
    """Header, and the choice of a job; None for a new one. The choice stands in the link by its id."""
    jobs = {job.id: job for job in kind.all()}
    heading, chooser, button = st.columns([1.5, 2, 0.75], vertical_alignment="bottom")
    with heading:
        show.header(title, question)
    if not jobs:
        return None
    lines = {job.id: line_of(job) for job in jobs.values()} | {NEW: f"a new {kind.noun}"}
    with chooser:
        chosen = linked.select(title, [*jobs, NEW], key=kind.noun, names=lines.__getitem__, hidden=True)
    with button:
        st.button(
            f"New {kind.noun}",
            icon=":material/add:",
            width="stretch",
            key=f"{kind.noun}_new",
            disabled=chosen == NEW,
            on_click=linked.put,
            args=(kind.noun, NEW),
        )
    return jobs.get(chosen)


def line_of(job: AnyJob) -> str:
    """Title and when it was asked; it never changes, so that a choice in a list stays."""
    try:
        title = job.title()
    except CnnvizError:
        title = "damaged"
    try:
        moment = datetime.strptime(job.id[:15] + "+0000", "%Y%m%d-%H%M%S%z").astimezone()
    except ValueError:
        return title  # its folder is named by what is asked
    return f"{title} · {moment.day} {moment:%b %H:%M}"


def choose(job: AnyJob) -> None:
    """Show this one, and say so in the link."""
    linked.put(job.noun, job.id)


def live(job: AnyJob, draw: Callable[[JobStatus], None]) -> None:
    """Draw with how it stands, again and again while it is at work; the whole page when that changes."""
    active = job.status().active

    def look() -> None:
        with show.guard():
            status = job.status()
            if status.active != active:
                st.rerun()  # the whole page: the timer begins or ends, results appear
            draw(status)

    st.fragment(look, run_every=_SECONDS if active else None)()


def headline(
    job: AnyJob,
    status: JobStatus,
    *,
    text: str = "",
    labels: Mapping[State, str] | None = None,
    begin: Callable[[], None] | None = None,
    hint: str = "",
    help: str | None = None,
) -> None:
    """How it stands, its progress, the button that suits, and why it ended.

    Args:
        text: beside the state; "": the progress as the job notes it.
        labels: of the button that starts it, by state; none where it is not offered.
        begin: in place of `job.start`.
        hint: what starting it means, below its state; help: the same, shown at the button alone.
    """
    labels = {"waiting": "Start", "done": "", **(labels or {})}
    shown = text or progress_words(status)
    # One that was never begun has nothing to say but what starting it means.
    line = f"{ICONS[status.state]} **{status.state}**" if shown or status.state != "waiting" else ""
    with show.row():
        if line or hint:
            with st.container(gap="xsmall", key=f"{job.noun}_headline"):
                if line:
                    st.markdown(f"{line} · {show.plain(shown)}" if shown else line)
                if status.active:
                    st.progress(status.share or 0.0)
                elif hint:
                    st.caption(hint)
        if status.active:
            st.button(
                "Stop",
                icon=":material/stop:",
                key=f"{job.noun}_stop",
                on_click=show.guarded(job.stop),
                disabled=status.state == "stopping",
                help=f"What is at work stops within a moment. The {job.noun} can go on later.",
            )
        elif label := labels.get(status.state, "Go on"):
            kind: Literal["primary", "secondary"] = "secondary" if status.state == "done" else "primary"
            key = f"{job.noun}_resume"
            if st.button(label, icon=":material/play_arrow:", key=key, type=kind, help=help):
                (begin or job.start)()
                st.rerun()
    for problem in status.problems:
        show.problem(problem)


def progress_words(status: JobStatus) -> str:
    """`computing features · 512 of 1,024 images · about 3 s left`; once it has ended, the count alone."""
    counted = ""
    if status.total and status.unit:
        counted = f"{words.count(status.done)} of {words.plural(status.total, status.unit)}"
    if not status.active:
        return counted
    left = "" if status.seconds_left is None else f"about {words.duration(status.seconds_left)} left"
    detail = status.detail if status.state == "running" else ""
    return " · ".join(filter(None, (status.stage, counted, left, detail)))


def delete(job: AnyJob, consequences: str) -> None:
    """The button that deletes it after asking, unless it is at work."""
    if not job.exists or job.status().active:
        return

    def deleting() -> None:
        with show.guard():
            job.delete()
        if st.session_state.get(job.noun) == job.id:
            linked.forget(job.noun)

    with st.popover(f"Delete the {job.noun}", icon=":material/delete:"):
        st.markdown(consequences)
        st.button("Delete it", key=f"{job.noun}_delete", type="primary", on_click=deleting)


def page(
    kind: type[AnyJob] | str,
    title: str,
    question: str,
    *,
    ask: Callable[[], None] | None = None,
    draw: Callable[[Any, JobStatus], None] = headline,
    asked: Callable[[Any], object] = lambda job: st.json(job.spec().model_dump(mode="json")),
    deleted: str = "",
) -> None:
    """A whole page for a kind of job: asked by its spec's JSON, shown by its progress, unless told otherwise.

    Args:
        kind: of the jobs, or the name that it is registered by.
        title, question: the heading of the page, and what it answers.
        ask: draws the form of a new job.
        draw: draws a job as it stands, again and again while it is at work.
        asked: draws what was asked, in a fold.
        deleted: what deleting a job means.
    """
    with show.guard():
        kind = kinds().get(kind) if isinstance(kind, str) else kind
        job = pick(kind, title, question)
        if job is None:
            (ask or partial(_ask, kind))()
            return
        live(job, partial(draw, job))
        with st.expander("What was asked", icon=":material/tune:"):
            asked(job)
            delete(job, deleted or f"This {job.noun} is deleted for good; runs stay.")


def _ask(kind: type[Job[Any]]) -> None:
    """One field a setting; each is read as `--set` reads it, and the spec checks it."""
    given = {}
    for setting, field in kind.asked_as.model_fields.items():
        default = "" if field.is_required() or field.default is None else str(field.default)
        given[setting] = st.text_input(setting, default, help=field.description, key=f"{kind.noun}_{setting}")
    if st.button(f"Start the {kind.noun}", type="primary", key=f"{kind.noun}_ask"):
        job = kind.create(kind.asked_as.parse({name: text for name, text in given.items() if text}))
        job.start()
        choose(job)
        st.rerun()
