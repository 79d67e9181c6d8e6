"""Data page, numbers: images of each class, brightness of the pixels, mean image of each class."""

from __future__ import annotations

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


@st.cache_resource(max_entries=16, show_spinner="Looking at every pixel …")
def _numbers(spec_json: str, fingerprint: str, _dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Mean image of each class, (classes, H, W, C), and how many pixels have each level, (C, 256)."""
    return class_means(_dataset.train, len(_dataset.class_names)), histogram(_dataset.train)


def render(dataset: Dataset) -> None:
    """Everything is about the training images that a run with these settings sees."""
    means, levels = _numbers(dataset.spec.to_json(), dataset.fingerprint, dataset)
    classes, pixels = len(dataset.class_names), pixel_statistics(levels)
    parts = {"training": dataset.train, "validation": dataset.validation, "test": dataset.test}
    counts = {name: class_counts(part, classes) for name, part in parts.items()}
    left, right = st.columns(2, gap="medium")
    with left:
        training = counts["training"]
        show.figure(
            counts_figure(counts, dataset.class_names),
            key="data_counts",
            height=_HEIGHT,
            alt=f"Images of each class: between {training.min():,} and {training.max():,} for training",
        )
    with right:
        mean_levels = ", ".join(f"{mean:.0f}" for mean in pixels.mean)
        show.figure(
            histogram_figure(levels),
            key="data_levels",
            height=_HEIGHT,
            alt=f"Share of pixels at each level; mean level {mean_levels}",
        )
    present = [label for label in range(classes) if np.isfinite(means[label]).all()]
    data_page.part(
        "Mean image of each class", help="Every pixel averaged over all training images of a class."
    )
    gallery(
        np.stack([means[label].round().astype(np.uint8) for label in present]),
        [Tile(dataset.class_names[label]) for label in present],
        key="data_means",
        columns=10 if len(present) <= 10 else 0,
        rows=1 if len(present) <= 10 else 4,
        above=610,
        label="Mean image of each class over the training images",
    )
    table = pd.DataFrame(
        {
            "channel": list(CHANNELS) if len(levels) == 3 else ["grey"],
            "mean": [f"{value:.1f}" for value in pixels.mean],
            "standard deviation": [f"{value:.1f}" for value in pixels.std],
            "mean, scaled to 0–1": [f"{value / 255:.4f}" for value in pixels.mean],
            "standard deviation, scaled to 0–1": [f"{value / 255:.4f}" for value in pixels.std],
            "darkest": pixels.minimum,
            "brightest": pixels.maximum,
        }
    )
    with st.expander(f"Pixels in numbers (training images, {levels[0].sum():,} pixels)"):
        st.dataframe(table, hide_index=True, key="data_pixels")
