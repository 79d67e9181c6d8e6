"""ExperimentSpec: all that decides a result; its hash names the result."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
from cnnviz.specs.architecture import ArchitectureSpec
from cnnviz.specs.base import Spec
from cnnviz.specs.dataset import DatasetSpec
from cnnviz.specs.training import TrainingSpec


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
