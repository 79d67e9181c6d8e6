"""Which images a run sees: exact subsets and honest splits, and the types that hold them.

Images are always uint8 of shape (N, H, W, C), grey ones with C = 1; labels int64. Subsets and splits are
sorted positions, drawn by pure, seeded numpy: stratified within one image a class wherever that is possible,
and dependent on nothing but the labels, the sizes and the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.errors import SpecError
from cnnviz.specs import DatasetSpec


@dataclass(frozen=True)
class Facts:
    """What is known about a data set without its pixels. Counts of images are those a run sees."""

    input_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    n_train: int
    n_validation: int
    n_test: int
    n_train_full: int
    n_test_full: int

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)


class Split:
    """Some images of a stored array, in the stored order.

    Attributes:
        labels: int64, shape (N,), read-only.
        indices: int64, shape (N,), read-only: positions in the whole stored array.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, indices: np.ndarray | None = None) -> None:
        self._stored = images
        self.indices = np.arange(len(labels)) if indices is None else np.array(indices, dtype=np.int64)
        self.labels = np.array(labels if indices is None else labels[self.indices], dtype=np.int64)
        self.indices.flags.writeable = self.labels.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of one image."""
        height, width, channels = self._stored.shape[1:]
        return int(height), int(width), int(channels)

    @property
    def images(self) -> np.ndarray:
        """All images, uint8 (N, H, W, C): read-only map where the split is whole, else a fresh copy."""
        if len(self) == len(self._stored):
            return self._stored
        return self._stored[self.indices]

    def images_at(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """The images at `positions` of this split, uint8 (n, H, W, C); only these are read.

        Raises:
            IndexError: a position is outside 0 … len - 1.
        """
        wanted = np.asarray(positions, dtype=np.int64).reshape(-1)
        if wanted.size and not (wanted.min() >= 0 and wanted.max() < len(self)):
            raise IndexError(f"positions must be within 0 … {len(self) - 1}; received {positions!r}")
        return self._stored[self.indices[wanted]]


_NONE = np.arange(0)


@dataclass(frozen=True)
class Dataset:
    """A loaded data set: the parts that a run sees, and the whole.

    Attributes:
        validation: watched while it trains; it may stop it.
        fold: of a cross-validation, scored at its end alone; None: the validation images are, too.
        fingerprint: names the files or the generator that the images came from.
        digest: names the images and labels of the whole set by their content.
        origin: the same in words ("mnist.npz in /data", "drawn by cnnviz").
    """

    spec: DatasetSpec
    facts: Facts
    train: Split
    validation: Split
    test: Split
    full_train: Split
    full_test: Split
    fingerprint: str
    digest: str
    origin: str
    fold: Split | None = None

    @property
    def scored(self) -> Split:
        """What is held back from training and scored at its end."""
        return self.validation if self.fold is None else self.fold

    @property
    def tested(self) -> Split:
        """The test images that are looked at once, at the end; none where a fold takes their place."""
        return Split(self.full_test.images, self.full_test.labels, _NONE) if self.spec.folds else self.test

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, by label."""
        return self.facts.class_names

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of one image."""
        return self.facts.input_shape


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
    """Draw `take[c]` positions of every class c: `labels` (N,), `take` (C,) → (take.sum(),), sorted int64."""
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:k] for label, k in enumerate(take)]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def subset(labels: np.ndarray, n: int | None, selection: str, classes: int, seed: int) -> np.ndarray:
    """Exactly `n` positions (n,) of `labels` (N,) (None: all), stratified or simply the first ones.

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
    """Split the positions of `labels` (N,) into training and validation.

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
    """Divide positions of `labels` (N,) into `folds` parts: `fold` validates, all others train.

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
        order = np.concatenate([rng.permutation(np.flatnonzero(labels == label)) for label in range(classes)])
    validation = np.sort(order[fold - 1 :: folds])
    training = np.setdiff1d(np.arange(len(labels)), validation, assume_unique=True)
    return training, validation
