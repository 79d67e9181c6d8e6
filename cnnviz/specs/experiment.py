"""ExperimentSpec: all that decides a result: which images, which network, how it is trained.

Every field is a setting with its words, in the order in which people see them; `setting.py` begins with an
example of a new one, and says where it is heeded. A new one appears in the sidebar, behind `--set`, in
searches, sweeps and Compare by itself. Its default leaves every training as it was before, and never changes
after a release: the canonical JSON leaves it out (`base.py`), so that JSON and hash of an experiment stay
what they were, and its runs are found. SETTINGS has all by dotted name.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from cnnviz.errors import SpecError, UnknownNameError
from cnnviz.registry import Registry
from cnnviz.specs.architecture import ArchitectureSpec, Penalty
from cnnviz.specs.base import Seed, Spec
from cnnviz.specs.setting import Setting, by_path, settings_of_spec

#: Titles of the sidebar's folds.
IMAGES, SCHEDULE, REGULARIZATION, AUGMENTATION, DEVICE = (
    "Images and split",
    "Schedule and seed",
    "Regularization",
    "Augmentation",
    "Device and precision",
)


class DatasetSpec(Spec):
    """A data set and the part of it that a run sees.

    `train_size` and `test_size` take exactly that many images (None: all of them); the validation
    images are split from the training images, never from the test set.

    For cross-validation the training images are divided into `folds` parts; the images of part `fold`
    (1, 2, …, `folds`) validate, and those of the others train. With a `validation_split` beside it, that
    share of the others watches the training and may stop it, and the part scores its end. Test images are not
    looked at.
    """

    always_in_json = "name size labels train_size test_size validation_split selection seed"

    name: Annotated[
        str,
        Setting(
            "Data set",
            "The images that the network learns from.",
            group=None,
            key="dataset",
            noun="data set",
            phrase="{}",
            varied=False,
        ),
    ] = Field(default="digits", min_length=1, max_length=200)
    size: Annotated[
        int | None,
        Setting(
            "Size in pixels",
            "Side to which the images are scaled.",
            group=None,
            empty="default",
            varied=False,
        ),
    ] = Field(default=None, ge=8, le=512)
    color_mode: Annotated[
        Literal["rgb", "grayscale"],
        Setting(
            "Colours",
            "Own images in colour, or grey as MNIST's.",
            group=None,
            names={"rgb": "in colour", "grayscale": "grey"},
            varied=False,
        ),
    ] = "rgb"
    classes_from: Annotated[
        Literal["folders", "names", "table"],
        Setting(
            "Classes from",
            "Where an own image's class stands: the folder that it lies in, the beginning of its name "
            "(cat.0.jpg), or a table of file names and labels (.csv) beside the images.",
            group=None,
            names={"folders": "their folders", "names": "their names", "table": "a table"},
            varied=False,
        ),
    ] = "folders"
    leave_out_bad: Annotated[
        bool,
        Setting(
            "Leave out files that can't be read",
            "Own images that are empty, damaged or none at all. Otherwise they stop the training.",
            group=None,
            varied=False,
        ),
    ] = False
    labels: Annotated[
        Literal["fine", "coarse"],
        Setting("Labels", "Classes, or groups of them where a data set has such.", group=None, varied=False),
    ] = "fine"
    train_size: Annotated[
        int | None,
        Setting(
            "Training images",
            "How many training images to use: exactly so many. Empty: all of them.",
            group=IMAGES,
            empty="all",
            step=1000,
            noun="training images",
            phrase="{} training images",
        ),
    ] = Field(default=None, ge=2, le=100_000_000)
    test_size: Annotated[
        int | None,
        Setting(
            "Test images",
            "How many test images to use at the end. Empty: all of them.",
            group=IMAGES,
            empty="all",
            step=1000,
            noun="test images",
            phrase="{} test images",
            varied=False,
        ),
    ] = Field(default=None, ge=1, le=100_000_000)
    validation_split: Annotated[
        float,
        Setting(
            "Share for validation",
            "Part of the training images set aside to watch the training. Test images are never used for it.",
            group=IMAGES,
            key="validation",
            step=0.05,
            varied=False,
        ),
    ] = Field(default=0.1, ge=0, le=0.9)
    selection: Annotated[
        Literal["stratified", "first"],
        Setting(
            "Choose images",
            "Stratified: the same share of every class. First: the first images of the file.",
            group=IMAGES,
            varied=False,
        ),
    ] = "stratified"
    leave_out_duplicates: Annotated[
        bool,
        Setting(
            "Leave out duplicates of test images",
            "Training images that stand among the test images, too, exactly or nearly, are not trained on.",
            group=IMAGES,
            key="no_duplicates",
            varied=False,
        ),
    ] = False
    seed: Annotated[
        Seed,
        Setting(
            "Seed of the split",
            "The same seed gives the same images and the same split.",
            group=IMAGES,
            key="split_seed",
            step=1,
            noun="split seed",
            varied=False,
        ),
    ] = 0
    folds: Annotated[
        int | None,
        Setting(
            "Folds", "Into how many parts cross-validation divides.", group=None, empty="none", varied=False
        ),
    ] = Field(default=None, ge=2, le=20)
    fold: Annotated[
        int | None,
        Setting("Fold", "The part that validates, counted from 1.", group=None, empty="none", varied=False),
    ] = Field(default=None, ge=1, le=20)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.folds is None) != (self.fold is None):
            raise SpecError("folds and fold belong together: set both for cross-validation, or none.")
        if self.folds is not None and self.fold is not None and self.fold > self.folds:
            raise SpecError(f"There is no fold {self.fold} of {self.folds}. Set fold to 1 … {self.folds}.")
        return self

    @property
    def validates(self) -> bool:
        """Whether training images are held back for validation."""
        return self.folds is not None or self.validation_split > 0


class Optimizer(NamedTuple):
    """An optimizer of Keras: its default rate there, and whether it takes `momentum`."""

    rate: float
    momentum: bool = False


#: By the name of its class in `keras.optimizers`; a new one is one line.
OPTIMIZERS: Registry[Optimizer] = Registry("optimizer")
OPTIMIZERS.add("Adam", Optimizer(0.001))
OPTIMIZERS.add("AdamW", Optimizer(0.001))
OPTIMIZERS.add("SGD", Optimizer(0.01, momentum=True))
OPTIMIZERS.add("RMSprop", Optimizer(0.001, momentum=True))
OPTIMIZERS.add("Adamax", Optimizer(0.001))
OPTIMIZERS.add("Adagrad", Optimizer(0.001))
OPTIMIZERS.add("Adadelta", Optimizer(0.001))
WITH_MOMENTUM = tuple(name for name in OPTIMIZERS if OPTIMIZERS.get(name).momentum)


def _optimizer(name: str) -> str:
    try:
        OPTIMIZERS.get(name)
    except UnknownNameError as error:
        raise SpecError(str(error)) from error
    return name


def class_weights_of(text: str) -> tuple[float, ...]:
    """The numbers of `class_weight`, one for each class.

    Raises:
        SpecError: it is no list of numbers from 0 up, one of them larger than 0.
    """
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        weights = ()
    if not weights or not all(0 <= weight <= _HEAVIEST for weight in weights) or not any(weights):
        raise SpecError(
            f"class_weight is '{text}'. Set it to 'balanced', or to a number from 0 to a million for "
            "each class, separated by commas and not all 0; leave it empty to weigh all alike."
        )
    return weights


def _class_weight(text: str | None) -> str | None:
    text = (text or "").strip()
    if text in ("", "balanced"):
        return text or None
    return ", ".join(f"{weight:g}" for weight in class_weights_of(text))


_HEAVIEST = 1e6
_share = partial(Setting, unit="share", group=AUGMENTATION, step=0.05, tries=(0.0, 0.1, 0.2))


class AugmentationSpec(Spec):
    """Random changes of each training image, drawn anew in every epoch. All zero: none."""

    always_in_json = (
        "rotation width_shift height_shift zoom brightness channel_shift horizontal_flip vertical_flip"
    )

    rotation: Annotated[
        float,
        Setting(
            "Rotation",
            "Turned by up to so many degrees to either side.",
            unit="degrees",
            group=AUGMENTATION,
            step=5,
            tries=(0.0, 10.0, 20.0),
        ),
    ] = Field(default=0, ge=0, le=180)
    width_shift: Annotated[
        float, _share("Shift in width", "Moved sideways by up to this share of the width.", key="shift_x")
    ] = Field(default=0, ge=0, le=0.9)
    height_shift: Annotated[
        float, _share("Shift in height", "Moved up or down by up to this share of the height.", key="shift_y")
    ] = Field(default=0, ge=0, le=0.9)
    zoom: Annotated[float, _share("Zoom", "Enlarged or shrunk by up to this share.")] = Field(
        default=0, ge=0, le=0.9
    )
    brightness: Annotated[
        float, _share("Brightness", "Made brighter or darker by up to this share of the full range.")
    ] = Field(default=0, ge=0, le=1)
    channel_shift: Annotated[
        float,
        _share("Channel shift", "Each colour channel moved by its own random amount, up to this share."),
    ] = Field(default=0, ge=0, le=1)
    horizontal_flip: Annotated[
        bool,
        Setting(
            "Flip left and right",
            "Mirrored in half of the cases. Not for digits or text.",
            group=AUGMENTATION,
            key="flip_x",
        ),
    ] = False
    vertical_flip: Annotated[
        bool, Setting("Flip upside down", "Mirrored in half of the cases.", group=AUGMENTATION, key="flip_y")
    ] = False

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return self != AugmentationSpec()

    def label(self) -> str:
        """What is on, in a few words: `rotation 15°, shift 0.1, flip`; "none" where nothing is."""
        shift = f"shift {max(self.width_shift, self.height_shift):g}"
        shorter = {
            "rotation": f"rotation {self.rotation:g}°",
            "width_shift": shift,
            "height_shift": shift,
            "horizontal_flip": "flip",
            "vertical_flip": "vertical flip",
        }
        parts = [
            shorter.get(setting.name) or setting.say_alone(value)
            for path, setting in SETTINGS.items()
            if path.startswith("training.augmentation.")
            and (value := getattr(self, setting.name)) != setting.default
        ]
        return ", ".join(dict.fromkeys(parts)) or "none"


class TrainingSpec(Spec):
    """Hyper-parameters, device and seed of one training.

    The base of a network is all of it up to the layer that makes one vector of the maps (Flatten or
    GlobalAveragePooling2D). It may start with the weights of a finished run, and be frozen. The first
    convolution may start with kernels made by hand (see `architectures.layer_training`), and be frozen alone.
    """

    always_in_json = (
        "epochs batch_size optimizer learning_rate schedule momentum early_stopping seed l2 l1 regularize "
        "label_smoothing weight_decay augmentation device precision threads"
    )

    epochs: Annotated[
        int, Setting("Epochs", "How often training sees every training image.", step=1, phrase="{} epochs")
    ] = Field(default=5, ge=1, le=10_000)
    batch_size: Annotated[
        int, Setting("Batch size", "Images between two updates of the weights.", key="batch", step=16)
    ] = Field(default=32, ge=1, le=65_536)
    optimizer: Annotated[
        str,
        AfterValidator(_optimizer),
        Setting(
            "Optimizer",
            "The rule that turns gradients into updates of the weights.",
            choices=OPTIMIZERS.names(),
            phrase="{}",
            tries=("SGD", "RMSprop", "Adam"),
        ),
    ] = "Adam"
    learning_rate: Annotated[
        float | None,
        Setting(
            "Learning rate",
            "Size of an update. Empty: the optimizer's default in Keras.",
            key="rate",
            empty="default",
            minimum=1e-7,
            step=1e-3,
            tries=(0.0001, 0.001, 0.01),
        ),
    ] = Field(default=None, gt=0, le=1000)
    schedule: Annotated[
        Literal["constant", "cosine", "step", "exponential", "plateau"],
        Setting(
            "Learning rate over time",
            "Plateau: lowered when the validation loss (without validation: training loss) stops falling.",
            group=SCHEDULE,
        ),
    ] = "constant"
    momentum: Annotated[
        float,
        Setting(
            "Momentum",
            f"Share of the last update that is carried on. {' and '.join(WITH_MOMENTUM)} only.",
            group=SCHEDULE,
            maximum=0.999,
            step=0.1,
            tries=(0.0, 0.5, 0.9),
        ),
    ] = Field(default=0.0, ge=0, lt=1)
    early_stopping: Annotated[
        int | None,
        Setting(
            "Stop early after",
            "Epochs without a lower validation loss until training ends; the best weights are kept. "
            "Empty: off.",
            group=SCHEDULE,
            key="patience",
            empty="off",
            step=1,
            varied=False,
        ),
    ] = Field(default=None, ge=1, le=1000)
    seed: Annotated[
        Seed,
        Setting(
            "Seed",
            "Start of all random numbers: weights, order of the images, dropout, augmentation.",
            group=SCHEDULE,
            step=1,
            varied=False,
        ),
    ] = 0
    l2: Annotated[
        Penalty,
        Setting(
            "L2 penalty",
            "Adds this times the sum of the squared weights to the loss: weights stay small.",
            group=REGULARIZATION,
            step=1e-4,
            noun="L2 penalty",
            tries=(0.0, 0.0001, 0.001, 0.01),
        ),
    ] = 0.0
    l1: Annotated[
        Penalty,
        Setting(
            "L1 penalty",
            "Adds this times the sum of the absolute weights to the loss: many weights become zero.",
            group=REGULARIZATION,
            step=1e-4,
            noun="L1 penalty",
            tries=(0.0, 0.0001, 0.001, 0.01),
        ),
    ] = 0.0
    regularize: Annotated[
        Literal["all", "convolutions", "dense", "output"],
        Setting(
            "Penalise",
            "Which layers' kernels the two penalties apply to.",
            group=REGULARIZATION,
            key="penalise",
            noun="penalised layers",
            names={"all": "all layers", "dense": "dense layers", "output": "the last layer"},
        ),
    ] = "all"
    label_smoothing: Annotated[
        float,
        Setting(
            "Label smoothing",
            "Share of certainty taken from the true class and spread over all.",
            group=REGULARIZATION,
            key="smoothing",
            maximum=0.99,
            step=0.05,
            tries=(0.0, 0.05, 0.1),
        ),
    ] = Field(default=0.0, ge=0, lt=1)
    class_weight: Annotated[
        str | None,
        AfterValidator(_class_weight),
        Setting(
            "Class weights",
            "How much an image counts in the loss, by its class. 'balanced': the rarer its class, the more "
            "(images / (classes · images of the class), scikit-learn's rule). Or a number for each class, in "
            "their order: 1, 1, 2.5. Empty: all alike.",
            group=REGULARIZATION,
            empty="all alike",
            noun="class weights",
            tries=("balanced",),
            varied=False,
        ),
    ] = Field(default=None, max_length=5000)
    weight_decay: Annotated[
        float | None,
        Setting(
            "Weight decay",
            "Share by which weights shrink at each update, apart from the gradient "
            "(Loshchilov and Hutter 2019). Empty: Keras's default, 0.004 for AdamW, else none.",
            group=REGULARIZATION,
            key="decay",
            empty="default",
            step=1e-4,
            tries=(0.0001, 0.001, 0.01),
        ),
    ] = Field(default=None, ge=0, le=1)
    first_kernels: Annotated[
        Literal["hand-made"] | None,
        Setting(
            "First layer's kernels",
            "What the first convolution starts with: random numbers, or edge finders, blurs and stripes made "
            "by hand (page Convolution lab), on brightness and on single colours.",
            group=REGULARIZATION,
            key="first",
            empty="random",
            noun="first layer's kernels",
            names={"random": "random, then learned", "hand-made": "made by hand"},
            varied=False,
        ),
    ] = None
    freeze: Annotated[
        Literal["first", "base"] | None,
        Setting(
            "Frozen",
            "Which layers keep the weights that they start with, while all others learn.",
            group=REGULARIZATION,
            empty="nothing",
            noun="frozen layers",
            names={
                "nothing": "nothing: all layers learn",
                "first": "the first layer",
                "base": "all layers before the vector",
            },
            varied=False,
        ),
    ] = None
    augmentation: AugmentationSpec = AugmentationSpec()
    device: Annotated[
        str, Setting("Device", "Where the network is trained.", group=DEVICE, phrase="{}", varied=False)
    ] = Field(default="auto", pattern=r"^(auto|cpu|gpu|gpu:\d{1,2})$")
    precision: Annotated[
        Literal["float32", "mixed_float16", "mixed_bfloat16"],
        Setting(
            "Precision",
            "Mixed precision computes in 16 bits and keeps the weights in 32. Offered where it pays.",
            group=DEVICE,
            phrase="{}",
            varied=False,
        ),
    ] = "float32"
    threads: Annotated[
        int | None,
        Setting(
            "CPU threads",
            "Processor threads for the training. Empty: all of them.",
            group=DEVICE,
            empty="all",
            step=1,
            noun="CPU threads",
            phrase="{} threads",
            varied=False,
        ),
    ] = Field(default=None, ge=1, le=1024)
    init_from: Annotated[
        str | None,
        Setting(
            "Starts from",
            "Id of the finished run whose base this one starts with. Empty: random weights.",
            group=None,
            empty="random",
            varied=False,
        ),
    ] = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.momentum and self.optimizer not in WITH_MOMENTUM:
            raise SpecError(
                f"momentum {self.momentum:g} has no meaning for {self.optimizer}. "
                f"Set it to 0, or choose {' or '.join(WITH_MOMENTUM)}."
            )
        if self.first_kernels and self.init_from:
            raise SpecError(
                "The first layer can't start both with kernels made by hand and with those of run "
                f"{self.init_from}. Leave first_kernels or init_from empty."
            )
        return self

    @property
    def rate(self) -> float:
        """The learning rate that training starts with."""
        return OPTIMIZERS.get(self.optimizer).rate if self.learning_rate is None else self.learning_rate


class ExperimentSpec(Spec):
    """A data set, a network and a training: the one currency between pages, queue and worker."""

    always_in_json = "dataset training"
    dataset: DatasetSpec = Field(default_factory=DatasetSpec)
    architecture: ArchitectureSpec
    training: TrainingSpec = Field(default_factory=TrainingSpec)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.training.early_stopping and not self.dataset.validates:
            raise SpecError(
                "Early stopping watches the validation loss, but validation_split is 0. "
                "Set dataset.validation_split above 0, or switch early stopping off."
            )
        return self


#: Every setting of images and training by its dotted name, as `--set` takes it. A network's own come with it.
SETTINGS = by_path(settings_of_spec(DatasetSpec, "dataset"), settings_of_spec(TrainingSpec, "training"))
