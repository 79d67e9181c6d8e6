"""Take home: all that a run can be written as, on every page that shows runs, and a run from elsewhere."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from cnnviz import exports
from cnnviz.exports import EXPORTS, archive
from cnnviz.runs import RunSummary
from cnnviz.ui import launch, run_labels, show
from cnnviz.ui.components.copy_link import copy_link

#: What can be written of a run that has no evaluation yet.
_BEFORE_THE_END = ("script", "notebook", "csv")
_ACROSS = 2


def popover(runs: Sequence[RunSummary]) -> None:
    """The button that offers all of it: of one run, or of several, and a page that compares these."""
    with st.popover("Take home", icon=":material/download:", key="take_home"):
        if len(runs) > 1:
            together = partial(_together, runs)
            label = f"Report to print of these {len(runs)} runs"
            show.download(
                label, together, "comparison.html", "text/html", key="take_together", width="stretch"
            )
            titles = run_labels.titles(runs)
            chosen = st.selectbox("Of one run", [run.id for run in runs], format_func=titles.__getitem__)
            formats(next(run for run in runs if run.id == chosen))
        else:
            formats(runs[0])
        copy_link()


def formats(run: RunSummary) -> None:
    """A button for each format; what makes it runs when it is pressed."""
    columns = st.columns(_ACROSS, gap="xsmall")
    for place, name in enumerate(EXPORTS):
        entry = EXPORTS.get(name)
        early = not run.report and name not in _BEFORE_THE_END
        reason = "Its training has not ended yet." if early else entry.missing
        bundled = not entry.suffix or entry.companion is not None
        with columns[place % _ACROSS]:
            show.download(
                entry.title,
                partial(_made, run, name),
                f"{run.id}-{name}.zip" if bundled else f"{run.id}{entry.suffix}",
                "application/zip" if bundled else entry.mime,
                key=f"take_{name}_{run.id}",
                help=f"{reason} {entry.help}".strip() + (" It takes some seconds." if entry.slow else ""),
                width="stretch",
                disabled=bool(reason),
            )


def _made(run: RunSummary, name: str) -> bytes:
    """The file, or where there are several a zip of them."""
    with TemporaryDirectory() as folder:
        path = exports.export(run.directory, name, Path(folder))
        files = sorted(file for file in Path(folder).rglob("*") if file.is_file())
        if len(files) == 1 and path.is_file():
            return path.read_bytes()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(file, file.relative_to(folder))
        return out.getvalue()


def _together(runs: Sequence[RunSummary]) -> bytes:
    with TemporaryDirectory() as folder:
        return exports.export_together([run.directory for run in runs], Path(folder)).read_bytes()


def opening() -> None:
    """The button that opens a run from a zip of another machine, and leads to its report."""
    with st.popover("Open a run", icon=":material/upload:", key="open_run"):
        file = st.file_uploader(
            "A zip that “Take home” or `cnnviz export` wrote",
            ["zip"],
            key="open_run_file",
            help="It is checked by content, and becomes a run of this machine.",
        )
        if file and st.button("Open it", type="primary", key="open_run_now"):
            with show.guard(), st.spinner("Opening …"), TemporaryDirectory() as folder:
                path = Path(folder) / "run.zip"
                path.write_bytes(file.getbuffer())
                run = archive.unpack(path)
                launch.go("report", run=run.id)
