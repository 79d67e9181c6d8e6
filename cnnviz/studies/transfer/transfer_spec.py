"""What a transfer asks (features of which network, layer and images, how classified), and what comes out.

An extractor is VGG16 with ImageNet's weights, or a finished run; both are described without Keras. A
feature is the mean of one map (global average pooling) or one unit of a dense layer. Chi-square needs
features that are never negative, so layers that can answer below 0 are named, but not offered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from pydantic import Field

from cnnviz import architectures, datasets, runs
from cnnviz.errors import CnnvizError, RunError, SpecError
from cnnviz.inspection.layers import Images, LayerMaps, signed_outputs
from cnnviz.inspection.questions import Question
from cnnviz.runs import RunSummary
from cnnviz.specs import ArchitectureSpec, DatasetSpec, Dropout, Flatten, Spec
from cnnviz.studies.transfer import vgg16_weights

#: The extractor that is no run: VGG16 with ImageNet's weights.
IMAGENET = "imagenet"
#: The report's: 5-fold cross-validation within the test images. The ordinary one: fit on training
#: images, score on test images.
Protocol = Literal["cross-validation", "train-test"]
PROTOCOLS: tuple[Protocol, ...] = ("cross-validation", "train-test")
PROTOCOL_TITLES: dict[Protocol, str] = {
    "cross-validation": "cross-validation on test features",
    "train-test": "fit on training, score on test features",
}


#: Both separate classes by straight borders, and give other scores with the same C. LinearSVC (liblinear):
#: one class against the rest, squared hinge loss, the offset penalised too. SVC(kernel="linear") (libsvm):
#: every two classes against each other, hinge loss, the offset free.
Classifier = Literal["LinearSVC", "SVC"]
CLASSIFIERS: tuple[Classifier, ...] = get_args(Classifier)
CLASSIFIER_TITLES: dict[Classifier, str] = {
    "LinearSVC": "LinearSVC: each class against the rest",
    "SVC": 'SVC(kernel="linear"): every two classes',
}


class TransferSpec(Spec):
    """Fixed features, the best of them by chi-square on the training images, and a linear SVM.

    All training images are used: whoever only fits a classifier holds none back for validation.
    """

    always_in_json = "extractor layer features C folds seed"
    dataset: DatasetSpec
    extractor: str = Field(default=IMAGENET, min_length=1, max_length=200, description="or the id of a run")
    layer: str = Field(default="", max_length=120, description="empty: the last one before the classifier")
    features: int = Field(default=100, ge=1, le=1_000_000, description="how many are chosen")
    C: float = Field(default=0.025, gt=0, le=1e6, description="small: a wide margin, many exceptions")
    folds: int = Field(default=5, ge=2, le=20)
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="of the solver, where it draws at random")
    classifier: Classifier = Field(default="LinearSVC", description="two linear SVMs that differ, see there")

    @property
    def images(self) -> DatasetSpec:
        """The data set as the features are computed: nothing held back for validation."""
        return self.dataset.but(validation_split=0.0, folds=None, fold=None)


class ExtractorUsed(Spec):
    """Whose features they are. `stamp` changes with the weights; `official`: whether ImageNet's file is."""

    id: str
    title: str
    layer: str
    official: bool | None
    adapted: str
    stamp: str


class ImagesUsed(Spec):
    """The data set. `baseline`: accuracy on its test images of always saying the most frequent class."""

    name: str
    title: str
    n_train: int
    n_test: int
    origin: str
    baseline: float


class Score(Spec):
    """What one protocol measured; times in seconds.

    Attributes:
        score: share of images classified correctly; over folds their mean.
        spread: standard deviation over the folds (divided by their number, as numpy does); None for one.
        low, high: 95 % interval of the accuracy on `n` images; None over folds.
        converged: whether the solver has come to its end everywhere.
    """

    score: float
    spread: float | None
    low: float | None
    high: float | None
    n: int
    n_fit: int
    folds: int
    fit_seconds: float
    fit_seconds_spread: float | None
    score_seconds: float
    score_seconds_spread: float | None
    converged: bool
    scores: tuple[float, ...]

    @property
    def interval(self) -> tuple[float, float]:
        """What surrounds the score: the standard deviation over folds, else the 95 % interval."""
        if self.spread is not None:
            return self.score - self.spread, self.score + self.spread
        low, high = self.low, self.high
        return (self.score if low is None else low), (self.score if high is None else high)


class Unscored(Spec):
    """Why a protocol could not be run."""

    problem: str


class Seconds(Spec):
    """How long the parts took; features that were kept from before tell how long they had taken."""

    features: float
    from_cache: bool
    selection: float


class Chosen(Spec):
    """Of `width` features, of which `constant` are 0 everywhere, the chosen ones, the best first."""

    width: int
    constant: int
    chosen: tuple[int, ...]


class TransferResults(Spec):
    """All that came out. `note`: why a report's experiment took another network than the report."""

    extractor: ExtractorUsed
    dataset: ImagesUsed
    classifier: str
    features: int
    versions: dict[str, str]
    device: str
    seconds: Seconds
    made: str
    protocols: dict[Protocol, Score | Unscored]
    selection: Chosen
    note: str = Field(default="", exclude_if=lambda note: not note)

    def score(self, protocol: Protocol) -> Score | None:
        """What a protocol measured; None where it could not be run."""
        found = self.protocols[protocol]
        return found if isinstance(found, Score) else None

    def problem(self, protocol: Protocol) -> str:
        """Why a protocol could not be run; "" where it was."""
        found = self.protocols[protocol]
        return found.problem if isinstance(found, Unscored) else ""

    @classmethod
    def read(cls, file: Path) -> TransferResults | None:
        """What a file holds; None before there is one, or where it is damaged: it can be made again."""
        try:
            return cls.from_json(file.read_text("utf-8"))
        except (OSError, ValueError):
            return None


# Extractors -------------------------------------------------------------------------------------------

#: Runs that are looked at for those that can be one.
_MOST_OPENED = 200


class Layer(NamedTuple):
    """A layer that features can be taken from."""

    name: str
    width: int  # features: maps or units
    signed: bool  # whether it can answer below 0


@dataclass(frozen=True, eq=False)
class GetImagenetMaps(Question[tuple[LayerMaps, ...]]):
    """What layers of VGG16 with ImageNet's weights make of one image (H, W, C)."""

    file: Path  # of the weights
    stamp: tuple[int, int]  # of the file
    layers: tuple[str, ...]
    image: Images

    @classmethod
    def of(cls, file: Path, layers: Iterable[str], image: Images) -> GetImagenetMaps:
        """The question about a file as it is now."""
        found = file.stat()
        return cls(file, (found.st_mtime_ns, found.st_size), tuple(layers), image)

    def answer(self) -> tuple[LayerMaps, ...]:  # noqa: D102
        from cnnviz.studies.transfer.networks import imagenet_maps

        return imagenet_maps(self.file, self.layers, self.image)


@dataclass(frozen=True)
class Extractor:
    """A trained network without its classifier."""

    id: str
    title: str
    layers: tuple[Layer, ...]
    run: RunSummary | None = None

    @property
    def usable(self) -> tuple[Layer, ...]:
        """Layers that never answer below 0, from the input side on."""
        return tuple(layer for layer in self.layers if not layer.signed)

    def layer(self, name: str) -> Layer:
        """The layer of that name; the last usable one where none is named.

        Raises:
            SpecError: no such layer, or it can answer below 0.
        """
        offered = ", ".join(layer.name for layer in self.usable)
        if not offered:
            raise SpecError(
                f"No layer of {self.title} is free of negative answers, which chi-square needs. "
                "Choose another network, for instance one with ReLU."
            )
        if not name:
            return self.usable[-1]
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise SpecError(f"{self.title} has no layer '{name}'. Choose one of: {offered}.")
        if found.signed:
            raise SpecError(
                f"Layer {name} of {self.title} can answer below 0, but chi-square needs features that are "
                f"never negative. Choose one of: {offered}."
            )
        return found

    def stamp(self) -> str:
        """Changes when the weights do; part of the key of kept features.

        Raises:
            RunError, DataMissingError: the weights are gone.
        """
        if self.run is None:
            path = vgg16_weights.find()
            return vgg16_weights.checksum(path) if path else ""
        stat = self.run.directory.model_path.stat()
        return json.dumps([self.run.id, stat.st_mtime_ns, stat.st_size])


def imagenet() -> Extractor:
    """VGG16 without its dense layers: 13 convolutions and 5 poolings, 512 features at the end."""
    spec = architectures.make("vgg16")
    body = architectures.summarise(spec, (vgg16_weights.LEAST_SIDE, vgg16_weights.LEAST_SIDE, 3), 10).layers
    layers = tuple(Layer(one.name, one.output_shape[-1], False) for one in body if one.name[:5] == "block")
    return Extractor(IMAGENET, vgg16_weights.TITLE, layers)


def of_run(run: RunSummary) -> Extractor:
    """A finished run's network without its classifier.

    Raises:
        RunError: the run has no finished model.
    """
    if run.experiment is None or run.state != "done" or not run.directory.model_path.exists():
        raise RunError(f"Run {run.id} has no finished network. Choose another run as the extractor.")
    facts = datasets.facts(run.experiment.dataset)
    spec: ArchitectureSpec = run.directory.spec().experiment.architecture
    signed = signed_outputs(spec)
    hidden = {layer.name for layer in spec.layers if isinstance(layer, Dropout | Flatten)}
    summary = architectures.summarise(spec, facts.input_shape, facts.classes)
    layers = tuple(
        Layer(one.name, one.output_shape[-1], signed[one.name])
        for one in summary.layers[:-1]
        if one.name in signed and one.name not in hidden
    )
    return Extractor(run.id, run.title, layers, run)


def extractor(name: str) -> Extractor:
    """The extractor of that name: "imagenet" or the id of a finished run.

    Raises:
        RunError: no such run, or it is not finished.
    """
    if name == IMAGENET:
        return imagenet()
    return of_run(runs.load_summary(runs.resolve(name).path))


def fits(run: RunSummary, input_shape: tuple[int, int, int]) -> bool:
    """Whether a run is finished and takes images of this shape; not so where its images are gone."""
    if run.damaged or run.experiment is None or run.state != "done":
        return False
    try:
        return datasets.facts(run.experiment.dataset).input_shape == input_shape
    except CnnvizError:
        return False


def fitting(found: Iterable[RunSummary], input_shape: tuple[int, int, int]) -> list[RunSummary]:
    """Those of the newest runs that take images of this shape.

    Args:
        found: newest first. Only so many finished ones of data sets that may have the shape are opened:
            among ten thousand runs nobody looks for an extractor by its place in a list.
    """
    possible: dict[str, bool] = {}
    likely = []
    for run in found:
        if run.state == "done" and not run.damaged:
            if run.dataset not in possible:
                possible[run.dataset] = _may_have(run.dataset, input_shape)
            likely += [run] if possible[run.dataset] else []
        if len(likely) == _MOST_OPENED:
            break
    return [run for run in likely if fits(run, input_shape)]


def _may_have(name: str, input_shape: tuple[int, int, int]) -> bool:
    try:
        entry = datasets.entry(name)
    except CnnvizError:
        return False  # a folder of images that is gone
    return entry.shape[2] == input_shape[2] and input_shape[0] in (entry.shape[0], *entry.sizes)


def planned(spec: TransferSpec) -> TransferSpec:
    """Check a spec and fill in its layer, so that the same wish is the same spec.

    Raises:
        CnnvizError: unknown data set, run or layer; another image shape; more features than there are.
    """
    facts, found = datasets.facts(spec.images), extractor(spec.extractor)
    if found.run and not fits(found.run, facts.input_shape):
        experiment = found.run.experiment
        assert experiment
        own = _shape(datasets.facts(experiment.dataset).input_shape)
        raise SpecError(
            f"Run {found.title} takes images of {own}; {spec.dataset.name} has "
            f"{_shape(facts.input_shape)}. Choose a run that was trained on images of that shape."
        )
    layer = found.layer(spec.layer)
    if spec.features > layer.width:
        raise SpecError(
            f"Layer {layer.name} of {found.title} gives {layer.width} features; {spec.features} can't be "
            f"chosen of them. Choose at most {layer.width}."
        )
    return spec.but(layer=layer.name, dataset=spec.images)


def _shape(shape: tuple[int, int, int]) -> str:
    return "×".join(map(str, shape))
