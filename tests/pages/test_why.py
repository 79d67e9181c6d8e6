"""Why?: one click beside an image of the Report page opens its layers, Grad-CAM and the scores in words."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.architectures.build import build_model
from cnnviz.inspection.explanations.checks import Curve, Faithfulness
from cnnviz.ui.explain.score_words import score_words
from tests.pages.finished_runs import finished
from tests.pages.test_report import open_report, said

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def flat(deletion: float, insertion: float) -> Faithfulness:
    """Curves that stay at one probability, whose area it is."""
    shares = np.array([0, 1], np.float32)
    return Faithfulness(*(Curve(shares, np.full(2, level, np.float32)) for level in (deletion, insertion)))


@pytest.mark.parametrize(
    ("own", "first", "second"),
    [
        (flat(0.2, 0.9), "does use", "does use"),
        (flat(0.7, 0.3), "worse than chance", "worse than chance"),
        (flat(0.5001, 0.5), "no better than chance", "no better than chance"),
    ],
)
def test_scores_in_words_say_which_way_is_better(own, first, second):
    deletion, insertion = score_words(own, flat(0.5, 0.5), "cat").split(" Show them ")
    assert first in deletion
    assert second in insertion
    assert "50.0 % with random pixels" in deletion


def test_one_click_explains_an_image_of_a_cell(runs_dir: Path) -> None:
    run = finished(runs_dir, "mine")
    asked = run.spec().experiment
    facts = datasets.facts(asked.dataset)
    keras.utils.set_random_seed(0)
    build_model(asked.architecture, facts.input_shape, len(facts.class_names)).save(run.model_path)
    test = open_report(run=run.id)
    test.button(key="report_why").click().run()
    assert not test.exception
    assert len(test.get("dialog")) == 1
    assert "by Grad\\-CAM" in said(test) or "by Grad-CAM" in said(test)
    pictures = " ".join(str(element.proto.body) for element in test.get("html"))
    assert "Grad-CAM for “" in pictures
    assert "block1_conv1" in pictures
