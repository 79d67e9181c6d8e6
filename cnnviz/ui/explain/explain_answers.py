"""What the inspector answers about explanations of one image, network and class."""

from __future__ import annotations

from cnnviz.inspection.explanations.checks import Faithfulness, Stage
from cnnviz.inspection.explanations.method import Attribution
from cnnviz.inspection.questions import Explain, RandomiseWeights, ScoreExplanation, ScoreRandomOrder
from cnnviz.specs.base import Spec
from cnnviz.ui.asking import ask
from cnnviz.ui.feature_maps.subjects import Looked


def explained(looked: Looked, label: int, method: str, settings: Spec) -> Attribution:
    """An explanation.

    Raises:
        CnnvizError: a setting that network or image can't have; no weights, or no answer.
    """
    return ask(Explain(looked.weights, looked.image, label, method, settings))


def scores(looked: Looked, label: int, method: str, settings: Spec) -> Faithfulness:
    """Deletion and insertion of an explanation.

    Raises:
        CnnvizError: as `explained`.
    """
    values = explained(looked, label, method, settings).values
    return ask(ScoreExplanation(looked.weights, looked.image, label, values))


def random_order(looked: Looked, label: int) -> Faithfulness:
    """Deletion and insertion in random order.

    Raises:
        CnnvizError: as `explained`.
    """
    return ask(ScoreRandomOrder(looked.weights, looked.image, label))


def randomised(looked: Looked, label: int, method: str, settings: Spec) -> tuple[Stage, ...]:
    """The sanity check with randomised weights.

    Raises:
        CnnvizError: as `explained`.
    """
    return ask(RandomiseWeights(looked.weights, looked.image, label, method, settings))
