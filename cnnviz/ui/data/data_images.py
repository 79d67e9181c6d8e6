"""Data page, pictures: the n-th image of every class (A1), and samples of one class or of all (A2, B1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.datasets import Dataset, Split
from cnnviz.datasets.preview import augment
from cnnviz.datasets.statistics import nth_of_each_class, sample, sample_of_class
from cnnviz.figures.sprites import grid_png
from cnnviz.specs import AugmentationSpec
from cnnviz.ui import linked
from cnnviz.ui.components.tiles import Tile, gallery
from cnnviz.ui.data import data_page

HALF_KEY, NTH_KEY, CLASS_KEY, COUNT_KEY, DRAW_KEY = "half", "nth", "class", "count", "data_draw"
_ALL = "all"
_HALVES = ("Training", "Test")


def every_class(dataset: Dataset) -> None:
    """The n-th image of every class; a click leads to more images of that class."""
    with _row():
        split = _half(dataset)
        nth = _number(int(np.bincount(split.labels).max()))
        save = st.container(width="content")
    positions = nth_of_each_class(split, int(nth), len(dataset.class_names))
    found = [int(position) for position in positions if position >= 0]
    labels = [int(split.labels[position]) for position in found]
    captions = _captions(dataset, split, found, named=True)
    with save:
        _save(split, found, captions, f"{_safe(dataset)}-classes.png")
    gallery(
        split.images_at(found),
        captions,
        key="data_classes",
        columns=_large(len(found)),
        label=f"Image {nth} of each class of {dataset.spec.name}",
        on_pick=lambda place: _open(labels[place]),
    )
    if len(found) < len(positions):
        st.caption(f"{len(positions) - len(found)} classes have fewer than {nth} images.")


def samples(dataset: Dataset) -> None:
    """Some images at random: of one class, or of all with their names."""
    names = {_ALL: "all classes", **{str(label): name for label, name in enumerate(dataset.class_names)}}
    with _row():
        chosen = _class(names)
        split = _half(dataset)
        with st.container(width=130):
            wanted = linked.select(
                "How many",
                ("10", "20", "50", "100"),
                key=COUNT_KEY,
                default="10",
                names="{} images".format,
                label_visibility="collapsed",
            )
        st.button("Others", icon=":material/casino:", on_click=_draw_again, help="Another sample of them.")
        save = st.container(width="content")
    seed = int(st.session_state.get(DRAW_KEY, 0))
    drawn = (
        sample(split, int(wanted), seed)
        if chosen == _ALL
        else (sample_of_class(split, int(chosen), int(wanted), seed))
    )
    positions = [int(position) for position in drawn]
    if not positions:
        st.info("This part has no image of that class.", icon=":material/info:")
        return
    captions = _captions(dataset, split, positions, named=chosen == _ALL)
    with save:
        _save(split, positions, captions, f"{_safe(dataset)}-{names[chosen].replace('/', '-')}.png")
    gallery(
        split.images_at(positions),
        captions,
        key="data_samples",
        columns=_large(len(positions)),
        label=f"{len(positions)} images of {names[chosen]}, drawn at random",
    )


def _row() -> DeltaGenerator:
    """One line of controls, level with each other, next to each other."""
    return st.container(horizontal=True, vertical_alignment="center", gap="xsmall")


def _number(most: int) -> int:
    """Which image of each class, counted from 1."""
    if int(st.session_state.get(NTH_KEY) or 1) > most:
        st.session_state[NTH_KEY] = most
    st.markdown("image", width="content")
    nth = st.number_input(
        "Image of each class",
        1,
        most,
        1,
        key=NTH_KEY,
        **linked.IN_LINK,
        label_visibility="collapsed",
        width=130,
    )
    st.markdown(
        "of each class", width="content", help="1: the first image of every class, in the order of the file."
    )
    return int(nth)


def _class(names: dict[str, str]) -> str:
    """All classes or one, from a list, or one after the other."""
    options = list(names)

    def turn(by: int) -> None:
        place = options.index(linked.current(CLASS_KEY, options, _ALL))
        linked.put(CLASS_KEY, options[(place + by) % len(options)], leave_out=_ALL)

    st.button(
        "Class before",
        icon=":material/chevron_left:",
        key="class_before",
        help="Class before",
        on_click=turn,
        args=(-1,),
    )
    with st.container(width=165):
        chosen = linked.select(
            "Class",
            options,
            key=CLASS_KEY,
            names=names.__getitem__,
            default=_ALL,
            label_visibility="collapsed",
        )
    st.button(
        "Next class",
        icon=":material/chevron_right:",
        key="class_after",
        help="Next class",
        on_click=turn,
        args=(1,),
    )
    return chosen


def _half(dataset: Dataset) -> Split:
    with st.container(width=190):
        chosen = linked.segments("Training or test images", _HALVES, key=HALF_KEY, width="stretch")
    return dataset.full_test if chosen == "Test" else dataset.full_train


def _captions(dataset: Dataset, split: Split, positions: list[int], *, named: bool) -> list[Tile]:
    half = "test" if split is dataset.full_test else "training"
    captions = []
    for position in positions:
        name = dataset.class_names[split.labels[position]]
        hint = f"{name}: {half} image with index {position:,}, counted from 0"
        captions.append(Tile(name if named else "", f"index {position:,}", hint))
    return captions


def _large(n: int) -> int:
    """Columns of the gallery: two rows of five, as A1 and A2 have it, else small images."""
    return 5 if n <= 10 else 0


def _save(split: Split, positions: list[int], captions: list[Tile], name: str) -> None:
    texts = [" ".join(part for part in (caption.title, caption.line) if part) for caption in captions]
    side = max(split.shape[:2])

    def picture() -> bytes:
        scale = max(1, 128 // side)
        return grid_png(split.images_at(positions), 5 if len(positions) <= 10 else 10, scale, 8, labels=texts)

    st.download_button(
        "Save",
        picture,
        name,
        "image/png",
        icon=":material/download:",
        on_click="ignore",
        help="This figure as a PNG, with its titles.",
    )


def _safe(dataset: Dataset) -> str:
    return dataset.spec.name.removeprefix("folder:")


def _open(label: int) -> None:
    linked.put(CLASS_KEY, str(label), leave_out=_ALL)
    data_page.go(data_page.IMAGES)


def _draw_again() -> None:
    st.session_state[DRAW_KEY] = int(st.session_state.get(DRAW_KEY, 0)) + 1


_DRAW_KEY = "data_augmentation_draw"
_ROWS, _TIMES = 4, 7
#: As B6 trains; keys of the sidebar's widgets.
_EXAMPLE = {"rotation": 15.0, "shift_x": 0.1, "shift_y": 0.1}


def augmented(dataset: Dataset, spec: AugmentationSpec) -> None:
    """Each row: an image as it is, then as training could see it. Without settings: an example."""
    shown, keys = (spec, {}) if spec.active else _example(dataset)
    said, action = st.columns([3.4, 1], vertical_alignment="center")
    with said:
        st.markdown(
            f"**{spec.label()}**, as set in the sidebar under Augmentation."
            if spec.active
            else f"**No augmentation is chosen** (sidebar, Augmentation). An example: {shown.label()}."
        )
    with action:
        if spec.active:
            st.button("Draw again", icon=":material/casino:", on_click=_augment_again, width="stretch")
        else:
            st.button(
                "Train with it",
                on_click=st.session_state.update,
                args=(keys,),
                width="stretch",
                help="Puts these settings into the sidebar.",
            )
    originals = _originals(dataset)
    seed = int(st.session_state.get(_DRAW_KEY, 0))
    changed = [augment(originals, shown, 1000 * seed + time) for time in range(_TIMES)]
    images = np.stack([originals, *changed], axis=1).reshape(-1, *originals.shape[1:])
    first = [Tile(hint="as it is"), *[Tile(hint="changed at random")] * _TIMES]
    gallery(
        images,
        first * len(originals),
        key="data_augmented",
        columns=_TIMES + 1,
        label=f"{len(originals)} training images, each as it is and {_TIMES} times augmented: "
        f"{shown.label()}",
    )
    st.caption(
        "First column: the image as it is. The others: as training could see it, anew in every epoch.",
        help="Each is drawn at random up to what is set: rotation 15° turns by at most 15° either way, "
        "shift 0.1 moves by at most a tenth of the image's side.",
    )


def _example(dataset: Dataset) -> tuple[AugmentationSpec, dict[str, Any]]:
    """What B6 trains with, and the sidebar's keys for it; mirrored only where no text is shown."""
    flip = dataset.input_shape[2] == 3
    spec = AugmentationSpec(rotation=15, width_shift=0.1, height_shift=0.1, horizontal_flip=flip)
    return spec, {**_EXAMPLE, "flip_x": flip}


def _originals(dataset: Dataset) -> np.ndarray:
    """The first training image of some classes, spread over all classes."""
    split = dataset.full_train
    positions = nth_of_each_class(split, 1, len(dataset.class_names))
    positions = positions[positions >= 0]
    spread = np.linspace(0, len(positions) - 1, min(_ROWS, len(positions))).round().astype(int)
    return split.images_at(positions[spread])


def _augment_again() -> None:
    st.session_state[_DRAW_KEY] = int(st.session_state.get(_DRAW_KEY, 0)) + 1
