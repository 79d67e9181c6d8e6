"""KINDS: the kinds of jobs, found by their modules' names and checked when they register."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cnnviz
from cnnviz.errors import RunError
from cnnviz.jobs.job import Job
from cnnviz.registry import Registry, load
from cnnviz.specs import SETTINGS, Spec

AnyJob = Job[Any]


def _problems(name: str, kind: type[AnyJob]) -> Iterator[str]:
    if not (isinstance(kind, type) and issubclass(kind, Job)):
        yield "it is no subclass of cnnviz.jobs.job.Job; derive it from Job[what is asked]"
        return
    if not (kind.__doc__ or "").strip() or kind.__doc__ == Job.__doc__:
        yield "it has no docstring, which `cnnviz jobs kinds` shows; write one sentence"
    asked_as = getattr(kind, "asked_as", None)
    if not (isinstance(asked_as, type) and issubclass(asked_as, Spec)):
        yield "asked_as is no subclass of cnnviz.specs.Spec; set it to the frozen type of what is asked"
    if not str(getattr(kind, "place", "")).startswith("."):
        yield "its place must begin with a dot: runs' folders are those that don't"
        return
    if kind.noun != name:
        yield f"its noun is '{kind.noun}'; give it the name that it is registered by"
    if kind.work is Job.work:
        yield "it does no work; write the method work(report)"
    if name in {setting.key for setting in SETTINGS.values()}:
        yield "a setting is called so in links; choose another name"
    places = {KINDS.get(other).place: other for other in KINDS}
    if kind.place in places:
        yield f"its folder '{kind.place}' is that of '{places[kind.place]}'; choose another place"


KINDS: Registry[type[AnyJob]] = Registry("kind of job", check=_problems)


@cache
def kinds() -> Registry[type[AnyJob]]:
    """All kinds: those of every module of cnnviz whose name ends with `_job`."""
    for file in _files():
        load(_module(file))
    return KINDS


_PACKAGE = Path(cnnviz.__file__).parent


def _files() -> list[Path]:
    return sorted(_PACKAGE.rglob("*_job.py"))


def _module(file: Path) -> str:
    return ".".join((_PACKAGE.name, *file.relative_to(_PACKAGE).with_suffix("").parts))


def open_job(folder: Path) -> AnyJob:
    """The job in a folder; its kind is told by the folder around it, and is all that is imported for it.

    Raises:
        RunError: there is no job.
    """
    place = folder.parent.name
    if folder.is_dir():
        # The file that writes this place is read before the others: all kinds take twice as long as one.
        likely = sorted(_files(), key=lambda file: f'"{place}"' not in file.read_text("utf-8"))
        for module in ("", *map(_module, likely)):
            if module:
                load(module)
            for kind in KINDS.values():
                if kind.place == place:
                    return kind(folder)
    raise RunError(f"{folder} is no job's folder.")


def list_jobs(root: Path | None = None) -> list[AnyJob]:
    """All jobs of all kinds, each kind's newest first."""
    return [job for kind in kinds().values() for job in kind.all(root)]


def find_job(wanted: str, root: Path | None = None) -> AnyJob:
    """The job of an id, or of the start of one.

    Raises:
        RunError: none, or several.
    """
    found = [job for job in list_jobs(root) if job.id == wanted]
    found = found or [job for job in list_jobs(root) if job.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(job.id for job in found[:5])
        raise RunError(f"'{wanted}' begins several jobs: {names}. Write more of it.")
    raise RunError(f"There is no job '{wanted}'. `cnnviz jobs` lists them.")
