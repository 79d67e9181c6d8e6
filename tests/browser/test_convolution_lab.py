"""The Convolution lab in a real browser: what its script computes is what `cnnviz.convolution` computes."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.convolution import EDGES, SHARPEN, Padding, convolve, pool
from cnnviz.kernels import PRESETS
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec
from cnnviz.ui.lab.lab_stage import EXAMPLES
from tests.browser.steps import keyed, no_failure, open_page, quiet
from tests.present import present

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
_SOBEL = PRESETS["sobel-x"].weights


def image(name: str = "digits", index: int = 0) -> np.ndarray:
    """A test image as numbers, shape (H, W, C)."""
    data = datasets.load(DatasetSpec(name=name))
    return data.full_test.images_at([index])[0].astype(np.float64)


def lab(page: Page, **link: object) -> Locator:
    """Open the page with a link; the picture, once it is drawn."""
    query = "&".join(f"lab_{key}={value}" for key, value in link.items())
    open_page(page, f"/convolution-lab?{query}")
    stage = keyed(page, "lab_stage")
    expect(stage.locator("canvas").first).to_be_visible()
    return stage


def output(stage: Locator, step: int = 0) -> np.ndarray:
    """What the script has computed, shape (C, H, W)."""
    return present(output_if_possible(stage, step))


def output_if_possible(stage: Locator, step: int = 0) -> np.ndarray | None:
    """The same; None where the settings are impossible."""
    script = f"""canvas => {{ const found = canvas.getRootNode().lab.output({step});
        return found && [found.channels, found.height, found.width, [...found.values]]; }}"""
    found = stage.locator("canvas").first.evaluate(script)
    return None if found is None else np.array(found[3]).reshape(found[:3])


def result(stage: Locator) -> float:
    """The number that the arithmetic below the picture ends in."""
    told = stage.locator(".terms").get_attribute("data-result")
    (value,) = json.loads(told or "[]")
    return float(value)


class Slide(NamedTuple):
    """How a kernel slides."""

    stride: int = 1
    padding: Padding = "valid"
    dilation: int = 1


SLIDES = (
    Slide(),
    Slide(stride=2),
    Slide(stride=3, padding="same"),
    Slide(padding="same"),
    Slide(dilation=2),
    Slide(dilation=3, padding="same"),
    Slide(stride=2, dilation=2, padding="same"),
)


def choose(stage: Locator, slide: Slide) -> None:
    """Set stride, padding and dilation in the picture."""
    stage.get_by_role("button", name="same" if slide.padding == "same" else "none").click()
    stage.get_by_role("textbox", name="stride").fill(str(slide.stride))
    stage.get_by_role("textbox", name="dilation").fill(str(slide.dilation))


def choose_kernel(page: Page, stage: Locator, title: str) -> None:
    """Choose a kernel by its title, beside the picture."""
    field = keyed(page, "lab_kernel_select").locator("input")
    field.fill(title)
    field.press("Enter")
    expect(stage.locator(".kernel b").first).to_have_text(title)


def test_one_channel_is_convolved_as_in_python(page: Page) -> None:
    stage = lab(page, kernel="sobel-x")
    for kernel in (PRESETS["sobel-x"], PRESETS["gabor-45"]):
        if kernel.title not in stage.locator(".kernel b").first.inner_text():
            choose_kernel(page, stage, kernel.title)
        for slide in SLIDES:
            choose(stage, slide)
            expected = convolve(image()[..., 0], kernel.weights, **slide._asdict())
            np.testing.assert_allclose(output(stage), expected[None], atol=1e-9, err_msg=str(slide))
            height = f"= {expected.shape[0]}"
            expect(stage.locator(".formula")).to_contain_text(height)


def test_all_channels_are_added_to_one_map(page: Page) -> None:
    stage = lab(page, image="shapes", kernel="laplacian", padding="same", bias="2.5")
    kernel = np.repeat(PRESETS["laplacian"].weights[..., None], 3, axis=2)
    channels = image("shapes")
    padded = np.pad(channels, ((1, 1), (1, 1), (0, 0)))
    expected = convolve(padded, kernel, bias=2.5)[..., 0]
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)
    stage = lab(page, image="shapes", channel="green", kernel="laplacian")
    expected = convolve(channels[..., 1], PRESETS["laplacian"].weights)
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)


POOLINGS: tuple[tuple[int, int, Padding], ...] = (
    (2, 2, "valid"),
    (3, 2, "valid"),
    (3, 2, "same"),
    (5, 1, "same"),
)


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_is_done_as_in_python(page: Page, kind: Literal["max", "average"]) -> None:
    stage = lab(page, operation=kind, image="shapes")
    channels = image("shapes")
    for size, stride, padding in POOLINGS:
        stage.get_by_role("textbox", name="size").fill(str(size))
        stage.get_by_role("textbox", name="stride").fill(str(stride))
        stage.get_by_role("button", name="none" if padding == "valid" else "same").click()
        expected = [pool(channels[..., c], size, kind, stride=stride, padding=padding) for c in range(3)]
        np.testing.assert_allclose(output(stage), np.stack(expected), atol=1e-9)


def test_the_second_kernel_works_on_the_first_output(page: Page) -> None:
    stage = lab(page, kernel="laplacian-diagonal", then="bright-sharpen", look=2)
    first = convolve(image()[..., 0], EDGES)
    np.testing.assert_allclose(output(stage), first[None], atol=1e-9)
    np.testing.assert_allclose(output(stage, 1), convolve(first, SHARPEN)[None], atol=1e-9)
    expect(stage).to_contain_text("each sees 5 × 5 of the input")


def test_a_kernel_after_pooling_adds_the_channels(page: Page) -> None:
    stage = lab(page, image="shapes", operation="max", then="sobel-y", look=2)
    channels = image("shapes")
    pooled = [pool(channels[..., c]) for c in range(3)]
    np.testing.assert_allclose(output(stage), np.stack(pooled), atol=1e-9)
    expected = sum(convolve(one, PRESETS["sobel-y"].weights) for one in pooled)
    np.testing.assert_allclose(output(stage, 1)[0], expected, atol=1e-9)


def test_the_window_moves_by_button_key_and_click_with_its_arithmetic(page: Page) -> None:
    stage = lab(page, at=0)
    expected = convolve(image()[..., 0], _SOBEL)
    across = expected.shape[1]
    assert result(stage) == pytest.approx(expected[0, 0])

    stage.get_by_role("button", name="Step (right)").click()
    assert result(stage) == pytest.approx(expected[0, 1])
    canvas = stage.get_by_role("slider", name="Window on the image")
    canvas.press("ArrowDown")
    assert result(stage) == pytest.approx(expected[1, 1])
    expect(stage.locator(".where")).to_have_text(f"{across + 2} of {expected.size} · row 2, column 2")
    texts = stage.locator(".cells b").all_inner_texts()
    products = [float(text.removeprefix("= ").replace("−", "-")) for text in texts]
    assert sum(products) == pytest.approx(expected[1, 1])
    canvas.press("End")
    assert result(stage) == pytest.approx(expected[-1, -1])
    canvas.press("Home")
    assert result(stage) == pytest.approx(expected[0, 0])

    box = stage.get_by_role("slider", name="Output", exact=True).bounding_box()
    assert box
    cell = box["width"] / across
    page.mouse.click(box["x"] + 4.5 * cell, box["y"] + 2.5 * cell)
    assert result(stage) == pytest.approx(expected[2, 4])
    expect(page).to_have_url(re.compile(rf"lab_at={2 * across + 4}(&|$)"))


def test_it_plays_without_asking_the_server(page: Page) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    stage = lab(page, at=0)
    stage.get_by_label("Speed").select_option("200")
    sent.clear()
    stage.get_by_role("button", name="Play (space)").click()
    expect(stage.locator(".where")).to_contain_text("196 of 196")
    assert sent == []
    expect(stage.get_by_role("button", name="Play (space)")).to_be_visible()


@pytest.mark.parametrize(
    ("link", "control", "reason"),
    [
        ({"dilation": 8}, "dilation", "reaches over 8 · (3 − 1) + 1 = 17 pixels, the image has only 16"),
        ({"operation": "max", "size": 17}, "size", "reaches over 17 pixels, the image has only 16"),
    ],
)
def test_an_impossible_setting_turns_red_and_says_why(
    page: Page, link: dict[str, str | int], control: str, reason: str
) -> None:
    stage = lab(page, **link)
    expect(stage.get_by_role("alert")).to_contain_text(reason)
    expect(stage.get_by_role("textbox", name=control)).to_have_attribute("aria-invalid", "true")
    assert output_if_possible(stage) is None
    stage.get_by_role("button", name="same").click()
    expect(stage.get_by_role("alert")).to_be_hidden()
    assert output_if_possible(stage) is not None
    no_failure(page)


def test_an_even_kernel_is_refused_and_an_odd_one_keeps_the_weights(page: Page) -> None:
    stage = lab(page)
    size = stage.get_by_role("textbox", name="size")
    size.fill("4")
    expect(stage.get_by_role("alert")).to_contain_text("no middle pixel")
    size.fill("5")
    expected = convolve(image()[..., 0], np.pad(_SOBEL, 1))
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)


def test_an_edited_weight_takes_effect_at_once_and_stays_in_the_link(page: Page) -> None:
    stage = lab(page)
    stage.get_by_role("textbox", name="Weight in row 2, column 2").fill("1/2")
    kernel = _SOBEL.copy()
    kernel[1, 1] = 0.5
    expected = convolve(image()[..., 0], kernel)
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)
    expect(page).to_have_url(re.compile("lab_kernel=own"))
    page.reload()
    quiet(page)
    expect(stage.locator("canvas").first).to_be_visible()
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)
    stage.get_by_role("textbox", name="Weight in row 1, column 1").fill("much")
    expect(stage.get_by_role("textbox", name="Weight in row 1, column 1")).to_have_attribute(
        "aria-invalid", "true"
    )
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)


def test_weights_are_typed_as_text_of_any_size(page: Page) -> None:
    stage = lab(page, image="shapes", channel="green")
    pixels = image("shapes")[..., 1]
    stage.get_by_role("button", name="as text").click()
    text = stage.get_by_role("textbox", name="All weights, one row a line")
    expect(text).to_have_value("-1 0 1\n-2 0 2\n-1 0 1")
    text.fill("[[1, 0], [0, -1]]")
    np.testing.assert_allclose(output(stage), convolve(pixels, np.array([[1, 0], [0, -1]]))[None], atol=1e-9)
    text.fill("1 2\n3")
    expect(stage.get_by_role("alert")).to_have_text("Row 2 has 1 number, row 1 has 2.")

    large = np.random.default_rng(0).integers(-5, 6, (21, 21)).astype(float)
    text.fill("\n".join(" ".join(f"{weight:g}" for weight in row) for row in large))
    stage.get_by_role("button", name="as text").click()
    stage.get_by_role("slider", name="Chosen weight").press("ArrowLeft")
    stage.get_by_role("textbox", name="Value of the chosen weight").fill("7.5")
    large[10, 9] = 7.5
    for slide in (Slide(), Slide(padding="same", stride=2), Slide(padding="same", dilation=2)):
        choose(stage, slide)
        expected = convolve(pixels, large, **slide._asdict())
        np.testing.assert_allclose(output(stage), expected[None], atol=1e-9, err_msg=str(slide))
    expect(stage.locator("canvas.summary")).to_be_visible()
    expect(stage.locator(".terms")).to_contain_text("sum of 441 products")


def test_another_kernel_is_taken_at_once_after_a_step(page: Page) -> None:
    stage = lab(page)
    stage.get_by_role("button", name="Step (right)").click()
    stage.get_by_role("textbox", name="stride").fill("2")
    choose_kernel(page, stage, "Emboss")
    expected = convolve(image()[..., 0], PRESETS["emboss"].weights, stride=2)
    np.testing.assert_allclose(output(stage), expected[None], atol=1e-9)
    expect(page).to_have_url(re.compile("lab_stride=2"))


def test_pointing_at_a_term_shows_its_weight(page: Page) -> None:
    stage = lab(page)
    stage.locator(".cells span").nth(5).hover()
    expect(stage.get_by_role("textbox", name="Weight in row 2, column 3")).to_have_class("pointed")
    expect(stage.locator(".weights .pointed")).to_have_count(1)


@pytest.mark.parametrize(
    "link", [{}, {"image": "shapes", "padding": "same"}, {"then": "laplacian"}, {"operation": "max"}], ids=str
)
def test_picture_controls_and_arithmetic_are_seen_without_scrolling(page: Page, link: dict[str, str]) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    stage = lab(page, **link)
    parts = [stage.locator(part) for part in (".bar", ".panels", ".player", ".terms")]
    for part in parts:
        box = present(part.bounding_box())
        assert box["x"] + box["width"] <= 1920, part
        assert box["y"] + box["height"] <= 1080, part
    page.set_viewport_size({"width": 1280, "height": 800})
    inside = """part => {
        const box = part.getBoundingClientRect();
        return box.width > 0 && box.right <= 1280 && box.bottom <= 800; }"""
    for part in parts:
        # It is laid out anew after the window has become smaller.
        page.wait_for_function(inside, arg=part.element_handle())


def test_one_two_and_three_dimensions_are_exact_and_step_together(page: Page) -> None:
    open_page(page, "/convolution-lab?lab_look_at=dimensions")
    stage = keyed(page, "lab_dimensions")
    stage.get_by_role("button", name="To the last (End)").click()
    expect(stage.locator(".where")).to_have_text("8 of 8")
    sums = stage.locator(".sum b").all_inner_texts()
    for example, shown in zip(EXAMPLES, sums, strict=True):
        expected = convolve(example.values, example.kernel).ravel()
        assert float(shown.replace("−", "-")) == expected[-1]
    found = stage.locator(".lab").evaluate("root => root.getRootNode().lab.outputs.map(one => one.values)")
    for example, values in zip(EXAMPLES, found, strict=True):
        assert values == convolve(example.values, example.kernel).ravel().tolist()


@pytest.fixture
def run(app_folders: dict[str, str]) -> Iterator[tuple[str, np.ndarray]]:
    """A run with random weights, and what its first convolution makes of a test image; removed again."""
    dataset, spec = DatasetSpec(name="shapes"), architectures.make("two-pairs")
    facts = datasets.facts(dataset)
    model = build_model(spec, facts.input_shape, len(facts.class_names))
    directory = RunDirectory.create(
        Path(app_folders["CNNVIZ_RUNS_DIR"]), ExperimentSpec(dataset=dataset, architecture=spec), name="lab"
    )
    model.save(directory.model_path)
    directory.set_status(state="done")
    layer = model.get_layer("block1_conv1")
    maps = np.asarray(layer(image("shapes")[None].astype("float32") / 255))[0]
    yield directory.id, maps
    shutil.rmtree(directory.path)


def test_a_learned_kernel_gives_the_networks_own_map(page: Page, run: tuple[str, np.ndarray]) -> None:
    run_id, maps = run
    stage = lab(page, image="shapes", kernel="learned", run=run_id, layer="block1_conv1", map=4, relu=1)
    expect(stage).to_contain_text("block1_conv1, map 4")
    np.testing.assert_allclose(output(stage), maps[None, ..., 3], atol=1e-5)
    no_failure(page)
