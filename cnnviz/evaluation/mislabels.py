"""Probable mislabels by confident learning: images whose label the network contradicts most.

Source: Northcutt, Jiang, Chuang 2021, arXiv:1911.00068. The threshold of a class is its mean self-confidence
(eq. 2), images are counted into the confident joint (eq. 1), its rows are brought to the number of images of
each label (eq. 3), and images are chosen by prune by noise rate (section 3.2). The list is ordered by how far
the suggested class lies above the label. The paper asks for probabilities of images that the network was not
trained on: a network that has learnt its training labels by heart contradicts few of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnviz.evaluation.classification import ratio


class Mislabels(NamedTuple):
    """Images whose label is probably wrong, the most contradicted first; M of them."""

    places: np.ndarray  # int64, (M,): positions in the labels
    given: np.ndarray  # int64, (M,): their label
    suggested: np.ndarray  # int64, (M,): the class that the network says instead
    margin: np.ndarray  # float, (M,): probability of the suggested class − probability of the label


def class_thresholds(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Mean probability of each class over the images that have it as their label (eq. 2).

    Args:
        labels: int, shape (N,).
        probabilities: float, shape (N, C).
    Returns:
        float, shape (C,); infinite where a class has no image, so that nothing is counted into it.
    """
    classes = probabilities.shape[1]
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    images = np.bincount(labels, minlength=classes)
    return ratio(np.bincount(labels, own, minlength=classes), images, empty=np.inf)


def confident_joint(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Count images by label and by the class that they confidently belong to (eq. 1).

    An image belongs to the most probable of the classes whose threshold it reaches; one that reaches none is
    not counted.

    Args:
        labels: int, shape (N,).
        probabilities: float, shape (N, C).
    Returns:
        int64, shape (C, C); row: label, column: class.
    """
    classes = probabilities.shape[1]
    wide = probabilities.astype(np.float64)
    # The mean of equal numbers may lie a rounding error above them.
    reached = wide >= class_thresholds(labels, probabilities) - 1e-12
    counted = reached.any(axis=1)
    belongs = np.where(reached, wide, -1.0).argmax(axis=1)
    cells = labels[counted].astype(np.int64) * classes + belongs[counted]
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def probable_mislabels(labels: np.ndarray, probabilities: np.ndarray) -> Mislabels:
    """Choose images by prune by noise rate, ordered by their margin, largest first.

    Of every label i and class j ≠ i, as many images as the calibrated joint says (rounded) are chosen: those
    of label i with the largest p_j − p_i, where that is above 0. An image chosen for two classes keeps the
    one with the larger margin.

    Args:
        labels: int, shape (N,).
        probabilities: float, shape (N, C).
    Raises:
        ValueError: the shapes don't fit.
    """
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise ValueError(
            f"labels {labels.shape} and probabilities {probabilities.shape} must be (N,) and (N, C)."
        )
    wide, classes = probabilities.astype(np.float64), probabilities.shape[1]
    joint = confident_joint(labels, probabilities)
    support = np.bincount(labels, minlength=classes)
    expected = ratio(joint.astype(np.float64), joint.sum(axis=1, keepdims=True)) * support[:, None]
    chosen: dict[int, tuple[float, int]] = {}
    for given, other in np.argwhere(np.rint(expected) > 0):
        if given == other:
            continue
        members = np.flatnonzero(labels == given)
        margins = wide[members, other] - wide[members, given]
        most = int(np.rint(expected[given, other]))
        for place in np.argsort(-margins, kind="stable")[:most]:
            image, margin = int(members[place]), float(margins[place])
            if margin > 0 and margin > chosen.get(image, (0.0, 0))[0]:
                chosen[image] = margin, int(other)
    order = sorted(chosen, key=lambda image: (-chosen[image][0], image))
    places = np.array(order, dtype=np.int64)
    return Mislabels(
        places,
        labels[places].astype(np.int64),
        np.array([chosen[image][1] for image in order], dtype=np.int64),
        np.array([chosen[image][0] for image in order], dtype=np.float64),
    )


def mislabels_csv(found: Mislabels, indices: np.ndarray, class_names: Sequence[str], split: str) -> str:
    """Give the list as CSV text, one image a line.

    Args:
        indices: int, shape (N,): the images' places in the data set.
        class_names: C names.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["split", "image", "given_label", "suggested_label", "margin"])
    for place, given, suggested, margin in zip(*found, strict=True):
        writer.writerow([split, indices[place], class_names[given], class_names[suggested], f"{margin:.4f}"])
    return out.getvalue()
