"""Frozen specs: the one currency between app, worker, command line and cluster."""

from cnnviz.specs.architecture import (
    CLASSES,
    Activation,
    ArchitectureSpec,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    ParameterValue,
)
from cnnviz.specs.base import Spec
from cnnviz.specs.experiment import (
    OPTIMIZERS,
    SETTINGS,
    WITH_MOMENTUM,
    AugmentationSpec,
    DatasetSpec,
    ExperimentSpec,
    TrainingSpec,
    class_weights_of,
)
from cnnviz.specs.setting import Setting, SettingValue

__all__ = [
    "CLASSES",
    "OPTIMIZERS",
    "SETTINGS",
    "WITH_MOMENTUM",
    "Activation",
    "ArchitectureSpec",
    "AugmentationSpec",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "DatasetSpec",
    "Dense",
    "Dropout",
    "ExperimentSpec",
    "Flatten",
    "GlobalAveragePooling2D",
    "Layer",
    "MaxPooling2D",
    "ParameterValue",
    "Setting",
    "SettingValue",
    "Spec",
    "TrainingSpec",
    "class_weights_of",
]
