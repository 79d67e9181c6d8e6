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
from cnnviz.specs.experiment import DEFAULT_RATES, AugmentationSpec, DatasetSpec, ExperimentSpec, TrainingSpec

__all__ = [
    "CLASSES",
    "DEFAULT_RATES",
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
    "Spec",
    "TrainingSpec",
]
