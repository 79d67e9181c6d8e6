"""Data page, augmentation: what the sidebar's settings do to some training images (B6, C9)."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from cnnviz.datasets import Dataset
from cnnviz.datasets.preview import augment
from cnnviz.datasets.sampling import nth_of_each_class
from cnnviz.specs import AugmentationSpec
from cnnviz.ui.data.gallery import Caption, gallery

_DRAW_KEY = "data_augmentation_draw"
_ROWS, _TIMES = 4, 7
#: As B6 trains; keys of the sidebar's widgets.
_EXAMPLE = {"rotation": 15.0, "shift_x": 0.1, "shift_y": 0.1}


def render(dataset: Dataset, spec: AugmentationSpec) -> None:
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
            st.button("Draw again", icon=":material/casino:", on_click=_draw_again, width="stretch")
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
    first = [Caption(hint="as it is"), *[Caption(hint="changed at random")] * _TIMES]
    gallery(
        images,
        first * len(originals),
        key="data_augmented",
        columns=_TIMES + 1,
        alt=f"{len(originals)} training images, each as it is and {_TIMES} times augmented: {shown.label()}",
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


def _draw_again() -> None:
    st.session_state[_DRAW_KEY] = int(st.session_state.get(_DRAW_KEY, 0)) + 1
