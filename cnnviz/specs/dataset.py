"""DatasetSpec: which images, how many, and how they are split."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cnnviz.specs.base import Seed, Spec


class DatasetSpec(Spec):
    """A data set and the part of it that a run sees.

    `train_size` and `test_size` take exactly that many images (None: all of them); the validation
    images are split from the training images, never from the test set.
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
