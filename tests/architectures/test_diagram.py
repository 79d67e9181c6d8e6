"""The figures of a network: every layer once, in order, nothing over anything else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from cnnviz.architectures import ARCHITECTURES, NetworkSummary, make, summarise
from cnnviz.figures.architecture_figures import (
    WIDTH,
    clickable,
    cost_bars,
    cost_figure,
    diagram,
    diagram_figure,
)
from cnnviz.specs import ArchitectureSpec
from tests.architectures import networks


def cifar(name: str, **parameters: object) -> NetworkSummary:
    return summarise(make(name, **parameters), (32, 32, 3), 10)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_layer_is_drawn_once_from_left_to_right(name: str) -> None:
    summary = cifar(name)
    plan = diagram(summary)
    assert [box.name for box in plan.boxes] == ["image", *(layer.name for layer in summary.layers)]
    for left, right in pairwise(plan.boxes):
        assert left.x + left.width <= right.x


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_labels_stand_apart_and_the_whole_fits_the_page(name: str) -> None:
    plan = diagram(cifar(name))
    for left, right in pairwise(plan.labels):
        half = [3.8 * max(len(line) for line in label.lines) for label in (left, right)]
        assert left.x + half[0] <= right.x - half[1] + 2
    assert plan.width <= 1.12 * WIDTH
    assert plan.labels[0].lines[0] == "image"
    assert plan.labels[-1].lines == ("softmax", "10")


def test_equal_convolutions_share_a_label() -> None:
    titles = [label.lines[:2] for label in diagram(cifar("vgg16")).labels]
    assert ("2× conv 3×3", "32×32×64") in titles
    assert ("3× conv 3×3", "8×8×256") in titles


def test_larger_maps_are_taller_and_more_of_them_thicker() -> None:
    boxes = {box.name: box for box in diagram(cifar("deep-pairs")).boxes}
    assert boxes["block1_conv1"].height > boxes["block2_conv1"].height > boxes["block3_conv1"].height
    assert boxes["block1_conv1"].width < boxes["block2_conv1"].width < boxes["block3_conv1"].width


def test_kinds_without_a_label_are_in_the_legend() -> None:
    assert [kind.title for kind in diagram(cifar("two-pairs")).legend] == ["dropout"]
    assert "pooling" in [kind.title for kind in diagram(cifar("vgg16")).legend]


def test_a_click_finds_its_layer_and_the_pointer_tells_everything() -> None:
    plan = diagram(cifar("two-pairs"))
    trace = diagram_figure(plan).data[0]
    names = clickable(plan)
    assert len(trace.x) == len(names)
    for x, y, name, hover in zip(trace.x, trace.y, names, trace.hovertext, strict=True):
        box = next(box for box in plan.boxes if box.name == name)
        assert box.x <= x <= box.x + box.width
        assert abs(y) <= box.height / 2
        assert f"<b>{name}</b>" in hover
    dense = trace.hovertext[names.index("dense1")]
    assert "1,180,160 parameters" in dense
    assert "the whole image" in dense


def test_the_selected_layer_alone_is_framed() -> None:
    widths = [
        shape.line.width for shape in diagram_figure(diagram(cifar("lenet")), selected="dense1").layout.shapes
    ]
    assert sorted(set(widths)) == [1, 3]
    assert widths.count(3) == 1  # a dense layer has one face


@networks.often(60)
@given(spec=networks.architectures())
def test_every_network_can_be_drawn(spec: ArchitectureSpec) -> None:
    summary = summarise(spec, (networks.LARGEST, networks.LARGEST + 50, 2), 3)
    figure = diagram_figure(diagram(summary), selected="softmax", dark=True)
    assert len(figure.layout.shapes) >= len(summary.layers)
    assert cost_figure(summary).data


def test_cost_bars_add_up_to_the_whole() -> None:
    summary = cifar("batch-norm")
    for what, total in (("params", summary.total_params), ("macs", summary.macs)):
        bars = cost_bars(summary, what)
        assert sum(bar.value for bar in bars) == total
        assert sum(bar.share for bar in bars) == pytest.approx(1)


def test_both_cost_charts_have_titles_and_units() -> None:
    figure = cost_figure(cifar("two-pairs"))
    assert figure.layout.title.text
    assert figure.layout.xaxis.title.text == "parameters"
    assert figure.layout.xaxis2.title.text == "multiply-adds of one image"
    assert "1,180,160 · 94.3 %" in figure.data[0].text
