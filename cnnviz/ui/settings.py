"""The sidebar's settings as tables: key in the link, field of the spec, words, range.

Ranges here are what a widget offers; what is allowed at all is decided by the specs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from cnnviz.specs import AugmentationSpec, DatasetSpec, TrainingSpec

Kind = Literal["int", "float", "bool", "choice"]
_MODELS: dict[str, type[BaseModel]] = {
    "dataset": DatasetSpec,
    "training": TrainingSpec,
    "augmentation": AugmentationSpec,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One widget. `key` is its name in the link; an optional one may be left empty (None)."""

    key: str
    group: str
    field: str
    label: str
    help: str
    kind: Kind
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    names: Mapping[str, str] | None = None
    optional: str = ""

    @property
    def default(self) -> Any:
        """The spec's own default; of a choice that may be left open, the word for that."""
        value = _MODELS[self.group].model_fields[self.field].default
        return self.optional if value is None and self.kind == "choice" else value

    def shown(self, value: Any) -> Any:
        """What the widget holds for a spec's value."""
        return self.optional if value is None and self.kind == "choice" else value

    def meant(self, value: Any) -> Any:
        """What the spec gets for the widget's value."""
        return None if self.optional and value == self.optional else value


OPTIMIZERS = ("Adam", "AdamW", "SGD", "RMSprop", "Adamax", "Adagrad", "Adadelta")

DATASET = (
    Setting(
        "train_size",
        "dataset",
        "train_size",
        "Training images",
        "How many training images to use: exactly so many. Empty: all of them.",
        "int",
        2,
        None,
        1000,
        optional="all",
    ),
    Setting(
        "test_size",
        "dataset",
        "test_size",
        "Test images",
        "How many test images to use at the end. Empty: all of them.",
        "int",
        1,
        None,
        1000,
        optional="all",
    ),
    Setting(
        "validation",
        "dataset",
        "validation_split",
        "Share for validation",
        "Part of the training images set aside to watch the training. Test images are never used for it.",
        "float",
        0.0,
        0.9,
        0.05,
    ),
    Setting(
        "selection",
        "dataset",
        "selection",
        "Choose images",
        "Stratified: the same share of every class. First: the first images of the file.",
        "choice",
        choices=("stratified", "first"),
    ),
    Setting(
        "split_seed",
        "dataset",
        "seed",
        "Seed of the split",
        "The same seed gives the same images and the same split.",
        "int",
        0,
        2**31 - 1,
        1,
    ),
)

MAIN = (
    Setting(
        "epochs",
        "training",
        "epochs",
        "Epochs",
        "How often training sees every training image.",
        "int",
        1,
        10_000,
        1,
    ),
    Setting(
        "batch",
        "training",
        "batch_size",
        "Batch size",
        "Images between two updates of the weights.",
        "int",
        1,
        65_536,
        16,
    ),
    Setting(
        "optimizer",
        "training",
        "optimizer",
        "Optimizer",
        "The rule that turns gradients into updates of the weights.",
        "choice",
        choices=OPTIMIZERS,
    ),
    Setting(
        "rate",
        "training",
        "learning_rate",
        "Learning rate",
        "Size of an update. Empty: the optimizer's default in Keras.",
        "float",
        1e-7,
        1000.0,
        1e-3,
        optional="default",
    ),
)

SCHEDULE = (
    Setting(
        "schedule",
        "training",
        "schedule",
        "Learning rate over time",
        "Plateau: lowered when the validation loss (without validation: training loss) stops falling.",
        "choice",
        choices=("constant", "cosine", "step", "exponential", "plateau"),
    ),
    Setting(
        "momentum",
        "training",
        "momentum",
        "Momentum",
        "Share of the last update that is carried on. SGD and RMSprop only.",
        "float",
        0.0,
        0.999,
        0.1,
    ),
    Setting(
        "patience",
        "training",
        "early_stopping",
        "Stop early after",
        "Epochs without a lower validation loss until training ends; the best weights are kept. Empty: off.",
        "int",
        1,
        1000,
        1,
        optional="off",
    ),
    Setting(
        "seed",
        "training",
        "seed",
        "Seed",
        "Start of all random numbers: weights, order of the images, dropout, augmentation.",
        "int",
        0,
        2**31 - 1,
        1,
    ),
)

REGULARIZATION = (
    Setting(
        "l2",
        "training",
        "l2",
        "L2 penalty",
        "Adds this times the sum of the squared weights to the loss: weights stay small.",
        "float",
        0.0,
        1e6,
        1e-4,
    ),
    Setting(
        "l1",
        "training",
        "l1",
        "L1 penalty",
        "Adds this times the sum of the absolute weights to the loss: many weights become zero.",
        "float",
        0.0,
        1e6,
        1e-4,
    ),
    Setting(
        "penalise",
        "training",
        "regularize",
        "Penalise",
        "Which layers' kernels the two penalties apply to.",
        "choice",
        choices=("all", "convolutions", "dense", "output"),
        names={
            "all": "all layers",
            "convolutions": "convolutions",
            "dense": "dense layers",
            "output": "the last layer",
        },
    ),
    Setting(
        "smoothing",
        "training",
        "label_smoothing",
        "Label smoothing",
        "Share of certainty taken from the true class and spread over all.",
        "float",
        0.0,
        0.99,
        0.05,
    ),
    Setting(
        "decay",
        "training",
        "weight_decay",
        "Weight decay",
        "Share by which weights shrink at each update, apart from the gradient "
        "(Loshchilov and Hutter 2019). Empty: Keras's default, 0.004 for AdamW, else none.",
        "float",
        0.0,
        1.0,
        1e-4,
        optional="default",
    ),
    Setting(
        "first",
        "training",
        "first_kernels",
        "First layer's kernels",
        "What the first convolution starts with: random numbers, or edge finders, blurs and stripes made "
        "by hand (page Convolution lab), on brightness and on single colours.",
        "choice",
        choices=("random", "hand-made"),
        optional="random",
        names={"random": "random, then learned", "hand-made": "made by hand"},
    ),
    Setting(
        "freeze",
        "training",
        "freeze",
        "Frozen",
        "Which layers keep the weights that they start with, while all others learn.",
        "choice",
        choices=("nothing", "first", "base"),
        optional="nothing",
        names={
            "nothing": "nothing: all layers learn",
            "first": "the first layer",
            "base": "all layers before the vector",
        },
    ),
)

AUGMENTATION = (
    Setting(
        "rotation",
        "augmentation",
        "rotation",
        "Rotation (degrees)",
        "Turned by up to so many degrees to either side.",
        "float",
        0.0,
        180.0,
        5.0,
    ),
    Setting(
        "shift_x",
        "augmentation",
        "width_shift",
        "Shift in width (share)",
        "Moved sideways by up to this share of the width.",
        "float",
        0.0,
        0.9,
        0.05,
    ),
    Setting(
        "shift_y",
        "augmentation",
        "height_shift",
        "Shift in height (share)",
        "Moved up or down by up to this share of the height.",
        "float",
        0.0,
        0.9,
        0.05,
    ),
    Setting(
        "zoom",
        "augmentation",
        "zoom",
        "Zoom (share)",
        "Enlarged or shrunk by up to this share.",
        "float",
        0.0,
        0.9,
        0.05,
    ),
    Setting(
        "brightness",
        "augmentation",
        "brightness",
        "Brightness (share)",
        "Made brighter or darker by up to this share of the full range.",
        "float",
        0.0,
        1.0,
        0.05,
    ),
    Setting(
        "channel_shift",
        "augmentation",
        "channel_shift",
        "Channel shift (share)",
        "Each colour channel moved by its own random amount, up to this share.",
        "float",
        0.0,
        1.0,
        0.05,
    ),
    Setting(
        "flip_x",
        "augmentation",
        "horizontal_flip",
        "Flip left and right",
        "Mirrored in half of the cases. Not for digits or text.",
        "bool",
    ),
    Setting(
        "flip_y",
        "augmentation",
        "vertical_flip",
        "Flip upside down",
        "Mirrored in half of the cases.",
        "bool",
    ),
)

DEVICE = (
    Setting("device", "training", "device", "Device", "Where the network is trained.", "choice"),
    Setting(
        "precision",
        "training",
        "precision",
        "Precision",
        "Mixed precision computes in 16 bits and keeps the weights in 32. Offered where it pays.",
        "choice",
    ),
    Setting(
        "threads",
        "training",
        "threads",
        "CPU threads",
        "Processor threads for the training. Empty: all of them.",
        "int",
        1,
        1024,
        1,
        optional="all",
    ),
)

TRAINING = (*MAIN, *SCHEDULE, *REGULARIZATION, *AUGMENTATION, *DEVICE)
ALL = (*DATASET, *TRAINING)
BY_KEY = {setting.key: setting for setting in ALL}
