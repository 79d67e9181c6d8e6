"""Transfer as the reports have it: what is prepared, drawn, and said where another network stands in."""

from __future__ import annotations

import keras
import pytest

from cnnviz import datasets
from cnnviz.architectures.build import build_model
from cnnviz.errors import RunError
from cnnviz.reports.drawings import draw_all, prepare_all
from cnnviz.reports.drawings.networks import read_maps
from cnnviz.reports.drawings.transfer_scores import transfer_table
from cnnviz.reports.library import recipes
from cnnviz.reports.outcome import Outcome
from cnnviz.runs import RunDirectory
from cnnviz.studies.transfer import vgg16_weights
from tests.present import present
from tests.studies.transfer import imagenet_weights

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PUBLISHED = {"score": 0.515, "score_spread": 0.0081, "fit_seconds": 6.3888, "fit_seconds_spread": 0.0539}


@pytest.fixture(autouse=True)
def _own_folders(data_dir, cache_dir, monkeypatch):
    monkeypatch.setattr(vgg16_weights, "URL", "http://127.0.0.1:9/absent.h5")  # nobody listens there


@pytest.fixture
def transferred(recipe, outcome):
    """An experiment of the kind "transfer" whose runs have finished, networks and all."""

    def make(draw, **options) -> Outcome:
        found: Outcome = outcome(
            recipe(
                kind="transfer",
                draw=draw,
                published=PUBLISHED,
                options={"extractor": "a", "folds": 2, **options},
                scales={"smoke": {"seeds": [0]}, "lecture": {}, "full": {}},
            )
        )
        for row in found.rows:
            run, experiment = RunDirectory(present(row.run).path), present(row.experiment)
            facts = datasets.facts(experiment.dataset)
            model = build_model(experiment.architecture, facts.input_shape, facts.classes)
            keras.utils.set_random_seed(0)
            model.save(run.model_path)
        return found

    return make


def test_both_protocols_stand_in_the_table_and_which_network_stands_in_for_imagenets(transferred, data_dir):
    found = transferred(["transfer_table", "transfer_bars"], extractor="imagenet", instead="a")
    with pytest.raises(RunError, match="Reproduce"):
        transfer_table(found)  # nothing has been prepared
    told = []
    assert prepare_all(found, lambda text, share: told.append(text)) == {}
    assert "preparing transfer" in told
    drawn, bars = (one.drawings[0] for one in draw_all(found))
    table = present(drawn.table)
    report, crossed, ordinary = (dict(zip(table.headings, row, strict=True)) for row in table.rows)
    assert report["features and classifier"] == f"the report's: {vgg16_weights.TITLE}"
    assert report["score, published"] == "51.5 % ± 0.8"
    assert report["fit time, published"] == "6.39 s ± 0.054"
    assert report["score, measured (smoke)"] == "–"
    assert crossed["score, published"] == "–"  # another network's number
    assert "(2 folds)" in str(crossed["score, measured (smoke)"])
    assert ordinary["score, published"] == "–"
    assert "95 %" in str(ordinary["score, measured (smoke)"])
    assert ordinary["images"] == "fit on 200, scored on 60"
    # The network has 4 units before its classifier: no 100 features can be chosen.
    assert "4 of 4 features of the network 'a' (dense1)" in drawn.note
    assert "LinearSVC(C=0.025)" in drawn.note
    # The weights cannot be had here.
    for part in (vgg16_weights.FILE, str(data_dir / "models"), "Here the network 'a'", "another experiment"):
        assert part in drawn.note
    names = [name for trace in present(bars.figure).data for name in trace.customdata]
    assert {"a", "b", "ImageNet features,<br>cross-validation"} <= set(names)


def test_a_network_trained_here_needs_no_weights_of_imagenets(transferred, data_dir):
    found = transferred(["first_maps"], extractor="a")
    assert prepare_all(found) == {}
    assert not (data_dir / "models").exists()


def test_imagenets_maps_join_those_of_the_runs(transferred, data_dir):
    imagenet_weights.write(data_dir / "models" / vgg16_weights.FILE)
    found = transferred(["first_last_maps"], extractor="imagenet", instead="b")
    assert prepare_all(found) == {}
    images, maps = read_maps(found)
    assert list(images) == [""]
    theirs = [(one.layer, one.values.shape) for one in maps if one.label == vgg16_weights.TITLE]
    assert theirs == [("block1_conv1", (32, 32, 64)), ("block5_conv3", (2, 2, 512))]
    assert {one.label for one in maps} == {"a", "b", vgg16_weights.TITLE}


def test_without_weights_and_without_another_network_the_problem_is_told(transferred):
    found = transferred(["first_maps"], extractor="imagenet")
    assert vgg16_weights.FILE in prepare_all(found)["transfer"]
    assert len({one.label for one in read_maps(found)[1]}) == 2  # the runs' maps are there all the same


@pytest.mark.parametrize("name", ["A13", "A14", "A16", "A17"])
def test_the_reports_recipes_name_extractors_that_exist_at_every_scale(name):
    recipe = recipes().get(name)
    for scale in ("smoke", "lecture", "full"):
        options = recipe.options_at(scale)
        labels = {variant.label for variant in recipe.chosen(scale)}
        assert options["extractor"] in labels | {"imagenet"}
        assert options.get("instead", options["extractor"]) in labels | {"imagenet"}
