"""The looks Time-lapse, Weights and Kernels of the Feature maps page, on a run that a worker has trained."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence
from streamlit.testing.v1 import AppTest

from cnnviz.runs import RunDirectory, load_summary, snapshots
from cnnviz.ui.timelapse import timelapse
from cnnviz.ui.timelapse.film import film
from tests.keras_once import lend
from tests.patience import PATIENCE
from tests.trained_runs import train

_MAIN = Path(__file__).resolve().parents[2] / "cnnviz/ui/main.py"


@pytest.fixture(scope="module")
def trained(tmp_path_factory, prepared_process):
    root = tmp_path_factory.mktemp("trained")
    lend(prepared_process, root)
    return train(root, "small")


@pytest.fixture
def run(trained, runs_dir) -> RunDirectory:
    """The trained run in a folder of this test's own."""
    shutil.copytree(trained.path, runs_dir / trained.id)
    return RunDirectory.open(runs_dir / trained.id)


def page(run: RunDirectory, **link: str) -> AppTest:
    at = AppTest.from_file(_MAIN, default_timeout=PATIENCE).run()
    at.switch_page("../../pages/feature_maps.py")
    for key, value in {"run": run.id, **link}.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception, at.exception
    return at


def texts(at: AppTest) -> str:
    found = [*at.markdown, *at.caption, *at.warning]
    return "\n".join(element.value for element in found) + "\n".join(h.proto.body for h in at.get("html"))


def frames(picture: Image.Image) -> int:
    return len(list(ImageSequence.Iterator(picture)))


def lapse(at: AppTest) -> dict[str, Any]:
    """What the browser is given of the first run."""
    component = next(one for one in at.get("bidi_component") if "lapse" in one.proto.component_name)
    return json.loads(component.proto.json)["runs"][0]


def test_the_browser_gets_all_epochs_at_once(run):
    data = lapse(page(run, look="time"))
    assert data["epochs"] == [0, 1, 2, 3]
    assert (data["kernels"]["count"], data["maps"]["count"]) == (4, 4)
    assert data["maps"]["label"].startswith("block1_conv1")
    assert data["seen"] == [40] * 4
    assert data["images"] == "validation"
    assert [line["val_accuracy"] for line in data["curve"]] == [
        None,
        *(epoch.val_accuracy for epoch in run.epochs()),
    ]


def test_another_layer_and_scale_stand_in_the_link(run):
    at = page(run, look="time", lapse_layer="block2_conv2", lapse_colours="each")
    assert lapse(at)["maps"]["label"] == "block2_conv2: 6 maps, kept for the first image"
    assert "Of each epoch these answers are kept, not its weights." in texts(at)
    assert at.session_state["lapse_colours"] == "each"


def test_a_run_of_an_earlier_version_shows_what_it_has_and_says_what_it_lacks(run):
    for path in snapshots.files(run.snapshots_dir):
        with np.load(path) as arrays:
            kept = {name: arrays[name] for name in arrays.files if name[:4] in ("prob", "kern", "map_")}
        np.savez(path, allow_pickle=False, **kept)
    at = page(run, look="time")
    assert lapse(at)["confusion"] is None
    assert lapse(at)["kernels"]["count"] == 4
    assert "was trained before confusion matrices" in texts(at)
    for view in ("epochs", "silent"):
        assert "Train it again to see them too" in texts(page(run, look="weights", weights=view))


def test_a_damaged_epoch_is_left_out_with_a_message(run):
    (run.snapshots_dir / "epoch-0002.npz").write_bytes(b"nonsense")
    at = page(run, look="time")
    assert lapse(at)["epochs"] == [0, 1, 3]
    assert "epoch-0002.npz can't be read" in texts(at)


def test_without_snapshots_it_says_what_will_come(run):
    shutil.rmtree(run.snapshots_dir)
    assert "No snapshots yet" in texts(page(run, look="time"))


def test_every_moving_picture_has_a_frame_an_epoch(run):
    found = film(load_summary(run.path))
    assert found is not None
    kinds = timelapse.available(found, "block1_conv1")
    assert kinds == [timelapse.KERNELS, timelapse.MAPS, timelapse.CONFUSION]
    for what in kinds:
        for kind in ("gif", "png"):
            data = timelapse.moving(found, what, "block1_conv1", "all", kind)
            with Image.open(io.BytesIO(data)) as picture:
                assert (picture.format, frames(picture)) == (kind.upper(), 4), (what, kind)
    labels = {button.proto.label for button in page(run, look="time").get("download_button")}
    assert labels >= {"GIF", "Animated PNG"}


def test_dead_units_are_told_in_words(run):
    for path in snapshots.files(run.snapshots_dir):
        with np.load(path) as arrays:
            changed = {name: arrays[name] for name in arrays.files}
        changed |= {name: np.zeros_like(value) for name, value in changed.items() if name[:6] == "silent"}
        changed["silent_block2_conv2"][:2] = True
        np.savez(path, allow_pickle=False, **changed)
    words = texts(page(run, look="weights", weights="silent"))
    assert "**2 of 6** maps of block2_conv2 are dead on all 40 validation images." in words


def test_weights_are_shown_over_the_epochs_and_two_networks_on_the_same_axes(run):
    at = page(run, look="weights", weights="epochs")
    (chart,) = at.get("plotly_chart")
    assert "heatmap" in chart.proto.spec
    at = page(run, look="weights", run_b="untrained")
    (chart,) = at.get("plotly_chart")
    names = {trace.get("name") for trace in json.loads(chart.proto.spec)["data"]}
    assert names == {"small", "small, untrained"}


def test_learned_kernels_stand_beside_hand_made_ones_and_can_be_replaced_by_them(run):
    at = page(run, look="kernels", kernels="matched")
    assert "of 4** kernels are more like a hand-made one" in texts(at)
    at.button(key="hand_made_a").click().run()
    assert not at.exception
    at.run()
    assert (at.session_state["first"], at.session_state["freeze"]) == ("hand-made", "first")
    assert at.session_state["epochs"] == 3
    assert "40 of them frozen" in texts(at)


def test_kernels_made_by_hand_are_said_to_be(run):
    spec = json.loads((run.path / "spec.json").read_text())
    spec["experiment"]["training"] |= {"first_kernels": "hand-made", "freeze": "first"}
    (run.path / "spec.json").write_text(json.dumps(spec))
    at = page(run, look="kernels", kernels="matched")
    assert "were made by hand before training, and kept as they were" in texts(at)
    assert "hand_made_a" not in {button.key for button in at.button}


def test_kernels_can_be_sorted_by_strength(run):
    at = page(run, look="kernels", order="strength")
    tiles = [
        json.loads(one.proto.json) for one in at.get("bidi_component") if "tiles" in one.proto.component_name
    ]
    (grid,) = [given["tiles"] for given in tiles if given["kind"] == "sheet"]
    labels = [tile["hint"] for tile in grid]
    assert sorted(labels) == [f"kernel of map {i}" for i in (1, 2, 3, 4)]
