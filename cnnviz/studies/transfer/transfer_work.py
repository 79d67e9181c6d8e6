"""The work of a transfer: features from the cache or from the network, selection, both protocols, results.

Keras is imported only where features have to be computed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import sklearn

from cnnviz import datasets
from cnnviz.datasets import Dataset
from cnnviz.errors import CnnvizError
from cnnviz.evaluation import baseline
from cnnviz.jobs.job import Report
from cnnviz.studies.transfer import weights_file
from cnnviz.studies.transfer.extractors import Extractor, adaptation, extractor
from cnnviz.studies.transfer.features import Extract, Features, FeatureStore
from cnnviz.studies.transfer.protocol import Selection, cross_validation, select, train_test
from cnnviz.studies.transfer.spec import TransferSpec
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.training import devices


def work(job: TransferJob, report: Report) -> None:
    """Bring a transfer to its end.

    Raises:
        Stopped: somebody wished it; the features computed so far are kept.
        CnnvizError: it can't be done; nothing of its results is changed.
    """
    spec = job.spec()
    report("reading the images")
    data, source = datasets.load(spec.images), extractor(spec.extractor)
    if source.run is None:
        weights_file.bring(report)
    store = FeatureStore(spec, data, source.stamp())
    kept = store.find()
    features = kept or _compute(store, spec, source, report)
    report("choosing features and fitting")
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
    job.save(results, selection._asdict())


def _compute(store: FeatureStore, spec: TransferSpec, source: Extractor, report: Report) -> Features:
    report("building the network")
    extract = _extract(spec, source, store.dataset)

    def tell(done: int, total: int) -> None:
        report("computing features", done / total, done=done, total=total, unit="image")

    return store.compute(extract, tell)


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
