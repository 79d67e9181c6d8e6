"""Intervals of the scores of each class, by drawing the images again; and classes ordered by confusion."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnviz.evaluation.classification import ratio

DRAWS, SEED = 1000, 0


class ScoreIntervals(NamedTuple):
    """Ends of the 95 % intervals, each float, shape (C, 2), in 0–1."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def score_intervals(matrix: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> ScoreIntervals:
    """Percentile bootstrap over images of precision, recall and F1.

    Drawing N images with replacement and counting them is drawing the matrix from a multinomial distribution
    with its own shares: so that is drawn. A ratio without a denominator is 0 in a draw, as everywhere.

    Args:
        matrix: int, shape (C, C), rows true, with at least one image.
    Source: Efron 1979, doi:10.1214/aos/1176344552.
    """
    classes, n = len(matrix), int(matrix.sum())
    rows, columns = np.nonzero(matrix)  # the other cells stay empty in every draw
    drawn = np.random.default_rng(seed).multinomial(n, matrix[rows, columns] / n, size=draws)
    support, predicted, hits = (np.zeros((draws, classes)) for _ in range(3))
    for place in range(classes):
        support[:, place] = drawn[:, rows == place].sum(axis=1)
        predicted[:, place] = drawn[:, columns == place].sum(axis=1)
        hits[:, place] = drawn[:, (rows == place) & (columns == place)].sum(axis=1)
    scores = ratio(hits, predicted), ratio(hits, support), ratio(2 * hits, predicted + support)
    return ScoreIntervals(*(np.percentile(score, (2.5, 97.5), axis=0).T for score in scores))


def clustered_order(matrix: np.ndarray) -> np.ndarray:
    """Order classes so that those that are confused stand beside each other.

    Average linkage on the distance 1 − (share_ij + share_ji) / 2 of the row shares, leaves in optimal order.

    Args:
        matrix: int, shape (C, C), rows true.
    Returns:
        int64, shape (C,): classes in their new order.
    Source: Bar-Joseph et al. 2001, doi:10.1093/bioinformatics/17.suppl_1.S22, as in scipy.
    """
    # Here: scipy's clustering takes time to import, and few looks need it.
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(matrix) < 3:
        return np.arange(len(matrix))
    shares = ratio(matrix.astype(np.float64), matrix.sum(axis=1, keepdims=True))
    distances = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), method="average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), dtype=np.int64)
