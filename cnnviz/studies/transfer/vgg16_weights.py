"""ImageNet's weights of VGG16: where the official file lies, and how it gets there.

The data folder first (`models/`), then Keras's own cache, which is read and never written. Otherwise
the file is downloaded in a process of its own, beside its place, and moved there whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cnnviz.datasets.official import keras_dir
from cnnviz.errors import DataMissingError
from cnnviz.paths import data_dir, ensure

FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{FILE}"
SIZE = 58_889_256
#: As keras.applications checks it.
MD5 = "6d6bbae143d832006294945121d1f1fc"
TITLE = "VGG16 with ImageNet weights"

#: Called with a sentence and the share done, None where it is not known.
Tell = Callable[[str, float | None], None]
_POLL = 0.25  # seconds between two looks at the growing file


def folder() -> Path:
    """Where a file placed by hand belongs, and where a downloaded one goes."""
    return data_dir() / "models"


def find() -> Path | None:
    """The file, wherever it lies; None where it is not on this machine."""
    for place in (folder(), keras_dir().with_name("models")):
        if (place / FILE).is_file():
            return place / FILE
    return None


def missing_message(reason: str = "") -> str:
    """What to do where the file is not here: place which file where, or take a run of one's own."""
    lead = reason or "The ImageNet weights of VGG16 are not on this machine."
    return (
        f"{lead} Place {FILE} (from {URL}, {SIZE / 1e6:.0f} MB) in {folder()} and try again, "
        "or choose one of your own runs as the extractor."
    )


def checksum(path: Path) -> str:
    """MD5 of the file, read again only when it was replaced: tells the official weights from others."""
    stat = path.stat()
    return _checksum(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4)
def _checksum(path: Path, size: int, changed: int) -> str:
    del size, changed
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def bring(tell: Tell) -> Path:
    """The file, downloaded where it is not here yet.

    Raises:
        DataMissingError: it can't be downloaded; the message names the file and its place.
        StorageError: the data folder can't be written.
    """
    found = find()
    if found:
        return found
    target = ensure(folder()) / FILE
    try:
        partial = Path(tempfile.mkdtemp(prefix=".download-", dir=target.parent))
    except OSError as error:
        raise DataMissingError(
            missing_message(f"The folder {target.parent} can't be written ({error.strerror}).")
        ) from error
    try:
        _download(partial, tell)
        os.replace(partial / FILE, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _download(partial: Path, tell: Tell) -> None:
    command = [sys.executable, "-m", "cnnviz.datasets.download", URL, str(partial), FILE, MD5]
    path = partial / FILE
    with (partial / "log.txt").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                size = path.stat().st_size if path.exists() else 0
                tell(f"downloading ImageNet's weights ({SIZE / 1e6:.0f} MB)", min(size / SIZE, 0.999))
                try:
                    process.wait(_POLL)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()  # of no effect on a finished one; the user has gone otherwise
            process.wait()
        log.seek(0)
        lines = log.read().strip().splitlines()
    if process.returncode or not path.is_file():
        reason = lines[-1] if lines else f"exit code {process.returncode}"
        raise DataMissingError(
            missing_message(f"The ImageNet weights of VGG16 could not be downloaded ({reason[:200]}).")
        )
