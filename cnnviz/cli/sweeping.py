"""A sweep with its progress on stderr; Ctrl-C stops it cleanly and says how to go on."""

from __future__ import annotations

from typing import Any

import typer

from cnnviz.cli import whole
from cnnviz.cli.bar import bar
from cnnviz.cli.console import say
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.progress import Progress
from cnnviz.studies.sweep.process import work
from cnnviz.studies.timing import TimeLeft


def run(folder: StudyDirectory) -> dict[str, Any]:
    """Work on a sweep to its end and return what came out; in a log file, one line a finished run."""
    left, told = TimeLeft(), ""
    with bar() as shown:
        task = shown.add_task("", total=None)

        def tell(stage: str, progress: Progress) -> None:
            nonlocal told
            line, share = whole.line(stage, progress, left), whole.share(progress)
            shown.update(task, description=line, completed=share or 0.0, total=share and 1.0)
            mark = f"{stage} {progress.done} {progress.failed}"
            if shown.disable and mark != told:
                say(line)
            told = mark

        try:
            return work(folder, tell)
        except KeyboardInterrupt:
            shown.stop()
            done = folder.progress()
            say(f"Stopped: {done.done} of {done.total} runs are done. The same command goes on.")
            raise typer.Exit(130) from None
