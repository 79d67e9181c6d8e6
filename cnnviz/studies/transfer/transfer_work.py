"""The work of a transfer: features from the cache or from the network, selection, both protocols, results.

Keras is imported only where features have to be computed; scikit-learn takes a second and 180 MB, so that
only processes of their own import this module. The features are chosen with training images alone, in
both protocols. The report's classifier is LinearSVC (liblinear): its code says so, and its times tell, as
.0016 s for scoring 2,000 images is a product of matrices; SVC with a linear kernel compares each image with
thousands of support vectors. It is offered beside it, as with the same C its scores are others.
"""

from __future__ import annotations

import time
import warnings
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.svm import SVC, LinearSVC

from cnnviz import datasets
from cnnviz.errors import CnnvizError, DataError, SpecError
from cnnviz.evaluation import accuracy_interval, baseline
from cnnviz.jobs.job import Report
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.features import Features, FeatureStore
from cnnviz.studies.transfer.transfer_spec import (
    Chosen,
    Extractor,
    ExtractorUsed,
    ImagesUsed,
    Protocol,
    Score,
    Seconds,
    TransferResults,
    TransferSpec,
    Unscored,
    extractor,
)
from cnnviz.training import devices


def transfer(spec: TransferSpec, report: Report) -> tuple[TransferResults, Selection]:
    """Bring a transfer to its end.

    Raises:
        Stopped: somebody wished it; the features computed so far are kept.
        CnnvizError: it can't be done.
    """
    report("reading the images")
    data, source = datasets.load(spec.images), extractor(spec.extractor)
    if source.run is None:
        vgg16_weights.bring(report)
    store = FeatureStore(spec, data, source.stamp())
    kept = store.find()
    features = kept or _compute(store, spec, source, report)
    report("choosing features and fitting")
    began = time.perf_counter()
    selection = select(features.train, features.train_labels, spec.features)
    seconds = Seconds(
        features=features.seconds, from_cache=kept is not None, selection=time.perf_counter() - began
    )
    results = TransferResults(
        extractor=ExtractorUsed(
            id=source.id,
            title=source.title,
            layer=spec.layer,
            official=source.stamp() == vgg16_weights.MD5 if source.run is None else None,
            adapted="" if source.run else vgg16_weights.adaptation(data.input_shape)[1],
            stamp=source.stamp(),
        ),
        dataset=ImagesUsed(
            name=spec.dataset.name,
            title=datasets.entry(spec.dataset.name).title,
            n_train=len(data.train),
            n_test=len(data.test),
            origin=data.origin,
            baseline=baseline(data.train.labels, data.test.labels).accuracy,
        ),
        classifier=said(spec),
        features=spec.features,
        versions={"scikit-learn": sklearn.__version__},
        device=devices.resolve("auto").label,
        seconds=seconds,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        protocols=_protocols(spec, features, selection),
        selection=Chosen(
            width=features.train.shape[1],
            constant=int((selection.scores == 0).sum()),
            chosen=tuple(selection.chosen.tolist()),
        ),
    )
    return results, selection


def _compute(store: FeatureStore, spec: TransferSpec, source: Extractor, report: Report) -> Features:
    from cnnviz.studies.transfer import networks  # Keras: not wanted where the features are kept already

    report("building the network")
    shape = store.dataset.input_shape
    if source.run:
        extract = networks.run_extractor(source.run.path, spec.layer, shape)
    else:
        extract = networks.imagenet_extractor(vgg16_weights.bring(report), spec.layer, shape)

    def tell(done: int, total: int) -> None:
        report("computing features", done / total, done=done, total=total, unit="image")

    return store.compute(extract, tell)


def _protocols(
    spec: TransferSpec, features: Features, selection: Selection
) -> dict[Protocol, Score | Unscored]:
    """Both, or one and why not the other."""
    train, test = features.train[:, selection.chosen], features.test[:, selection.chosen]
    svm = classifier(spec)
    ordinary = train_test(svm, train, features.train_labels, test, features.test_labels)
    crossed: Score | Unscored
    try:
        crossed = cross_validation(svm, test, features.test_labels, spec.folds)
    except CnnvizError as error:
        crossed = Unscored(problem=str(error))
    return {"train-test": ordinary, "cross-validation": crossed}


#: liblinear's own limit of 1,000 is too low for features that are not scaled.
MOST_ITERATIONS = 5_000

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
Split = list[tuple[NDArray[np.int64], NDArray[np.int64]]]  # indices to fit on, and to score on


class Selection(NamedTuple):
    """Which features are kept, and why."""

    chosen: NDArray[np.int64]  # (k,), the best first
    scores: NDArray[np.float64]  # (F,), chi-square; 0 for a feature that is 0 everywhere
    p_values: NDArray[np.float64]  # (F,)


def select(features: Floats, labels: Labels, k: int) -> Selection:
    """Choose the k features that depend most on the class, by chi-square (Liu and Setiono 1995).

    Args:
        features: (N, F), ≥ 0, of training images and no others.
        labels: (N,).
    Raises:
        SpecError: k is larger than F.
        DataError: a feature is negative or not finite.
    """
    if k > features.shape[1]:
        raise SpecError(f"{k} features can't be chosen of {features.shape[1]}. Choose at most so many.")
    if not np.isfinite(features).all() or (features < 0).any():
        raise DataError(
            "Some features are negative or not finite, which chi-square can't judge. "
            "Choose a layer with ReLU, or a run whose training did not diverge."
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        # A feature that is 0 everywhere gives 0/0.
        chooser = SelectKBest(chi2, k=k).fit(features.astype(np.float64), labels)
    scores = np.nan_to_num(chooser.scores_, nan=0.0)
    kept = np.flatnonzero(chooser.get_support())
    best_first = kept[np.argsort(-scores[kept], kind="stable")]
    return Selection(best_first, scores, np.nan_to_num(chooser.pvalues_, nan=1.0))


def classifier(spec: TransferSpec) -> LinearSVC | SVC:
    """The linear SVM of both protocols, by `Classifier`; features are not scaled."""
    if spec.classifier == "SVC":
        return SVC(kernel="linear", C=spec.C, random_state=spec.seed)
    return LinearSVC(C=spec.C, dual="auto", max_iter=MOST_ITERATIONS, random_state=spec.seed)


def said(spec: TransferSpec) -> str:
    """The classifier as its code says it: `LinearSVC(C=0.025)`."""
    kernel = 'kernel="linear", ' if spec.classifier == "SVC" else ""
    return f"{spec.classifier}({kernel}C={spec.C:g})"


def cross_validation(svm: LinearSVC | SVC, features: Floats, labels: Labels, folds: int) -> Score:
    """The report's protocol: fit on all folds of the test images but one, score on that one.

    Args:
        svm: is fitted anew in every fold.
        features: (N, k), of test images, the chosen ones only.
    Raises:
        SpecError: a class has fewer images than folds.
    """
    least = int(np.bincount(labels)[np.unique(labels)].min())
    if least < folds or len(np.unique(labels)) < 2:
        raise SpecError(
            f"The test images can't be divided into {folds} folds: a class has only {least} of them. "
            "Take more test images, or fewer folds."
        )
    return _scored(svm, features, labels, StratifiedKFold(folds))


def train_test(
    svm: LinearSVC | SVC, train: Floats, train_labels: Labels, test: Floats, test_labels: Labels
) -> Score:
    """The ordinary protocol: fit on training images, score on test images, once.

    Args:
        train, test: (N, k), the chosen features only.
    Raises:
        SpecError: the training images are all of one class.
    """
    if len(np.unique(train_labels)) < 2:
        raise SpecError("All training images are of one class: there is nothing to tell apart. Take more.")
    # One fold that is not drawn but given, so that both protocols are timed by the same code.
    split = [(np.arange(len(train)), np.arange(len(train), len(train) + len(test)))]
    both = np.concatenate([train, test]), np.concatenate([train_labels, test_labels])
    measured = _scored(svm, *both, split)
    interval = accuracy_interval(round(measured.score * len(test)), len(test))
    return measured.but(n=len(test), n_fit=len(train), low=interval.low, high=interval.high)


def _scored(svm: LinearSVC | SVC, features: Floats, labels: Labels, folds: StratifiedKFold | Split) -> Score:
    """Fit and score in each fold; means over the folds, and their spread where there are several."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told by `converged`
        measured = cross_validate(svm, features, labels, cv=folds, return_estimator=True)
    scores, fit, timed = (measured[name] for name in ("test_score", "fit_time", "score_time"))
    several, n = len(scores) > 1, len(labels)
    return Score(
        score=float(scores.mean()),
        spread=float(scores.std()) if several else None,
        low=None,
        high=None,
        n=n,
        n_fit=round(n * (len(scores) - 1) / len(scores)),
        folds=len(scores),
        fit_seconds=float(fit.mean()),
        fit_seconds_spread=float(fit.std()) if several else None,
        score_seconds=float(timed.mean()),
        score_seconds_spread=float(timed.std()) if several else None,
        # SVC has no limit of iterations, and goes on until it has.
        converged=all(
            isinstance(fitted, SVC) or np.max(fitted.n_iter_) < MOST_ITERATIONS
            for fitted in measured["estimator"]
        ),
        scores=tuple(map(float, scores)),
    )
