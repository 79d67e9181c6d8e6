"""Transfer page, fourth part: inside VGG16. First against last convolution, ImageNet's against a run's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import datasets
from cnnviz.errors import DataMissingError
from cnnviz.figures.maps import maps_sprite
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.results import LayerMaps
from cnnviz.inspection.service import inspector
from cnnviz.runs import RunSummary
from cnnviz.studies import transfer_weights
from cnnviz.studies.transfer_extractors import adaptation, fitting, imagenet
from cnnviz.ui import cache, linked, show, state, words
from cnnviz.ui.feature_maps import view
from cnnviz.ui.feature_maps.parts import tile_grid

_FIRST, _LAST = "block1_conv1", "block5_conv3"
_LEFT_KEY, _RIGHT_KEY, _BESIDE_KEY, _IMAGE_KEY = "vgg_layer", "vgg_layer_b", "vgg_beside", "vgg_image"
_OWN = "imagenet"
_SIDE = 96  # pixels of the image, about


def render() -> None:
    """One image; a layer of ImageNet's VGG16, and beside it another layer, or the first of a run.

    Raises:
        DataMissingError: ImageNet's weights are not on this machine.
    """
    weights = transfer_weights.find()
    if weights is None:
        raise DataMissingError(transfer_weights.missing_message())
    inspector().warm()
    data = cache.dataset(state.draft().dataset)
    runs = {run.id: run for run in fitting(cache.run_list(), data.input_shape)}
    columns = st.columns([0.9, 1.4, 2, 1.4], vertical_alignment="bottom")
    last = len(data.full_train) - 1
    if not 0 <= int(st.session_state.get(_IMAGE_KEY) or 0) <= last:
        st.session_state[_IMAGE_KEY] = 0
    with columns[0]:
        place = int(
            st.number_input(
                "Training image", 0, last, 0, key=_IMAGE_KEY, bind="query-params",
                persist_state="session",
            )
        )  # fmt: skip
    names = [layer.name for layer in imagenet().layers if "conv" in layer.name]
    with columns[1]:
        left = linked.select("Layer of ImageNet's VGG16", names, key=_LEFT_KEY, default=_FIRST)
    with columns[2]:
        other = linked.select(
            "Beside it", [_OWN, *runs], key=_BESIDE_KEY, default=_OWN,
            names=lambda name: "the same network" if name == _OWN else runs[name].title,
            help="Another layer of the same network, or a network that was trained here.",
        )  # fmt: skip
    image = data.full_train.images_at([place])[0]
    theirs = _run_layers(runs[other], image) if other != _OWN else ()
    options = [layer.name for layer in theirs] if other != _OWN else names
    with columns[3]:
        right = linked.select("Layer beside it", options, key=_RIGHT_KEY, default=_opposite(other, options))
    _image(image, data.class_names[int(data.full_train.labels[place])], place)
    wanted = (left, right) if other == _OWN else (left,)
    found = {layer.name: layer for layer in _imagenet(weights, wanted, image)}
    shown = found[right] if other == _OWN else next(layer for layer in theirs if layer.name == right)
    title = transfer_weights.TITLE
    panels = ((title, found[left]), (title if other == _OWN else runs[other].title, shown))
    for side, (column, (name, layer)) in enumerate(zip(st.columns(2, gap="large"), panels, strict=True)):
        with column:
            _panel(name, layer, f"transfer_maps_{side}")


def _opposite(other: str, options: list[str]) -> str:
    """The last convolution of the same network, but the first of another one."""
    return _LAST if other == _OWN else options[0]


def _image(image: NDArray[np.uint8], label: str, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=_SIDE + 16):
            png = grid_png(image[None], columns=1, scale=max(1, _SIDE // image.shape[0]), gap=0)
            show.sprite(png, key="transfer_image", alt=f"{label}, training image {place}")
        beside = st.container()
    with beside:
        steps = adaptation((image.shape[0], image.shape[1], image.shape[2]))[1]
        told = f" For VGG16 it is {steps}." if steps else ""
        weights = transfer_weights.find()
        if weights and transfer_weights.checksum(weights) != transfer_weights.MD5:
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
        silent = f" · {none} silent for this image" if none else ""
        st.caption(f"{layer.size}, each scaled to its own largest answer{silent}")
    labels = [f"map {i + 1}: up to {words.significant(float(one))}" for i, one in enumerate(highest)]
    tile_grid(
        sprite, labels, key=key, chosen=-1, on_pick=lambda _: None,
        most=min(6, max(1, 192 // max(layer.values.shape[:2]))), alt=f"{layer.size} of {layer.name}, {title}",
    )  # fmt: skip


def _run_layers(run: RunSummary, image: NDArray[np.uint8]) -> tuple[LayerMaps, ...]:
    looked = view.look(view.Subject(run), image)
    return tuple(view.maps_of(looked, one.name) for one in looked.overview.layers if one.type == "Conv2D")


def _imagenet(weights: Path, layers: tuple[str, ...], image: NDArray[np.uint8]) -> tuple[LayerMaps, ...]:
    digest = hashlib.blake2b(image.tobytes() + repr(image.shape).encode()).hexdigest()
    return _maps(str(weights), weights.stat().st_mtime_ns, layers, digest, image)


@st.cache_resource(max_entries=32, show_spinner="Asking VGG16 … (the first answer takes some seconds)")
def _maps(
    weights: str, stamp: int, layers: tuple[str, ...], digest: str, _image: NDArray[np.uint8]
) -> tuple[LayerMaps, ...]:
    answer: tuple[LayerMaps, ...] = inspector().answer(
        "imagenet_maps", module="cnnviz.studies.transfer", weights=weights, layers=list(layers), image=_image
    )
    return answer
