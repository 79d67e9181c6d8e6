"""The process of one transfer: `python -m cnnviz.studies.transfer.worker <folder>`.

Features from the cache or from the network (Keras is imported only then), selection on training images,
both protocols, results. Every end is told in progress.json: done, stopped, or failed with its reason.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import sklearn

from cnnviz import datasets
from cnnviz.datasets import Dataset
from cnnviz.errors import CnnvizError
from cnnviz.evaluation import baseline
from cnnviz.studies.transfer import weights_file
from cnnviz.studies.transfer.extractors import Extractor, adaptation, extractor
from cnnviz.studies.transfer.features import Extract, Features, FeatureStore, StopError
from cnnviz.studies.transfer.folder import Progress, TransferDirectory
from cnnviz.studies.transfer.protocol import Selection, cross_validation, select, train_test
from cnnviz.studies.transfer.spec import TransferSpec
from cnnviz.training import devices

_PERIOD = 0.3  # seconds between two looks at the progress


class Reporter:
    """Writes progress.json, at most a few times a second."""

    def __init__(self, folder: TransferDirectory) -> None:
        self.folder = folder
        born = psutil.Process().create_time()
        self.now = Progress(state="running", pid=os.getpid(), born=born)
        self._last = 0.0

    def stage(self, name: str) -> None:
        """Begin a stage."""
        self.now = self.now.but(stage=name, share=None, done=0, total=0, stage_began=time.time())
        self.folder.tell(self.now)

    def images(self, done: int, total: int) -> None:
        """So many images are done."""
        self._share(done / total, done=done, total=total)

    def told(self, text: str, share: float | None) -> None:
        """A stage that tells itself what it does, often enough to be stopped by it.

        Raises:
            StopError: somebody wished it.
        """
        if self.folder.wished_stop():
            raise StopError("Stopped before the features were computed.")
        if text != self.now.stage:
            self.stage(text)
        self._share(share)

    def end(self, state: str, reason: str = "") -> None:
        """The last word."""
        self.folder.tell(self.now.but(state=state, reason=reason, share=None, pid=None, born=None))

    def _share(self, share: float | None, **counts: int) -> None:
        self.now = self.now.but(share=share, **counts)
        if time.monotonic() - self._last > _PERIOD or share == 1:
            self._last = time.monotonic()
            self.folder.tell(self.now)


def work(folder: TransferDirectory) -> None:
    """Bring a transfer to its end.

    Raises:
        CnnvizError: it can't be done; nothing of its results is changed.
    """
    reporter, spec = Reporter(folder), folder.spec()
    reporter.stage("reading the images")
    data, source = datasets.load(spec.images), extractor(spec.extractor)
    if source.run is None:
        weights_file.bring(reporter.told)
    store = FeatureStore(spec, data, source.stamp())
    kept = store.find()
    features = kept or _compute(store, spec, source, folder, reporter)
    reporter.stage("choosing features and fitting")
    began = time.perf_counter()
    selection = select(features.train, features.train_labels, spec.features)
    results = _describe(spec, data, source, features, from_cache=kept is not None)
    results["seconds"]["selection"] = time.perf_counter() - began
    results["protocols"] = _protocols(spec, features, selection)
    results["selection"] = {
        "width": features.train.shape[1],
        "constant": int((selection.scores == 0).sum()),
        "chosen": selection.chosen.tolist(),
    }
    folder.save(results, selection._asdict())
    reporter.end("done")


def _compute(
    store: FeatureStore, spec: TransferSpec, source: Extractor, folder: TransferDirectory, reporter: Reporter
) -> Features:
    reporter.stage("building the network")
    extract = _extract(spec, source, store.dataset)
    reporter.stage("computing features")
    return store.compute(extract, reporter.images, folder.wished_stop)


def _extract(spec: TransferSpec, source: Extractor, data: Dataset) -> Extract:
    from cnnviz.studies.transfer import networks  # Keras: not wanted where the features are kept already

    if source.run:
        return networks.run_extractor(source.run.path, spec.layer, data.input_shape)
    weights = weights_file.find()
    assert weights
    return networks.imagenet_extractor(weights, spec.layer, data.input_shape)


def _protocols(spec: TransferSpec, features: Features, selection: Selection) -> dict[str, Any]:
    """Both, or one and why not the other."""
    train, test = features.train[:, selection.chosen], features.test[:, selection.chosen]
    ordinary = train_test(train, features.train_labels, test, features.test_labels, spec.C, spec.seed)
    found: dict[str, Any] = {"train-test": ordinary.as_dict()}
    try:
        crossed = cross_validation(test, features.test_labels, spec.C, spec.folds, spec.seed)
    except CnnvizError as error:
        found["cross-validation"] = {"problem": str(error)}
    else:
        found["cross-validation"] = crossed.as_dict()
    return found


def _describe(
    spec: TransferSpec, data: Dataset, source: Extractor, features: Features, *, from_cache: bool
) -> dict[str, Any]:
    """What the numbers belong to."""
    official = None
    if source.run is None:
        official = source.stamp() == weights_file.MD5
    steps = "" if source.run else adaptation(data.input_shape)[1]
    return {
        "extractor": {
            "id": source.id,
            "title": source.title,
            "layer": spec.layer,
            "official": official,
            "adapted": steps,
            "stamp": source.stamp(),
        },
        "dataset": {
            "name": spec.dataset.name,
            "title": datasets.entry(spec.dataset.name).title,
            "n_train": len(data.train),
            "n_test": len(data.test),
            "origin": data.origin,
            "baseline": baseline(data.train.labels, data.test.labels).accuracy,
        },
        "classifier": f"LinearSVC(C={spec.C:g})",
        "features": spec.features,
        "versions": {"scikit-learn": sklearn.__version__},
        "device": devices.resolve("auto").label,
        "seconds": {"features": features.seconds, "from_cache": from_cache},
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def main(arguments: list[str]) -> int:
    """Work on the folder; a problem of the user's becomes the state "failed" with its reason."""
    folder = TransferDirectory(Path(arguments[0]))
    try:
        work(folder)
    except StopError as stopped:
        Reporter(folder).end("stopped", str(stopped))
    except CnnvizError as error:
        Reporter(folder).end("failed", str(error))
        return 2
    except MemoryError:
        Reporter(folder).end("failed", "The memory of this machine is too small. Take fewer images.")
        return 2
    except Exception:  # noqa: BLE001  (whatever it is, the page must not wait for it)
        traceback.print_exc()
        Reporter(folder).end(
            "failed", f"An error of cnnviz's own; {folder.path / 'log.txt'} has the details."
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
