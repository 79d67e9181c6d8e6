"""Feature maps page: several own pictures at once, each with what the networks say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.inspection.weights import weights_file
from cnnviz.runs import RunSummary
from cnnviz.ui import pictures
from cnnviz.ui.asking import ask
from cnnviz.ui.data.gallery import Caption, gallery
from cnnviz.ui.feature_maps.image import Picture


def render(picture: Picture, runs: Sequence[RunSummary], class_names: Sequence[str]) -> None:
    """All own pictures at once with what each run says; a click looks at one."""
    if not picture.own:
        return
    images = np.stack([one.image for one in picture.own])
    said = [_said(str(run.path), weights_file(run.path).stamp, images) for run in runs]
    captions = [
        Caption(
            class_names[int(said[0][i].argmax())],
            " | ".join(_top(each[i], class_names, named=len(said) > 1) for each in said),
            one.title,
        )
        for i, one in enumerate(picture.own)
    ]
    gallery(
        images,
        captions,
        key="maps_several",
        alt=f"{len(images)} own pictures with the network's answers",
        on_pick=lambda place: pictures.choose("maps", picture.own[place].position),
    )


def _top(probabilities: NDArray[np.float32], class_names: Sequence[str], *, named: bool) -> str:
    best = int(probabilities.argmax())
    share = words.percent(float(probabilities[best]), 0)
    return f"{class_names[best]} {share}" if named else share


@st.cache_data(max_entries=32, show_spinner=False)
def _said(path: str, stamp: tuple[int, int], images: NDArray[np.uint8]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = ask(
        "probabilities", module="cnnviz.inspection.answers", run=path, images=images
    )
    return found
