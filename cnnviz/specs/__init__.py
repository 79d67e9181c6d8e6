"""Frozen specs: the one currency between app, worker, command line and cluster."""

from cnnviz.specs.architecture import ArchitectureSpec, ParameterValue
from cnnviz.specs.base import Spec
from cnnviz.specs.dataset import DatasetSpec
from cnnviz.specs.experiment import ExperimentSpec
from cnnviz.specs.layers import (
    CLASSES,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
)
from cnnviz.specs.training import DEFAULT_RATES, AugmentationSpec, TrainingSpec

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
