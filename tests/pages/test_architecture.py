"""The Architecture page, run as a script: every view of every network, its links and its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.architectures import ARCHITECTURES, make, summarise
from cnnviz.figures.architecture_figures import clickable, diagram
from cnnviz.ui import show
from cnnviz.ui.architecture import layer_view
from cnnviz.ui.architecture.architecture_page import CODE, COMPARE, COST, LAYERS, VIEWS
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


@pytest.fixture(autouse=True)
def _own_folders(runs_dir: Path, data_dir: Path, cache_dir: Path) -> None:
    """No runs and no data: nothing on this page needs any."""


def page(**link: str) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    test.query_params.update(link)
    test.run()
    return test.switch_page("../../pages/architecture.py").run()


def said(test: AppTest) -> str:
    html = "".join(element.proto.body for element in test.get("html"))
    return html + "\n".join(element.value for element in (*test.markdown, *test.caption, *test.warning))


def table(test: AppTest) -> Any:
    return test.dataframe[0].value


@pytest.mark.parametrize(
    ("name", "view"), [*((name, LAYERS) for name in ARCHITECTURES), *(("vgg16", view) for view in VIEWS[1:])]
)
def test_every_network_and_every_view_is_shown(name: str, view: str) -> None:
    test = page(network=name, dataset="shapes", view=view)
    assert not test.exception
    assert not test.warning


def test_the_table_of_a3_has_its_numbers(cifar_link: dict[str, str]) -> None:
    frame = table(page(**cifar_link))
    rows = {row["Layer"]: row for _, row in frame.iterrows()}
    assert rows["dense1"]["Parameters"] == "1,180,160"
    assert rows["block1_conv2"]["Output"] == "30×30×32"
    assert rows["block1_conv2"]["Sees"] == "5 px"


@pytest.fixture
def cifar_link() -> dict[str, str]:
    """Shapes have CIFAR-10's form, 32×32×3 and 10 classes, and need no file."""
    return {"dataset": "shapes", "network": "two-pairs"}


def test_the_largest_layer_is_chosen_at_first_and_worked_out(cifar_link: dict[str, str]) -> None:
    text = said(page(**cifar_link))
    assert "512·(2304 + 1) = 1,180,160" in text
    assert "94.3 %" in text


def test_a_layer_in_the_link_is_chosen(cifar_link: dict[str, str]) -> None:
    text = said(page(**cifar_link, layer="block1_conv1"))
    assert "32·3²·3 + 32 = 896" in text
    assert "512·(2304 + 1)" not in text.split("dense1 holds")[0]


def test_an_unknown_layer_in_the_link_does_no_harm(cifar_link: dict[str, str]) -> None:
    test = page(**cifar_link, layer="block9_conv9")
    assert not test.exception
    assert "512·(2304 + 1) = 1,180,160" in said(test)


def test_choosing_a_layer_shows_its_working(cifar_link: dict[str, str]) -> None:
    test = page(**cifar_link)
    test.selectbox("layer_select").select("softmax").run()
    assert "10·(512 + 1) = 5,130" in said(test)


def test_a_click_on_a_block_chooses_its_layer(cifar_link: dict[str, str]) -> None:
    names = clickable(diagram(summarise(make("two-pairs"), (32, 32, 3), 10)))
    click = {"points": [{"curve_number": 0, "point_index": names.index("block2_conv1")}]}
    assert layer_view.block_of(click, names) == "block2_conv1"
    assert layer_view.block_of({"points": [{"curve_number": 1, "point_index": 0}]}, names) is None
    assert layer_view.block_of({"points": []}, names) is None


def test_3x3_stands_beside_5x5_at_first_with_the_reason(cifar_link: dict[str, str]) -> None:
    text = said(page(**cifar_link, view=COMPARE))
    for part in ("3×3 kernels · 1,250,858", "5×5 kernels · 1,006,634", "244,224 parameters fewer", "≠"):
        assert part in text


@pytest.mark.parametrize(
    ("name", "kernels"), [("small-strided", (3, 2)), ("lenet", (5, 3)), ("batch-norm", (3, 5))]
)
def test_the_second_kernel_size_is_one_that_fits(name: str, kernels: tuple[int, int]) -> None:
    text = said(page(dataset="shapes", network=name, view=COMPARE))
    for kernel in kernels:
        assert f"{kernel}×{kernel} kernels · " in text


def test_any_other_network_can_stand_beside(cifar_link: dict[str, str]) -> None:
    text = said(page(**cifar_link, view=COMPARE, other="strides-or-pooling"))
    assert "Strides or pooling, 3×3 · 37,146" in text
    assert "not in this network" in text


def test_a_second_network_that_cannot_be_is_explained(cifar_link: dict[str, str]) -> None:
    test = page(**cifar_link, view=COMPARE)
    kernel = next(item for item in test.number_input if str(item.key).startswith("second."))
    kernel.set_value(31).run()
    assert not test.exception
    assert "cannot slide a 31×31 kernel" in said(test)


def test_a_network_too_large_for_its_images_is_shown_for_larger_ones() -> None:
    test = page(dataset="digits", network="vgg16")
    assert not test.exception
    assert show.plain("block5_pool") in said(test)
    assert "images of at least 32×32" in said(test)
    assert len(table(test)) == len(make("vgg16").layers)


def test_a_kernel_larger_than_every_image_is_shown_for_the_smallest_that_fits() -> None:
    test = page(dataset="shapes", network="two-pairs", **{"two-pairs.kernel_size": "40"})
    assert not test.exception
    assert "Below, the same network for 121×121 images" in said(test)
    assert len(table(test)) == 12


def test_a_huge_network_is_refused_with_its_reason() -> None:
    test = page(
        dataset="shapes",
        network="one-convolution",
        **{"one-convolution.filters": "4096", "one-convolution.dense": "65536"},
    )
    assert not test.exception
    assert "at most 500,000,000 are allowed" in said(test)


def test_the_code_follows_the_sidebar(cifar_link: dict[str, str]) -> None:
    test = page(**cifar_link, view=CODE, epochs="7", optimizer="SGD")
    assert "epochs=7" in test.code[0].value
    assert "keras.optimizers.SGD" in test.code[0].value
    test.toggle("code_training").set_value(False).run()
    assert "epochs" not in test.code[0].value


def test_the_cost_view_says_where_the_work_is(cifar_link: dict[str, str]) -> None:
    text = said(page(**cifar_link, view=COST))
    assert "dense1 holds 1,180,160" in text
    assert "Most of the work is done by block1_conv2" in text


def test_the_default_view_is_the_layers() -> None:
    assert VIEWS[0] == LAYERS
