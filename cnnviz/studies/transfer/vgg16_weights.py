"""ImageNet's weights of VGG16: where the official file lies, and how it gets there.

The data folder first (`models/`), then Keras's own cache, which is read and never written. Otherwise
it is downloaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cnnviz.datasets.official import bring_file, keras_dir, plain_name
from cnnviz.datasets.walk import walked
from cnnviz.errors import DataMissingError
from cnnviz.paths import data_dir, ensure

FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{FILE}"
SIZE = 58_889_256
#: As keras.applications checks it.
MD5 = "6d6bbae143d832006294945121d1f1fc"
TITLE = "VGG16 with ImageNet weights"
#: Least side of an image that VGG16 takes; smaller ones are enlarged by whole factors.
LEAST_SIDE = 32

#: Called with a sentence and the share done, None where it is not known.
Tell = Callable[[str, float | None], None]


def folder() -> Path:
    """Where a file placed by hand belongs, and where a downloaded one goes."""
    return data_dir() / "models"


def find() -> Path | None:
    """The file, wherever it lies; None where it is not on this machine."""
    for place in (folder(), keras_dir().with_name("models"), data_dir()):
        for path in walked(place, 0, 200).files:
            if plain_name(path.name) == plain_name(FILE):  # a browser may have numbered it
                return place / path
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
    text = f"downloading ImageNet's weights ({SIZE / 1e6:.0f} MB)"
    reason = bring_file(URL, MD5, target, lambda size: tell(text, min(size / SIZE, 0.999)))
    if reason:
        raise DataMissingError(
            missing_message(f"The ImageNet weights of VGG16 could not be downloaded ({reason[:200]}).")
        )
    return target


def adaptation(input_shape: tuple[int, int, int]) -> tuple[int, str]:
    """What is done to images for VGG16: a whole factor to enlarge them by, and all of it in words."""
    height, width, channels = input_shape
    factor = -(-LEAST_SIDE // min(height, width))
    steps = [f"enlarged {factor} times to {height * factor} × {width * factor}"] if factor > 1 else []
    steps += ["grey repeated as red, green and blue"] if channels == 1 else []
    return factor, " and ".join(steps)
