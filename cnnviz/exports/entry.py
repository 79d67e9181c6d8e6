"""What an export format is: its words, what it needs, and the function that writes it.

A stranger adds one in one file, and `cnnviz export RUN --format …` and every "Take home" have it:

    # cnnviz/exports/registered/labels.py
    from pathlib import Path
    from cnnviz.evaluation import class_names
    from cnnviz.exports.entry import EXPORTS, ExportFormat
    from cnnviz.runs import RunDirectory

    def write_labels(run: RunDirectory, target: Path) -> None:
        target.write_text("\n".join(class_names(run)), "utf-8")

    EXPORTS.add("labels", ExportFormat(
        title="Names of the classes", suffix=".txt", write=write_labels, help="One a line, in their order."
    ))
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cnnviz.errors import RunError
from cnnviz.registry import Registry
from cnnviz.reports.recipe import ScaleName
from cnnviz.runs import RunDirectory, atomic


class Companion(NamedTuple):
    """A file that is written beside, which the format's own file needs."""

    suffix: str  # behind the run's id: "-data.npz"
    write: Callable[[RunDirectory, Path], None]


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One format that a run can be exported to.

    Attributes:
        title: as a button says it: "Python script".
        help: one sentence, what it is good for.
        suffix: of the file, with its dot; "" where a folder is written.
        write: writes the run to the path given: a new file, or into an empty folder where it has no suffix.
        mime: of the file, for the browser.
        companion: what the file needs beside it; None: nothing.
        extra: the optional extra of cnnviz that it needs, "" for none.
        modules: what that extra brings, as it is imported.
        slow: whether it takes seconds, so that it is made when it is asked for, with a word on it.
    """

    title: str
    help: str
    write: Callable[[RunDirectory, Path], None]
    suffix: str = ""
    mime: str = "application/octet-stream"
    companion: Companion | None = None
    extra: str = ""
    modules: tuple[str, ...] = ()
    slow: bool = False

    @property
    def missing(self) -> str:
        """How to install what it needs, in a sentence; "" where all of it is there."""
        if all(importlib.util.find_spec(module) for module in self.modules):
            return ""
        return f"{self.title} needs an optional extra: pip install 'cnnviz[{self.extra}]'."


def _problems(name: str, format: ExportFormat) -> Iterator[str]:
    if not format.title.strip():
        yield "it has no title, which its button says"
    if not format.help.endswith("."):
        yield "its help must be a sentence that ends with a full stop"
    if format.suffix and not format.suffix.startswith("."):
        yield f"its suffix '{format.suffix}' must begin with a dot"
    if bool(format.extra) != bool(format.modules):
        yield "extra and modules go together: which extra it needs, and what that brings"


EXPORTS: Registry[ExportFormat] = Registry("export format", check=_problems)


def export(run: RunDirectory, name: str, folder: Path) -> Path:
    """Write one format of a run into a folder, under the run's id; complete or not at all.

    Args:
        name: of the format, as EXPORTS lists it.
        folder: made where it is missing.
    Returns:
        The file or folder that was written.
    Raises:
        UnknownNameError: there is no such format.
        RunError: the run lacks what the format holds, an extra is missing, or the folder can't be written.
    """
    format = EXPORTS.get(name)
    if format.missing:
        raise RunError(format.missing)
    with atomic.storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if format.companion:
        with atomic.replacing(folder / f"{run.id}{format.companion.suffix}") as beside:
            format.companion.write(run, beside)
    if format.suffix:
        target = folder / f"{run.id}{format.suffix}"
        with atomic.replacing(target) as beside:
            format.write(run, beside)
        return target
    target = folder / f"{run.id}-{name}"
    if target.exists():
        raise RunError(f"{target} is there already. Delete it, or choose another folder.")
    with atomic.new_folder(target) as beside:
        format.write(run, beside)
    return target


def export_together(runs: Sequence[RunDirectory], folder: Path) -> Path:
    """Write several runs beside each other as a page to print.

    Raises:
        RunError: one of them has no evaluation, or the folder can't be written.
    """
    from cnnviz.exports import printed

    return _written(folder, f"{runs[0].id}-and-{len(runs) - 1}-more.html", lambda: printed.of_runs(runs))


def export_experiment(name: str, scale: ScaleName, folder: Path) -> Path:
    """Write a reproduced experiment as a page to print.

    Raises:
        UnknownNameError: there is no such experiment.
        RunError: it was not run at this scale, or the folder can't be written.
    """
    from cnnviz.exports import printed

    return _written(folder, f"{name}-{scale}.html", lambda: printed.of_experiment(name, scale))


def _written(folder: Path, name: str, text: Callable[[], str]) -> Path:
    with atomic.storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        atomic.write_text(folder / name, text())
    return folder / name
