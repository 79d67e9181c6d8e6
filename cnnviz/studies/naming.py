"""What a variant is called at a scale: a label that names epochs or images says how many are really run."""

from __future__ import annotations

import re

from cnnviz.studies.scale import Settings

_BETWEEN = ", "
_AMOUNT = re.compile(r"[\d,]+ epochs?|n = [\d,]+")


def name_at(label: str, published: Settings, run: Settings) -> str:
    """`VGG16, 10 epochs` → `VGG16, 5 epochs`, `strides, n = 5,000` → `strides, n = 125`.

    Args:
        label: as the recipe has it, with the report's numbers.
        published: all settings of the variant as published.
        run: the same at the scale.
    """
    return _BETWEEN.join(_part(part, published, run) for part in label.split(_BETWEEN))


def _part(part: str, published: Settings, run: Settings) -> str:
    epochs, size = published.get("training.epochs"), published.get("dataset.train_size")
    if part == f"{epochs} epochs":
        fewer = run.get("training.epochs")
        return f"{fewer} epoch" if fewer == 1 else f"{fewer} epochs"
    if size is not None and part == f"n = {size:,}":
        return f"n = {run.get('dataset.train_size', size):,}"
    return part


def report_says(label: str, name: str) -> str:
    """What the label names and the name does not: `10 epochs`; "" where both are the same."""
    return _BETWEEN.join(part for part in label.split(_BETWEEN) if part not in name.split(_BETWEEN))


def network_in(label: str) -> str:
    """The label without its epochs and images, which a network's arithmetic doesn't know; may be ""."""
    return _BETWEEN.join(part for part in label.split(_BETWEEN) if not _AMOUNT.fullmatch(part))
