"""TransferSpec: features of which network, of which images, and how they are classified."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cnnviz.specs import DatasetSpec, Spec

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


class TransferSpec(Spec):
    """Fixed features, the best of them by chi-square on the training images, and a linear SVM.

    All training images are used: whoever only fits a classifier holds none back for validation.
    """

    dataset: DatasetSpec
    extractor: str = Field(default=IMAGENET, min_length=1, max_length=200, description="or the id of a run")
    layer: str = Field(default="", max_length=120, description="empty: the last one before the classifier")
    features: int = Field(default=100, ge=1, le=1_000_000, description="how many are chosen")
    C: float = Field(default=0.025, gt=0, le=1e6, description="small: a wide margin, many exceptions")
    folds: int = Field(default=5, ge=2, le=20)
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="of the solver, where it draws at random")

    @property
    def images(self) -> DatasetSpec:
        """The data set as the features are computed: nothing held back for validation."""
        return self.dataset.but(validation_split=0.0, folds=None, fold=None)
