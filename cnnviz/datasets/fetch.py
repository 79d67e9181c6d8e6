"""Fetching official files into the data folder, with progress and a way out where there is no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cnnviz.datasets.entry import DATASETS, DatasetEntry, Download
from cnnviz.datasets.sources import find_source
from cnnviz.errors import DataError, DataMissingError, StorageError
from cnnviz.paths import data_dir, ensure

#: Called with a sentence and the share done, 0 … 1, or None where it is not known.
Progress = Callable[[str, float | None], None]

_POLL = 0.25  # seconds between two looks at the growing file


def _silent(text: str, share: float | None) -> None:
    """Progress that nobody watches."""


def fetch(name: str, progress: Progress = _silent) -> Path:
    """Bring the official files of `name` into the data folder; nothing is done where they are there.

    Files are downloaded beside, checked, and put in place whole; a file that is there is never
    replaced.

    Returns:
        The folder that holds the files.
    Raises:
        UnknownNameError: no such data set.
        DataError: nothing to fetch (embedded), or an image folder.
        DataMissingError: no network; the message names the files to place and where.
        StorageError: the data folder is full or not writable.
    """
    if name.startswith("folder:"):
        raise DataError(f"'{name}' is a folder of your own images: there is nothing to fetch.")
    return fetch_entry(DATASETS.get(name), progress)


def fetch_entry(entry: DatasetEntry, progress: Progress = _silent) -> Path:
    """`fetch` for an entry, registered or not."""
    if entry.offline:
        progress(f"{entry.title} is part of cnnviz.", 1.0)
        return data_dir()
    source = find_source(entry, partial="ignore")
    if source is not None:
        progress(f"{entry.title} is there: {source.title}.", 1.0)
        return source.files[0].parent
    _check_space(entry)
    done = 0
    for download in entry.downloads:
        target = data_dir() / download.file
        if not target.exists():
            _bring(entry, download, target, done, progress)
        done += download.size
    progress(f"{entry.title} is there.", 1.0)
    return (data_dir() / entry.downloads[0].file).parent


def missing_message(entry: DatasetEntry, reason: str = "") -> str:
    """What to do where the files are not on this machine: fetch, or place which file where."""
    files = ", ".join(download.file for download in entry.downloads)
    size = f"{entry.download_size / 1e6:,.0f} MB"
    urls = " and ".join(sorted({download.url.rsplit("/", 1)[0] + "/" for download in entry.downloads}))
    lead = reason or f"{entry.title} is not on this machine. Fetch it ({size}: `cnnviz fetch {entry.name}`),"
    return f"{lead} or place {files} (from {urls}) in {data_dir()} and try again."


def _bring(entry: DatasetEntry, download: Download, target: Path, done: int, progress: Progress) -> None:
    try:
        partial = Path(tempfile.mkdtemp(prefix=".download-", dir=data_dir()))
    except OSError as error:
        raise StorageError(
            f"The data folder {data_dir()} can't be written ({error.strerror}). "
            "Choose another one with CNNVIZ_DATA_DIR."
        ) from error
    try:
        _run(entry, download, partial, done, progress)
        ensure(target.parent)
        os.replace(partial / target.name, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _run(entry: DatasetEntry, download: Download, folder: Path, done: int, progress: Progress) -> None:
    name = Path(download.file).name
    command = [
        sys.executable,
        "-m",
        "cnnviz.datasets.download",
        download.url,
        str(folder),
        name,
        download.sha256,
    ]
    text = f"Downloading {entry.title} ({entry.download_size / 1e6:,.0f} MB)"
    with (folder / "log.txt").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                path = folder / name
                size = done + (path.stat().st_size if path.exists() else 0)
                progress(text, min(size / entry.download_size, 0.999) if size else None)
                _wait(process)
        finally:
            process.kill()  # of no effect on a finished one; the user has gone otherwise
            process.wait()
        log.seek(0)
        lines = log.read().strip().splitlines()
    if process.returncode != 0 or not (folder / name).is_file():
        reason = lines[-1] if lines else f"exit code {process.returncode}"
        raise DataMissingError(
            missing_message(entry, f"{name} could not be downloaded ({reason}). Check the network,")
        )


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_POLL)
    except subprocess.TimeoutExpired:
        return


def _check_space(entry: DatasetEntry) -> None:
    free = shutil.disk_usage(ensure(data_dir())).free
    if free < entry.download_size * 1.1:
        raise StorageError(
            f"{entry.title} needs {entry.download_size / 1e6:,.0f} MB in {data_dir()}, but only "
            f"{free / 1e6:,.0f} MB are free. Free some space, or choose another folder with CNNVIZ_DATA_DIR."
        )
