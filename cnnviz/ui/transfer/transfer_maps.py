"""The page Transfer, inside VGG16: first against last convolution, ImageNet's against a run's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import datasets, words
from cnnviz.figures.maps import maps_sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.layers import LayerMaps
from cnnviz.inspection.service import inspector
from cnnviz.runs import RunSummary
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.transfer_spec import IMAGENET, GetImagenetMaps, fitting, imagenet
from cnnviz.ui import cache, linked, navigation, show, state
from cnnviz.ui.asking import ask
from cnnviz.ui.components.tiles import map_grid
from cnnviz.ui.feature_maps import subjects
from cnnviz.ui.run_labels import run_lines, run_title
from cnnviz.ui.transfer.transfer_view import by_likeness

_NETWORK_KEY, _LEFT_KEY, _RIGHT_KEY = "vgg_network", "vgg_layer", "vgg_layer_b"
_BESIDE_KEY, _IMAGE_KEY = "vgg_beside", "vgg_image"
_SAME = "same"
_SIDE = 96  # pixels of the image, about


def render() -> None:
    """One image; a layer of ImageNet's VGG16 or of a run, and beside it another layer, or one of a run."""
    inspector().warm()
    data = cache.dataset(state.draft().dataset)
    weights = vgg16_weights.find()
    runs = {run.id: run for run in fitting(cache.run_list(), data.input_shape)}
    if weights is None:
        problem = vgg16_weights.missing_message().partition(", or choose")[0]
        instead = "Until then the maps of your own runs are shown." if runs else "Or train a network first."
        show.problem(f"{problem}. {instead}")
        if not runs:
            navigation.link("train", "Train a network")
            return
    names = run_lines(runs.values())
    if weights:
        names = {IMAGENET: vgg16_weights.TITLE, **names}
    columns = st.columns([0.85, 1.8, 1.3, 1.8, 1.3], vertical_alignment="bottom")
    with columns[0]:
        number = linked.number(
            "Image",
            0,
            len(data.full_train) - 1,
            key=_IMAGE_KEY,
            help="Its place among the training images, counted from 0.",
        )
    with columns[1]:
        # ImageNet's where its weights are here, else the run that would take its place.
        first = IMAGENET if weights else by_likeness(runs.values(), data.spec.name)[0].id
        network = linked.select(
            "Network", list(names), key=_NETWORK_KEY, default=first, names=names.__getitem__
        )
    with columns[3]:
        other = linked.select(
            "Beside it",
            [_SAME, *(name for name in names if name != network)],
            key=_BESIDE_KEY,
            default=_SAME,
            names=lambda name: names.get(name, "the same network"),
            help="Another layer of the same network, or another network that takes these images.",
        )
    image = data.full_train.images_at([number])[0]
    sides = [_Side(name, runs.get(name), image) for name in (network, network if other == _SAME else other)]
    left, right = (side.layers for side in sides)
    with columns[2]:
        layers = [linked.select("Layer", left, key=_LEFT_KEY, default=left[0])]
    with columns[4]:
        # The last convolution of the same network, but the first of another one.
        opposite = right[-1 if other == _SAME else 0]
        layers.append(linked.select("Layer beside it", right, key=_RIGHT_KEY, default=opposite))
    with show.row():
        label = data.class_names[int(data.full_train.labels[number])]
        with st.container(width=_SIDE + 16):
            png = grid_png(image[None], columns=1, scale=max(1, _SIDE // image.shape[0]), gap=0)
            show.sprite(png, key="transfer_image", alt=f"{label}, training image {number}")
        notes = ""
        if weights and any(side.run is None for side in sides):
            steps = vgg16_weights.adaptation((image.shape[0], image.shape[1], image.shape[2]))[1]
            notes = f" For VGG16 it is {steps}." if steps else ""
            if vgg16_weights.checksum(weights) != vgg16_weights.MD5:
                notes += " **The file of weights is not the official one: its checksum differs.**"
        with st.container():
            title = show.plain(datasets.entry(data.spec.name).title)
            st.markdown(
                f"**{show.plain(label)}**, training image {number} of {title}. "
                "The first convolution answers to edges and colours, where they are; the last one to whole "
                f"parts of things, on a grid so coarse that the image is gone.{notes}"
            )
    for i, (column, side, layer) in enumerate(zip(st.columns(2, gap="large"), sides, layers, strict=True)):
        with column:
            _panel(side.title, side.maps(layer), f"transfer_maps_{i}")


@dataclass(frozen=True)
class _Side:
    """One network with an image to look at: ImageNet's VGG16, or a run."""

    name: str
    run: RunSummary | None
    image: NDArray[np.uint8]  # (H, W, C)

    @property
    def title(self) -> str:
        return run_title(self.run) if self.run else vgg16_weights.TITLE

    @cached_property
    def layers(self) -> list[str]:
        """Names of its convolutions."""
        if self.run is None:
            return [layer.name for layer in imagenet().layers if "conv" in layer.name]
        looked = subjects.look(subjects.Subject(self.run), self.image)
        return [layer.name for layer in looked.overview.layers if layer.type == "Conv2D"]

    def maps(self, layer: str) -> LayerMaps:
        """What one layer answers to the image."""
        if self.run is None:
            path = vgg16_weights.find()
            assert path
            question = GetImagenetMaps.of(path, [layer], self.image)
            return ask(question, "Asking VGG16 … (the first answer takes some seconds)")[0]
        return subjects.maps_of(subjects.look(subjects.Subject(self.run), self.image), layer)


def _panel(title: str, layer: LayerMaps, key: str) -> None:
    sprite = maps_sprite(layer.values, signed=layer.signed, gap=0, dark=show.dark())
    highest = layer.values.max(axis=(0, 1))
    with st.container(gap="xxsmall"):
        st.markdown(f"**{layer.name}** · {title}")
        dead = int((highest <= 0).sum())
        note = f" · {dead} dead for this image" if dead else ""
        st.caption(f"{layer.size}, each scaled to its own largest answer{note}")
    labels = [f"map {i + 1}: up to {words.significant(float(value))}" for i, value in enumerate(highest)]
    largest = min(24, max(1, 192 // max(layer.values.shape[:2])))
    map_grid(sprite, labels, key=key, most=largest, label=f"{layer.size} of {layer.name}, {title}")
