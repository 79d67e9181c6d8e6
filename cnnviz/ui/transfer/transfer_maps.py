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
from cnnviz.studies.transfer.transfer_spec import IMAGENET, GetImagenetMaps, adaptation, fitting, imagenet
from cnnviz.ui import cache, linked, navigation, show, state
from cnnviz.ui.asking import ask
from cnnviz.ui.components.tiles import map_grid
from cnnviz.ui.feature_maps import subjects
from cnnviz.ui.run_labels import run_lines, run_title
from cnnviz.ui.transfer.transfer_view import accuracy_of

_NETWORK_KEY, _LEFT_KEY, _RIGHT_KEY = "vgg_network", "vgg_layer", "vgg_layer_b"
_BESIDE_KEY, _IMAGE_KEY = "vgg_beside", "vgg_image"
_OWN, _SAME = IMAGENET, "same"
_SIDE = 96  # pixels of the image, about


def render() -> None:
    """One image; a layer of ImageNet's VGG16 or of a run, and beside it another layer, or one of a run."""
    inspector().warm()
    data = cache.dataset(state.draft().dataset)
    weights = vgg16_weights.find()
    runs = {run.id: run for run in fitting(cache.run_list(), data.input_shape)}
    networks = [*([_OWN] if weights else []), *runs]
    if weights is None:
        _missing(bool(runs))
    if not networks:
        return
    names = run_lines(runs.values())
    columns = st.columns([0.85, 1.8, 1.3, 1.8, 1.3], vertical_alignment="bottom")
    with columns[0]:
        place = _place(len(data.full_train) - 1)
    with columns[1]:
        network = linked.select(
            "Network",
            networks,
            key=_NETWORK_KEY,
            default=_first(networks, runs, data),
            names=lambda name: vgg16_weights.TITLE if name == _OWN else names[name],
        )
    with columns[3]:
        other = linked.select(
            "Beside it",
            [_SAME, *(name for name in networks if name != network)],
            key=_BESIDE_KEY,
            default=_SAME,
            names=lambda name: _beside_name(name, names),
            help="Another layer of the same network, or another network that takes these images.",
        )
    image = data.full_train.images_at([place])[0]
    one, two = (
        _Side(name, runs.get(name), image) for name in (network, network if other == _SAME else other)
    )
    with columns[2]:
        left = linked.select("Layer", one.layers, key=_LEFT_KEY, default=one.layers[0])
    with columns[4]:
        # The last convolution of the same network, but the first of another one.
        opposite = two.layers[-1 if other == _SAME else 0]
        right = linked.select("Layer beside it", two.layers, key=_RIGHT_KEY, default=opposite)
    _image(image, data.class_names[int(data.full_train.labels[place])], place, _OWN in (one.name, two.name))
    for side, (column, shown, layer) in enumerate(
        zip(st.columns(2, gap="large"), (one, two), (left, right), strict=True)
    ):
        with column:
            _panel(shown.title, shown.maps(layer), f"transfer_maps_{side}")


def _first(networks: list[str], runs: dict[str, RunSummary], data: datasets.Dataset) -> str:
    """ImageNet's where its weights are here, else the run that would take its place."""
    if networks[0] == _OWN:
        return _OWN
    return max(runs.values(), key=lambda run: (run.dataset == data.spec.name, accuracy_of(run))).id


def _missing(runs: bool) -> None:
    instead = "Until then the maps of your own runs are shown." if runs else "Or train a network first."
    st.warning(
        f"{vgg16_weights.missing_message().partition(', or choose')[0]}. {instead}", icon=":material/info:"
    )
    if not runs:
        st.page_link(navigation.page("train"), label="Train a network", icon=":material/arrow_forward:")


def _place(last: int) -> int:
    if not 0 <= int(st.session_state.get(_IMAGE_KEY) or 0) <= last:
        st.session_state[_IMAGE_KEY] = 0
    return int(
        st.number_input(
            "Image",
            0,
            last,
            0,
            key=_IMAGE_KEY,
            **linked.IN_LINK,
            help="Its place among the training images, counted from 0.",
        )
    )


def _beside_name(name: str, names: dict[str, str]) -> str:
    if name == _SAME:
        return "the same network"
    return vgg16_weights.TITLE if name == _OWN else names[name]


@dataclass(frozen=True)
class _Side:
    """One network with an image to look at: ImageNet's VGG16, or a run."""

    name: str
    run: RunSummary | None
    image: NDArray[np.uint8]

    @property
    def title(self) -> str:
        return run_title(self.run) if self.run else vgg16_weights.TITLE

    @cached_property
    def layers(self) -> list[str]:
        """Names of its convolutions."""
        if self.run is None:
            return [layer.name for layer in imagenet().layers if "conv" in layer.name]
        looked = subjects.look(subjects.Subject(self.run), self.image)
        return [one.name for one in looked.overview.layers if one.type == "Conv2D"]

    def maps(self, layer: str) -> LayerMaps:
        """What one layer answers to the image."""
        if self.run is None:
            path = vgg16_weights.find()
            assert path
            question = GetImagenetMaps.of(path, [layer], self.image)
            return ask(question, "Asking VGG16 … (the first answer takes some seconds)")[0]
        return subjects.maps_of(subjects.look(subjects.Subject(self.run), self.image), layer)


def _image(image: NDArray[np.uint8], label: str, place: int, own: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=_SIDE + 16):
            png = grid_png(image[None], columns=1, scale=max(1, _SIDE // image.shape[0]), gap=0)
            show.sprite(png, key="transfer_image", alt=f"{label}, training image {place}")
        beside = st.container()
    with beside:
        steps = adaptation((image.shape[0], image.shape[1], image.shape[2]))[1]
        told = f" For VGG16 it is {steps}." if steps and own else ""
        weights = vgg16_weights.find()
        if own and weights and vgg16_weights.checksum(weights) != vgg16_weights.MD5:
            told += " **The file of weights is not the official one: its checksum differs.**"
        st.markdown(
            f"**{label}**, training image {place} of {datasets.entry(state.draft().dataset.name).title}. "
            "The first convolution answers to edges and colours, where they are; the last one to whole "
            f"parts of things, on a grid so coarse that the image is gone.{told}"
        )


def _panel(title: str, layer: LayerMaps, key: str) -> None:
    sprite = maps_sprite(layer.values, signed=layer.signed, gap=0, dark=show.dark())
    highest = layer.values.max(axis=(0, 1))
    with st.container(gap="xxsmall"):
        st.markdown(f"**{layer.name}** · {title}")
        none = int((highest <= 0).sum())
        dead = f" · {none} dead for this image" if none else ""
        st.caption(f"{layer.size}, each scaled to its own largest answer{dead}")
    labels = [f"map {i + 1}: up to {words.significant(float(one))}" for i, one in enumerate(highest)]
    largest = min(24, max(1, 192 // max(layer.values.shape[:2])))
    map_grid(sprite, labels, key=key, most=largest, label=f"{layer.size} of {layer.name}, {title}")
