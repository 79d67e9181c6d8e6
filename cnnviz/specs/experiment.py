"""ExperimentSpec: all that decides a result: which images, which network, how it is trained."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
from cnnviz.specs.architecture import ArchitectureSpec, Penalty
from cnnviz.specs.base import Seed, Spec, unset


class DatasetSpec(Spec):
    """A data set and the part of it that a run sees.

    `train_size` and `test_size` take exactly that many images (None: all of them); the validation
    images are split from the training images, never from the test set.

    For cross-validation the training images are divided into `folds` parts; the images of part `fold`
    (1, 2, …, `folds`) validate, and those of the others train.
    """

    name: str = Field(default="digits", min_length=1, max_length=200)
    size: int | None = Field(
        default=None, ge=8, le=512, description="side in pixels, where a data set leaves the choice"
    )
    labels: Literal["fine", "coarse"] = "fine"
    train_size: int | None = Field(default=None, ge=2, le=100_000_000)
    test_size: int | None = Field(default=None, ge=1, le=100_000_000)
    selection: Literal["stratified", "first"] = "stratified"
    validation_split: float = Field(default=0.1, ge=0, le=0.9)
    seed: Seed = 0
    folds: int | None = Field(default=None, ge=2, le=20, exclude_if=unset)
    fold: int | None = Field(default=None, ge=1, le=20, exclude_if=unset)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.folds is None) != (self.fold is None):
            raise SpecError("folds and fold belong together: set both for cross-validation, or none.")
        if self.folds is not None and self.fold is not None:
            if self.fold > self.folds:
                raise SpecError(
                    f"There is no fold {self.fold} of {self.folds}. Set fold to 1 … {self.folds}."
                )
            if self.validation_split:
                raise SpecError(
                    f"validation_split {self.validation_split:g} has no meaning beside folds, where one fold "
                    "validates. Set validation_split to 0."
                )
        return self

    @property
    def validates(self) -> bool:
        """Whether training images are held back for validation."""
        return self.folds is not None or self.validation_split > 0


OptimizerName = Literal["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW", "Adamax"]
#: Keras's own default rates.
DEFAULT_RATES: dict[str, float] = {
    "SGD": 0.01,
    "RMSprop": 0.001,
    "Adagrad": 0.001,
    "Adadelta": 0.001,
    "Adam": 0.001,
    "AdamW": 0.001,
    "Adamax": 0.001,
}


class AugmentationSpec(Spec):
    """Random changes of each training image, drawn anew in every epoch. All zero: none."""

    rotation: float = Field(default=0, ge=0, le=180, description="degrees, to either side")
    width_shift: float = Field(default=0, ge=0, le=0.9, description="share of the width")
    height_shift: float = Field(default=0, ge=0, le=0.9, description="share of the height")
    zoom: float = Field(default=0, ge=0, le=0.9, description="share, in or out")
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: float = Field(default=0, ge=0, le=1, description="share of the full range, added")
    channel_shift: float = Field(default=0, ge=0, le=1, description="share of the full range, a channel")

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return any(self.model_dump().values())

    def label(self) -> str:
        """What is on, in a few words: `rotation 15°, shift 0.1, flip`; "none" where nothing is."""
        parts = [f"rotation {self.rotation:g}°"] if self.rotation else []
        if self.width_shift or self.height_shift:
            parts.append(f"shift {max(self.width_shift, self.height_shift):g}")
        parts += [f"{key} {value:g}" for key in ("zoom", "brightness") if (value := getattr(self, key))]
        parts += [f"channel shift {self.channel_shift:g}"] if self.channel_shift else []
        parts += ["flip"] if self.horizontal_flip else []
        parts += ["vertical flip"] if self.vertical_flip else []
        return ", ".join(parts) or "none"


class TrainingSpec(Spec):
    """Hyper-parameters, device and seed of one training.

    The base of a network is all of it up to the layer that makes one vector of the maps (Flatten or
    GlobalAveragePooling2D). It may start with the weights of a finished run, and be frozen. The first
    convolution may start with kernels made by hand (see `architectures.layer_training`), and be frozen alone.
    """

    epochs: int = Field(default=5, ge=1, le=10_000)
    batch_size: int = Field(default=32, ge=1, le=65_536)
    optimizer: OptimizerName = "Adam"
    learning_rate: float | None = Field(
        default=None, gt=0, le=1000, description="None: the optimizer's default in Keras"
    )
    momentum: float = Field(default=0.0, ge=0, lt=1, description="SGD and RMSprop only")
    weight_decay: float | None = Field(
        default=None, ge=0, le=1, description="decoupled; None: Keras's default, 0.004 for AdamW, else none"
    )
    schedule: Literal["constant", "cosine", "step", "exponential", "plateau"] = "constant"
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    l1: Penalty = 0.0
    l2: Penalty = 0.0
    regularize: Literal["all", "convolutions", "dense", "output"] = "all"
    early_stopping: int | None = Field(
        default=None, ge=1, le=1000, description="epochs without a better validation loss; None: off"
    )
    augmentation: AugmentationSpec = AugmentationSpec()
    seed: Seed = 0
    device: str = Field(default="auto", pattern=r"^(auto|cpu|gpu|gpu:\d{1,2})$")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    threads: int | None = Field(default=None, ge=1, le=1024, description="CPU threads; None: all")
    init_from: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$",
        exclude_if=unset,
        description="id of the finished run whose base this one starts with; None: random weights",
    )
    first_kernels: Literal["hand-made"] | None = Field(
        default=None,
        exclude_if=unset,
        description="what the first convolution starts with; None: random kernels",
    )
    freeze: Literal["base", "first"] | None = Field(
        default=None,
        exclude_if=unset,
        description="layers that keep their weights: the base, or the first convolution; None: all learn",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.momentum and self.optimizer not in ("SGD", "RMSprop"):
            raise SpecError(
                f"momentum {self.momentum:g} has no meaning for {self.optimizer}. "
                "Set it to 0, or choose SGD or RMSprop."
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
        return self.learning_rate if self.learning_rate is not None else DEFAULT_RATES[self.optimizer]


class ExperimentSpec(Spec):
    """A data set, a network and a training: the one currency between pages, queue and worker."""

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
