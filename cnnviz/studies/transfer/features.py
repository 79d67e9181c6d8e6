"""Features computed once: kept under the cache folder by extractor, layer and images.

    <cache>/features/<key>/features.npz        all of them, whole or absent
                           train-00000.npz …   parts, while they are computed: a stop loses one at most

Nothing here knows Keras: an extractor is a function from images to numbers.
"""

from __future__ import annotations

import json
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import Dataset, Split
from cnnviz.datasets.store import fingerprint
from cnnviz.errors import DataError
from cnnviz.paths import cache_dir, ensure
from cnnviz.runs import atomic
from cnnviz.studies.transfer.transfer_spec import TransferSpec

#: Images a part.
PART = 512
#: Sets of features that are kept; the one used longest ago goes first.
KEPT = 12
SCHEMA = 1

#: uint8 images (N, H, W, C) → float32 features (N, F).
Extract = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Features(NamedTuple):
    """Features of all images of a data set, with their labels."""

    train: NDArray[np.float32]  # (N, F)
    train_labels: NDArray[np.int64]  # (N,)
    test: NDArray[np.float32]  # (M, F)
    test_labels: NDArray[np.int64]  # (M,)
    seconds: float  # that computing them took


class FeatureStore:
    """The place of one set of features."""

    def __init__(self, spec: TransferSpec, dataset: Dataset, weights: str) -> None:
        """Args: weights: changes when the extractor's weights do."""
        asked = [spec.images.to_json(), dataset.fingerprint, spec.extractor, spec.layer, weights]
        self.dataset = dataset
        self.path = cache_dir() / "features" / fingerprint(SCHEMA, json.dumps(asked))

    def find(self) -> Features | None:
        """What was computed before; None where it was not, or is damaged."""
        kept = _read(self.path / "features.npz", "train", "test", "seconds")
        if kept is None:
            return None
        (self.path / "features.npz").touch()
        train, test, seconds = kept
        return Features(train, self.dataset.train.labels, test, self.dataset.test.labels, float(seconds))

    def compute(self, extract: Extract, tell: Callable[[int, int], None]) -> Features:
        """Compute what is missing and keep it.

        Args:
            tell: called with the images done and those in all, at the start and after each part; whatever it
                raises ends the work, and the parts that are done stay.
        Raises:
            StorageError: the cache folder is full or can't be written.
        """
        ensure(self.path)
        splits = {"train": self.dataset.train, "test": self.dataset.test}
        total, done, found, seconds = sum(map(len, splits.values())), 0, {}, 0.0
        tell(done, total)
        for name, split in splits.items():
            parts = []
            for start in range(0, len(split), PART):
                part, took = self._part(f"{name}-{start // PART:05}.npz", split, start, extract)
                parts.append(part)
                seconds, done = seconds + took, done + len(part)
                tell(done, total)
            found[name] = np.concatenate(parts)
        with atomic.replacing(self.path / "features.npz") as beside:
            np.savez(beside, allow_pickle=False, seconds=np.float64(seconds), **found)
        for left in self.path.glob("t*-*.npz"):
            left.unlink(missing_ok=True)
        _forget_old(self.path.parent)
        return Features(found["train"], splits["train"].labels, found["test"], splits["test"].labels, seconds)

    def _part(
        self, name: str, split: Split, start: int, extract: Extract
    ) -> tuple[NDArray[np.float32], float]:
        if kept := _read(self.path / name, "features", "seconds"):
            return kept[0], float(kept[1])
        began = time.perf_counter()
        images = split.images_at(np.arange(start, min(start + PART, len(split))))
        features = np.asarray(extract(images), np.float32)
        if not np.isfinite(features).all():
            raise DataError(
                "The extractor answers with numbers that are not finite: its training has diverged. "
                "Choose another run."
            )
        took = time.perf_counter() - began
        with atomic.replacing(self.path / name) as beside:
            np.savez(beside, allow_pickle=False, features=features, seconds=np.float64(took))
        return features, took


def _read(path: Path, *names: str) -> list[NDArray[np.float32]] | None:
    """Arrays of a file; None where it is not there, or damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return [arrays[name] for name in names]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _forget_old(folder: Path) -> None:
    """Keep the sets used last; they can all be computed again."""
    kept = atomic.whole(folder, "*/features.npz")
    for path in sorted(kept, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(path.parent, ignore_errors=True)
