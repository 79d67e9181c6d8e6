"""The Convolution lab in Streamlit's own test harness: what Python chooses and hands to the picture."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import datasets
from cnnviz.errors import ImageError
from cnnviz.kernels import PRESETS
from cnnviz.reports.library import recipes
from cnnviz.runs import list_runs
from cnnviz.specs import DatasetSpec
from cnnviz.ui.lab import lab_links, lab_picture
from cnnviz.ui.lab.lab_links import EXAMPLES
from tests.pages.finished_runs import finished
from tests.patience import PATIENCE

_MAIN = Path(__file__).resolve().parents[2] / "cnnviz/ui/main.py"


def page(**link: str) -> AppTest:
    at = AppTest.from_file(_MAIN, default_timeout=PATIENCE).run()
    at.switch_page("../../pages/convolution_lab.py")
    for key, value in link.items():
        at.query_params[key] = value
    return at.run()


def handed(at: AppTest, component: str = "cnnviz_convolution") -> dict[str, Any]:
    """What the picture is given."""
    assert not at.exception, at.exception
    (stage,) = [one for one in at.get("bidi_component") if one.proto.component_name == component]
    return json.loads(stage.proto.json)


def pixels(data: dict[str, Any]) -> np.ndarray:
    raw = np.frombuffer(base64.b64decode(data["pixels"]), np.uint8)
    return raw.reshape(data["height"], data["width"], len(data["channels"]))


def test_it_opens_with_a_real_image_and_a_kernel(runs_dir):
    data = handed(page())
    images = datasets.load(DatasetSpec(name="digits")).full_test
    np.testing.assert_array_equal(pixels(data), images.images_at([0])[0])
    assert data["steps"][0]["weights"] == [PRESETS["sobel-x"].weights.tolist()]


@pytest.mark.parametrize("name", PRESETS)
def test_every_kernel_made_by_hand_is_handed_over(runs_dir, name):
    (step,) = handed(page(lab_kernel=name))["steps"]
    assert step["weights"] == [PRESETS[name].weights.tolist()]
    assert step["does"] == PRESETS[name].does


def test_image_split_number_and_channel_stand_in_the_link(runs_dir):
    data = handed(page(lab_image="shapes", lab_split="train", lab_number="3", lab_channel="green"))
    images = datasets.load(DatasetSpec(name="shapes")).full_train
    np.testing.assert_array_equal(pixels(data), images.images_at([3])[0][..., 1:2])
    assert data["channels"] == ["green"]


def test_all_channels_get_weights_of_their_own(runs_dir):
    data = handed(page(lab_image="shapes", lab_kernel="emboss"))
    assert data["channels"] == ["red", "green", "blue"]
    assert data["steps"][0]["weights"] == [PRESETS["emboss"].weights.tolist()] * 3


def test_settings_and_own_weights_stand_in_the_link(runs_dir):
    link = {
        "lab_kernel": "own",
        "lab_weights": "1,2,3;4,5,6;7,8,9.5",
        "lab_stride": "2",
        "lab_padding": "same",
        "lab_dilation": "3",
        "lab_relu": "1",
        "lab_bias": "-0.5",
        "lab_at": "7",
        "lab_fill": "1",
    }
    data = handed(page(**link))
    (step,) = data["steps"]
    assert step["weights"] == [[[1, 2, 3], [4, 5, 6], [7, 8, 9.5]]]
    found = {name: step[name] for name in ("stride", "padding", "dilation", "relu", "bias")}
    assert found == {"stride": 2, "padding": "same", "dilation": 3, "relu": 1, "bias": -0.5}
    assert (data["at"], data["fill"]) == (7, 1)


def test_nonsense_in_the_link_is_the_usual(runs_dir):
    link = {
        "lab_image": "nowhere",
        "lab_kernel": "own",
        "lab_weights": "1,2;3",
        "lab_stride": "0",
        "lab_padding": "round",
        "lab_dilation": "x",
        "lab_number": "999999",
        "lab_look": "7",
        "lab_operation": "stir",
        "lab_bias": "inf",
    }
    data = handed(page(**link))
    (step,) = data["steps"]
    assert step["weights"] == [PRESETS["sobel-x"].weights.tolist()]
    assert (step["stride"], step["padding"], step["dilation"], step["bias"]) == (1, "valid", 1, 0)


def test_pooling_windows_do_not_overlap_unless_told_so(runs_dir):
    at = page(lab_image="matrix-4", lab_operation="max")
    (step,) = handed(at)["steps"]
    assert (step["operation"], step["weights"], step["size"], step["stride"]) == ("max", None, 2, 2)
    assert pixels(handed(at))[..., 0].tolist() == [[1, 3, 2, 1], [4, 6, 5, 0], [3, 1, 0, 2], [1, 2, 4, 8]]


def test_a_second_kernel_follows_the_first(runs_dir):
    first, second = handed(page(lab_kernel="laplacian-diagonal", lab_then="bright-sharpen"))["steps"]
    assert first["weights"] == [PRESETS["laplacian-diagonal"].weights.tolist()]
    assert second["weights"] == [PRESETS["bright-sharpen"].weights.tolist()]


def test_without_a_run_a_learned_kernel_says_what_to_do(runs_dir):
    at = page(lab_kernel="learned")
    assert "Train one" in "\n".join(element.value for element in at.markdown)
    assert handed(at)["steps"][0]["weights"]


def test_an_own_picture_is_made_small_and_that_is_said(runs_dir):
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (255, 0, 0)).save(out, "PNG")
    at = page()
    at.file_uploader(key="lab_own_upload").upload("sign.png", out.getvalue(), "image/png").run()
    data = handed(at)
    assert (data["height"], data["width"], data["channels"]) == (64, 64, ["red", "green", "blue"])
    assert (pixels(data) == (255, 0, 0)).all()
    assert "sign.png, made 64 × 64" in "\n".join(element.value for element in at.caption)
    at.selectbox(key="lab_image_select").set_value("shapes").run()
    assert handed(at)["height"] == 32


def test_an_own_picture_that_can_not_be_read_is_named_and_the_page_goes_on(runs_dir):
    at = page()
    at.file_uploader(key="lab_own_upload").upload("x.png", b"nonsense", "image/png").run()
    assert "no image" in "\n".join(element.value for element in at.warning)
    assert handed(at)["height"] == 16


def test_three_dimensions_are_a_look_of_their_own(runs_dir):
    rows = handed(page(lab_look_at="dimensions"), "cnnviz_dimensions")["rows"]
    assert [row["shape"] for row in rows] == [[1, 1, 10], [1, 4, 6], [4, 4, 4]]


@pytest.mark.parametrize("recipe", EXAMPLES)
def test_every_example_of_the_reports_opens(runs_dir, recipe):
    link = EXAMPLES[recipe]
    assert recipe in recipes().names()
    at = page(**link)
    assert not at.exception
    if "lab_kernel" in link and link["lab_kernel"] in PRESETS:
        assert handed(at)["steps"][0]["weights"][0] == PRESETS[link["lab_kernel"]].weights.tolist()


def test_a_learned_kernel_opens_as_its_layer_slides_it(runs_dir):
    finished(runs_dir, "five", kernel_size=5)
    (run,) = list_runs()
    link = lab_links.learned(run, "block2_conv2", 6, split="train", number=3)
    assert link
    found = {key.removeprefix("lab_"): value for key, value in link.items()}
    assert (found["run"], found["layer"], found["map"]) == (run.id, "block2_conv2", "7")
    assert (found["image"], found["split"], found["number"]) == ("digits", "train", "3")
    assert (found["stride"], found["padding"], found["relu"]) == ("1", "valid", "1")
    assert lab_links.learned(run, "dense1", 0, split="test", number=0) is None


def test_a_learned_kernel_of_even_size_is_offered_too(runs_dir):
    finished(runs_dir, "four", kernel_size=4)
    (run,) = list_runs()
    link = lab_links.learned(run, "block1_conv1", 0, split="test", number=0)
    assert link
    at = page(**link)
    assert "block1_conv1" in at.selectbox(key="lab_layer_select").options


def test_own_weights_that_the_link_does_not_hold_are_said_to_be_missing(runs_dir):
    (step,) = handed(page(lab_kernel="own"))["steps"]
    assert "no own weights" in step["does"]


def test_own_weights_of_three_channels_stay_with_their_channel(runs_dir):
    link = {"lab_image": "shapes", "lab_kernel": "own", "lab_weights": "1|2|3"}
    assert handed(page(**link))["steps"][0]["weights"] == [[[1]], [[2]], [[3]]]
    assert handed(page(**link, lab_channel="green"))["steps"][0]["weights"] == [[[2]]]


def test_one_click_brings_the_start_back(runs_dir):
    at = page(lab_image="shapes", lab_kernel="emboss", lab_stride="3", lab_channel="red")
    at.button(key="lab_again").click().run()
    data = handed(at)
    assert (data["height"], data["steps"][0]["stride"]) == (16, 1)
    assert data["steps"][0]["weights"] == [PRESETS["sobel-x"].weights.tolist()]
    assert not any(key.startswith("lab_") for key in at.query_params)


def test_own_weights_begin_with_those_that_were_shown(runs_dir):
    at = page(lab_kernel="emboss")
    at.selectbox(key="lab_kernel_select").set_value("own").run()
    assert handed(at)["steps"][0]["weights"] == [PRESETS["emboss"].weights.tolist()]
    assert at.query_params["lab_weights"] == "-2,-1,0;-1,1,1;0,1,2"


def test_another_operation_starts_with_its_own_stride(runs_dir):
    at = page(lab_stride="3")
    at.button_group(key="lab_operation_segments").set_value("max").run()
    assert handed(at)["steps"][0]["stride"] == 2


def test_own_numbers_stand_in_the_link_and_nonsense_is_named(runs_dir):
    at = page(lab_image="typed", lab_numbers="1 2 3; 4,5,60")
    assert pixels(handed(at))[..., 0].tolist() == [[1, 2, 3], [4, 5, 60]]
    assert handed(at)["highest"] == 60
    at.text_input(key="lab_numbers").set_value("1 2; 3").run()
    assert "these have 2, 1" in "\n".join(element.value for element in at.warning)
    assert handed(at)["height"] == 8


@pytest.mark.parametrize("text", ["", ";", "1 2; 3 256", "1 x", "-1", "1.5", " ".join("1" * 17)])
def test_what_is_no_matrix_of_pixels_is_refused(text):
    with pytest.raises(ImageError):
        lab_picture.read_numbers(text)
