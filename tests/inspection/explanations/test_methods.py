"""Every registered method on every kind of network, and what its entry tells people."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnviz import architectures
from cnnviz.architectures.build import build_model
from cnnviz.errors import EntryError, SpecError, UnknownNameError
from cnnviz.inspection.explanations import METHODS
from cnnviz.inspection.explanations.maximisation import ABOUT, MaximisationSettings, maximise
from cnnviz.inspection.explanations.method import Attribution, about_problems, method
from cnnviz.inspection.passes import Passes
from cnnviz.registry import LAST
from cnnviz.specs import Spec
from docs import tables
from tests.examples import placed
from tests.inspection.explanations.networks import CLASSES, KINDS, linear, picture

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
ABOUTS = {**{name: METHODS.get(name).about for name in METHODS}, "maximisation": ABOUT}


@pytest.fixture(scope="module", params=KINDS)
def network(request):
    return KINDS[request.param]()


class Undescribed(Spec):
    depth: int


@pytest.mark.parametrize("name", list(METHODS))
def test_a_map_of_the_images_size_the_same_each_time_and_the_network_unchanged(network, name):
    before = network.model.get_weights()
    image, entry = picture(network), METHODS.get(name)
    settings = entry.defaults(network.shape)
    for label in range(CLASSES):
        found = entry.explain(network, image, label, settings)
        again = entry.attribute(network, image, label)  # held to its contract, with the same settings
        assert found.values.shape == image.shape[:2]
        assert found.values.dtype == np.float32
        assert np.isfinite(found.values).all()
        assert found.signed or found.values.min() >= 0
        np.testing.assert_array_equal(found.values, again.values)
    for old, new in zip(before, network.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_maximisation_raises_its_number_and_leaves_the_network_unchanged(network):
    before = network.model.get_weights()
    settings = MaximisationSettings(steps=30, smoothing=0, decay=0)
    layer = network.last_convolution  # a map behind a silent one could not be woken
    for unit, where in ((1, None), (2, layer)):
        found = maximise(network, unit, where, settings)
        assert found.scores[-1] > found.scores[0]
        assert len(found.scores) == 31
        assert found.frames.shape == (len(found.frame_steps), *network.shape)
        assert (found.frame_steps[0], found.frame_steps[-1]) == (0, 30)
        assert found.probabilities.sum() == pytest.approx(1)
        np.testing.assert_array_equal(maximise(network, unit, where, settings).frames, found.frames)
    for old, new in zip(before, network.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", list(architectures.ARCHITECTURES))
def test_all_named_architectures_can_be_explained(architecture):
    passes = Passes(build_model(architectures.make(architecture), (32, 32, 3), 10))
    image = picture(passes)
    for name in METHODS:
        entry, settings = METHODS.get(name), None
        if name == "occlusion":
            settings = entry.about.settings.parse({"window": 16, "stride": 8})
        elif name in ("smooth-grad", "integrated-gradients"):
            few = "samples" if name == "smooth-grad" else "steps"
            settings = entry.about.settings.parse({few: 2})
        assert np.isfinite(entry.attribute(passes, image, 3, settings).values).all()
    assert np.isfinite(maximise(passes, 3, None, MaximisationSettings(steps=2)).scores).all()


@pytest.mark.parametrize("name", list(ABOUTS))
def test_every_method_names_its_paper_its_limits_and_its_settings(name):
    about = ABOUTS[name]
    assert list(about_problems(about)) == []
    assert about.paper.url.endswith(about.paper.arxiv)
    assert about.settings()  # all have defaults


FINE = METHODS.get("saliency")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": " "}, "no title"),
        ({"idea": "It shows"}, "idea must be a sentence"),
        ({"limits": f"{'Long. ' * 30}"}, "limits must be a sentence of less than 120"),
        ({"paper": FINE.about.paper._replace(arxiv="here")}, "'here' is no number of arXiv"),
        ({"paper": FINE.about.paper._replace(year=1999)}, "its paper is of 1999"),
        ({"settings": Undescribed}, "its setting 'depth' needs a title"),
        ({"settings": Undescribed}, "its setting 'depth' has no default"),
    ],
)
def test_a_wrong_entry_is_refused_with_a_sentence(changes, problem):
    with pytest.raises(EntryError, match=re.escape(problem)):
        method("of-a-test", FINE.about._replace(**changes))(FINE.explain)
    assert "of-a-test" not in METHODS


def without_class_and_settings(network: Passes, image: NDArray[np.float32]) -> None:
    """No method: it takes too little."""


def test_a_function_of_other_arguments_is_refused():
    with pytest.raises(EntryError, match="must take"):
        METHODS.add("of-a-test", FINE._replace(explain=without_class_and_settings))  # type: ignore[arg-type]
    with pytest.raises(EntryError, match="registered already"):
        METHODS.add("saliency", FINE)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (np.zeros((8, 8), np.float64), "float64"),
        (np.zeros((8, 8, 3), np.float32), "(8, 8, 3)"),
        (np.full((8, 8), -1, np.float32), "below 0"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused(values, problem):
    network = linear()
    wrong = FINE._replace(explain=lambda *_: Attribution(values, False, "score"))
    with pytest.raises(EntryError, match=re.escape(problem)):
        wrong.attribute(network, picture(network), 0)


def breaking(*_: object) -> Attribution:
    return Attribution(np.zeros(1 // 0, np.float32), False, "score")


@pytest.mark.parametrize(
    ("explain", "problem"),
    [
        (breaking, r"breaks: ZeroDivisionError in line \d+: .*\. Mend it there\."),
        (
            lambda *_: np.zeros((8, 8), np.float32),
            r"breaks: TypeError: it gives ndarray, and no Attribution\.",
        ),
    ],
)
def test_a_method_that_breaks_is_named_with_its_file(explain, problem):
    network = linear()
    with pytest.raises(
        EntryError, match=rf"'Saliency' in tests/inspection/explanations/test_methods\.py {problem}"
    ):
        FINE._replace(explain=explain).attribute(network, picture(network), 0)


def test_an_unknown_method_is_answered_with_the_nearest_name():
    with pytest.raises(UnknownNameError, match="saliency"):
        METHODS.get("salience")


def test_settings_out_of_range_are_named():
    with pytest.raises(SpecError, match="samples"):
        METHODS.get("smooth-grad").about.settings.parse({"samples": 0})


@pytest.mark.parametrize("name", ["grad-cam", "grad-cam-plus"])
def test_class_activation_maps_need_maps(name):
    network, entry = linear(), METHODS.get(name)
    with pytest.raises(SpecError, match="none"):
        entry.attribute(network, picture(network), 0)
    network = KINDS["plain"]()
    with pytest.raises(SpecError, match="Did you mean 'conv'"):
        entry.attribute(network, picture(network), 0, entry.about.settings.parse({"layer": "conf"}))


def test_the_example_of_a_method_keeps_the_contract(network, tmp_path):
    with placed("cnnviz/inspection/explanations/gradient_times_input.py", tmp_path) as name:
        assert METHODS.names()[-1] == name  # after those that name a place
        assert list(about_problems(METHODS.get(name).about)) == []
        test_a_map_of_the_images_size_the_same_each_time_and_the_network_unchanged(network, name)


def test_the_documentation_lists_the_methods_with_their_words():
    """All that have a place of their own; those that somebody added, once he has called `make docs`."""
    text = (tables.FOLDER / "explanations.md").read_text("utf-8")
    whole = tables.written("explanations.md", text)
    assert set(text.splitlines()) <= set(whole.splitlines()), (
        "run `make docs`: it writes the table of methods"
    )
    house = {name: about for name, about in ABOUTS.items() if METHODS._orders.get(name) != LAST}
    for about in house.values():
        assert f"| {about.title} | {about.idea} | {about.limits} |" in text
        assert about.paper.url in text
    with pytest.raises(ValueError, match="no marks"):
        tables.written("explanations.md", "without any")
