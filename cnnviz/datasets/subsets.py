"""Which images a run sees: exact subsets and splits, as sorted positions. Pure, seeded numpy.

All draws are stratified within one image a class wherever that is possible, and depend on nothing
but the labels, the sizes and the seed.
"""

from __future__ import annotations

import numpy as np

from cnnviz.errors import SpecError


def quotas(counts: np.ndarray, n: int, caps: np.ndarray | None = None) -> np.ndarray:
    """Share `n` out in proportion to `counts` by largest remainders.

    Args:
        counts: int, shape (C,): images of each class.
        n: how many to take in all, 0 ≤ n ≤ caps.sum().
        caps: int, shape (C,): at most that many of each class; all of them by default.
    Returns:
        int64, shape (C,), sums to n; within one of the exact share unless a cap forbids it.
    Raises:
        ValueError: n is more than the caps allow.
    """
    caps = counts if caps is None else caps
    if not 0 <= n <= int(caps.sum()):
        raise ValueError(f"n must be within 0 … {int(caps.sum())}; received {n}")
    share = counts * (n / max(int(counts.sum()), 1))
    taken = np.minimum(np.floor(share).astype(np.int64), caps)
    while (missing := n - int(taken.sum())) > 0:
        lag = np.where(taken < caps, share - taken, -np.inf)
        best = np.argsort(-lag, kind="stable")[:missing]
        taken[best[np.isfinite(lag[best])]] += 1
    return taken


def stratified(labels: np.ndarray, take: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw `take[c]` positions of every class c; sorted int64."""
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:k] for label, k in enumerate(take)]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def subset(labels: np.ndarray, n: int | None, selection: str, classes: int, seed: int) -> np.ndarray:
    """Exactly `n` positions of `labels` (None: all), stratified or simply the first ones.

    Raises:
        SpecError: there are fewer than n, or stratified n leaves a class without an image.
    """
    total = len(labels)
    if n is None or n == total:
        return np.arange(total)
    if n > total:
        raise SpecError(f"{n:,} images are asked for, but there are {total:,}. Ask for at most {total:,}.")
    if selection == "first":
        return np.arange(n)
    counts = np.bincount(labels, minlength=classes)
    present = counts > 0
    if n < int(present.sum()):
        raise SpecError(
            f"{n} images cannot hold one of each of the {int(present.sum())} classes. "
            f"Take at least {int(present.sum())}, or set selection to 'first'."
        )
    # One of each class first, so that no class is lost where classes differ much in size.
    take = np.maximum(quotas(counts, n), present.astype(np.int64))
    while (excess := int(take.sum()) - n) > 0:
        room = np.where(take > 1, take - counts * (n / total), -np.inf)
        best = np.argsort(-room, kind="stable")[:excess]
        take[best[np.isfinite(room[best])]] -= 1
    return stratified(labels, take, np.random.default_rng([seed, 1]))


def validation_size(n: int, share: float) -> int:
    """Images that a validation split takes from n: rounded, at least 1 and at most n - 1 where share > 0."""
    return min(max(round(n * share), 1), n - 1) if share > 0 else 0


def divide(
    labels: np.ndarray, share: float, selection: str, classes: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split positions of `labels` into training and validation.

    Stratified and seeded; with selection 'first' the last images are held back, as Keras's
    `validation_split` does.

    Raises:
        SpecError: stratified, too few images are left to train every class.
    """
    n, held = len(labels), validation_size(len(labels), share)
    if not held:
        return np.arange(n), np.arange(0)
    if selection == "first":
        return np.arange(n - held), np.arange(n - held, n)
    counts = np.bincount(labels, minlength=classes)
    present = int((counts > 0).sum())
    if n - held < present:
        raise SpecError(
            f"A validation split of {share:g} leaves {n - held} of {n} images to train {present} classes. "
            "Take more training images, or a smaller validation_split."
        )
    caps = np.maximum(counts - 1, 0)  # every class keeps an image to train with
    validation = stratified(labels, quotas(counts, held, caps), np.random.default_rng([seed, 2]))
    training = np.setdiff1d(np.arange(n), validation, assume_unique=True)
    return training, validation


def fold_size(n: int, folds: int, fold: int) -> int:
    """Images in part `fold` (from 1) of `n` images divided by `folds`: all parts alike within one.

    Raises:
        SpecError: there are too few images for so many parts.
    """
    if n < folds:
        raise SpecError(
            f"{n} training images can't be divided into {folds} folds. Take fewer folds, or more images."
        )
    return n // folds + (fold <= n % folds)


def cross_validate(
    labels: np.ndarray, folds: int, fold: int, selection: str, classes: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide positions of `labels` into `folds` parts: those of all others train, those of `fold` validate.

    Stratified and seeded: each class is dealt out to the parts in turn, so that its images in two parts
    differ by at most one. With selection 'first' every `folds`-th image is taken, in the stored order.

    Args:
        fold: from 1 to `folds`; over all of them, every position validates exactly once.
    Raises:
        SpecError: a class has a single image, which would train nobody in its fold.
    """
    order = np.arange(len(labels))
    if selection != "first":
        alone = np.flatnonzero(np.bincount(labels, minlength=classes) == 1)
        if len(alone):
            raise SpecError(
                f"Class {alone[0]} has a single training image, which can't train and validate in turn. "
                "Take more training images."
            )
        rng = np.random.default_rng([seed, 3])
        order = np.concatenate([rng.permutation(np.flatnonzero(labels == one)) for one in range(classes)])
    validation = np.sort(order[fold - 1 :: folds])
    training = np.setdiff1d(np.arange(len(labels)), validation, assume_unique=True)
    return training, validation
