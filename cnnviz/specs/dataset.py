"""DatasetSpec: which images, how many, and how they are split."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from cnnviz.errors import SpecError
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
