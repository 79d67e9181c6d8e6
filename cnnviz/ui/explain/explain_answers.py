"""What the inspector answers about explanations of one image, network and class."""

from __future__ import annotations

from typing import NamedTuple

from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.checks import Faithfulness, Stage
from cnnviz.inspection.explanations.method import About, Attribution
from cnnviz.inspection.questions import Explain, RandomiseWeights, ScoreExplanation, ScoreRandomOrder
from cnnviz.specs.base import Spec
from cnnviz.ui.asking import ask
from cnnviz.ui.explain import method_settings
from cnnviz.ui.feature_maps.subjects import Looked


class Explained(NamedTuple):
    """A class's score for an image, explained by a method with the settings chosen for it.

    Its methods raise CnnvizError: a setting that network or image can't have; no weights, or no answer.
    """

    looked: Looked
    label: int  # the class
    method: str

    @property
    def about(self) -> About:
        """The method in words."""
        return METHODS.get(self.method).about

    @property
    def settings(self) -> Spec:
        """The method's, as they are chosen."""
        return method_settings.chosen(self.method, METHODS.get(self.method).defaults(self.looked.image.shape))

    def attribution(self) -> Attribution:
        """The explanation itself."""
        return ask(Explain(self.looked.weights, self.looked.image, self.label, self.method, self.settings))

    def scores(self) -> Faithfulness:
        """Deletion and insertion by the explanation."""
        values = self.attribution().values
        return ask(ScoreExplanation(self.looked.weights, self.looked.image, self.label, values))

    def random_order(self) -> Faithfulness:
        """Deletion and insertion in random order."""
        return ask(ScoreRandomOrder(self.looked.weights, self.looked.image, self.label))

    def randomised(self) -> tuple[Stage, ...]:
        """The sanity check with randomised weights."""
        looked = self.looked
        return ask(RandomiseWeights(looked.weights, looked.image, self.label, self.method, self.settings))
