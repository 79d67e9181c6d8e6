"""The Convolution lab in Streamlit's own test harness: what Python chooses and hands to the picture."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.kernels import PRESETS

_MAIN = Path(__file__).resolve().parents[2] / "cnnviz/ui/main.py"


def page(**link: str) -> AppTest:
    at = AppTest.from_file(_MAIN, default_timeout=60).run()
    at.switch_page("../../pages/convolution_lab.py")
    for key, value in link.items():
        at.query_params[key] = value
    return at.run()


def handed(at: AppTest) -> dict:
    """What the picture is given."""
    assert not at.exception, at.exception
    (stage,) = [one for one in at.get("bidi_component") if one.proto.component_name == "cnnviz_convolution"]
    return json.loads(stage.proto.json)


def test_it_opens_with_a_real_image_and_a_kernel(runs_dir):
    data = handed(page())
    assert (data["height"], data["width"], data["channels"]) == (16, 16, ["grey"])
    assert data["steps"][0]["weights"] == [PRESETS["sobel-x"].weights.tolist()]


@pytest.mark.parametrize("name", PRESETS)
def test_every_kernel_made_by_hand_is_handed_over(runs_dir, name):
    (step,) = handed(page(lab_kernel=name))["steps"]
    assert step["weights"] == [PRESETS[name].weights.tolist()]
    assert step["does"] == PRESETS[name].does
