"""Data page, numbers: images of each class, brightness of the pixels, mean image of each class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from cnnviz.datasets import Dataset
from cnnviz.datasets.statistics import class_counts, class_means, histogram, pixel_statistics
from cnnviz.figures.dataset_figures import CHANNELS, counts_figure, histogram_figure
from cnnviz.ui import show
from cnnviz.ui.components.tiles import Tile, gallery
from cnnviz.ui.data import data_page

_HEIGHT = 320


class _Numbers(NamedTuple):
    means: np.ndarray
    levels: np.ndarray


@st.cache_resource(max_entries=16, show_spinner="Looking at every pixel …")
def _numbers(spec_json: str, fingerprint: str, _dataset: Dataset) -> _Numbers:
    return _Numbers(class_means(_dataset.train, len(_dataset.class_names)), histogram(_dataset.train))


def render(dataset: Dataset) -> None:
    """Everything is about the training images that a run with these settings sees."""
    numbers = _numbers(dataset.spec.to_json(), dataset.fingerprint, dataset)
    left, right = st.columns(2, gap="medium")
    with left:
        _counts(dataset)
    with right:
        _levels(numbers.levels)
    _mean_images(dataset, numbers.means)
    _table(numbers.levels)


def _counts(dataset: Dataset) -> None:
    classes = len(dataset.class_names)
    parts = {"training": dataset.train, "validation": dataset.validation, "test": dataset.test}
    counts = {name: class_counts(part, classes) for name, part in parts.items()}
    training = counts["training"]
    show.figure(
        counts_figure(counts, dataset.class_names),
        key="data_counts",
        height=_HEIGHT,
        alt=f"Images of each class: between {training.min():,} and {training.max():,} for training",
    )


def _levels(levels: np.ndarray) -> None:
    found = pixel_statistics(levels)
    means = ", ".join(f"{value:.0f}" for value in found.mean)
    show.figure(
        histogram_figure(levels),
        key="data_levels",
        height=_HEIGHT,
        alt=f"Share of pixels at each level; mean level {means}",
    )


def _mean_images(dataset: Dataset, means: np.ndarray) -> None:
    present = [label for label in range(len(means)) if np.isfinite(means[label]).all()]
    images = np.stack([means[label].round().astype(np.uint8) for label in present])
    data_page.part(
        "Mean image of each class", help="Every pixel averaged over all training images of a class."
    )
    gallery(
        images,
        [Tile(dataset.class_names[label]) for label in present],
        key="data_means",
        columns=10 if len(present) <= 10 else 0,
        rows=1 if len(present) <= 10 else 4,
        above=610,
        label="Mean image of each class over the training images",
    )


def _table(levels: np.ndarray) -> None:
    found = pixel_statistics(levels)
    names = list(CHANNELS) if len(levels) == 3 else ["grey"]
    table = pd.DataFrame(
        {
            "channel": names,
            "mean": [f"{value:.1f}" for value in found.mean],
            "standard deviation": [f"{value:.1f}" for value in found.std],
            "mean, scaled to 0–1": [f"{value / 255:.4f}" for value in found.mean],
            "standard deviation, scaled to 0–1": [f"{value / 255:.4f}" for value in found.std],
            "darkest": found.minimum,
            "brightest": found.maximum,
        }
    )
    with st.expander(f"Pixels in numbers (training images, {levels[0].sum():,} pixels)"):
        st.dataframe(table, hide_index=True, key="data_pixels")
