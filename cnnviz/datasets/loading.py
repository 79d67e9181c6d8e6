"""names, facts, availability and load: the way from a DatasetSpec to its images."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import duplicates, folders, own_arrays, store
from cnnviz.datasets.dataset_entry import DATASETS, DatasetEntry, checked_arrays
from cnnviz.datasets.layout import ClassesFrom
from cnnviz.datasets.official import find_source, missing_message
from cnnviz.datasets.split import (
    Dataset,
    Facts,
    Split,
    cross_validate,
    divide,
    fold_size,
    subset,
    validation_size,
)
from cnnviz.errors import DataError, DataMissingError, SpecError
from cnnviz.registry import file_of
from cnnviz.specs import DatasetSpec

Availability = Literal["embedded", "ready", "download"]


def names() -> tuple[str, ...]:
    """Registered data sets, then own ones in the data folder: `folder:<name>`, `npz:<name>`."""
    return DATASETS.names() + folders.names() + own_arrays.names()


def entry(name: str) -> DatasetEntry:
    """Everything about a data set that needs no pixel; an image folder is counted, not read.

    An image folder that can't be used has an entry too, whose `problem` says why; `facts` and `load`
    raise it.

    Raises:
        UnknownNameError: no such name.
    """
    if name.startswith(folders.PREFIX):
        return folders.entry(name)
    return own_arrays.entry(name) if name.startswith(own_arrays.PREFIX) else DATASETS.get(name)


def _entry_of(spec: DatasetSpec) -> DatasetEntry:
    """What a run with this spec is given.

    Raises:
        UnknownNameError, SpecError, DataError: it is not there, can't be asked for so, or can't be used.
    """
    if spec.name.startswith(folders.PREFIX):
        known = folders.entry_of(spec)
    else:
        known = entry(spec.name)
        for field in ("color_mode", "classes_from", "leave_out_bad"):
            if getattr(spec, field) != DatasetSpec.model_fields[field].default:
                raise SpecError(
                    f"{field} is for image folders of your own; {known.title} is read as it is. Leave it out."
                )
    if known.problem:
        raise DataError(known.problem)
    return known


def is_decoded(name: str) -> bool:
    """Whether the images can be looked at without decoding or drawing them first; own ones are opened."""
    return name.startswith((folders.PREFIX, own_arrays.PREFIX)) or store.latest(name) is not None


def inventory(name: str, classes_from: ClassesFrom = "folders") -> DatasetEntry:
    """As `entry`; of an image folder every image is opened first, so that those that can't be read are named.

    Raises:
        UnknownNameError: no such name.
    """
    return folders.inventory(name, classes_from) if name.startswith(folders.PREFIX) else entry(name)


def availability(name: str) -> Availability:
    """Whether `name` is part of cnnviz, lies on this machine, or has to be fetched first."""
    if name.startswith((folders.PREFIX, own_arrays.PREFIX)):
        return "ready"
    known = DATASETS.get(name)
    if known.offline:
        return "embedded"
    return "ready" if find_source(known, partial="ignore") or store.latest(name) else "download"


def facts(spec: DatasetSpec) -> Facts:
    """Shape, class names and counts of what a run with this spec sees.

    No pixel is read, but where duplicates are left out: these are looked for first.

    Raises:
        UnknownNameError, SpecError, DataError: what is wrong and what to do.
    """
    known = _entry_of(spec)
    side = folders.side(spec.size) if spec.name.startswith(folders.PREFIX) else known.side(spec.size)
    train, own = _positions(spec, known)
    n_train = _within("train_size", spec.train_size, len(train), known.title)
    n_test = _within("test_size", spec.test_size, known.n_test, known.title)
    if spec.folds and spec.fold:
        fold = fold_size(n_train, spec.folds, spec.fold)
        watched = validation_size(n_train - fold, spec.validation_split)
        n_train, held = n_train - fold - watched, watched or fold
    elif len(own):
        held = len(own)
    else:
        held = validation_size(n_train, spec.validation_split)
        n_train -= held
    return Facts(
        input_shape=(side, side, known.shape[2]),
        class_names=_class_names(spec, known),
        n_train=n_train,
        n_validation=held,
        n_test=n_test,
        n_train_full=known.n_train,
        n_test_full=known.n_test,
    )


def load(spec: DatasetSpec) -> Dataset:
    """Open the data set and choose the images that a run with this spec sees.

    The first call decodes and keeps it under the cache folder; later ones only map it.

    Raises:
        DataMissingError: it has to be fetched or placed first.
        UnknownNameError, SpecError, DataError, StorageError: what is wrong and what to do.
    """
    known, counted = _entry_of(spec), facts(spec)
    folder = _stored(spec, known)
    arrays = store.open_arrays(folder)
    if spec.labels == "coarse":
        groups = np.array(known.coarse_of)
        labels = groups[arrays.train_labels], groups[arrays.test_labels]
        arrays = arrays._replace(train_labels=labels[0], test_labels=labels[1])
    full_train = Split(arrays.train_images, arrays.train_labels)
    full_test = Split(arrays.test_images, arrays.test_labels)
    classes, (there, own) = counted.classes, _positions(spec, known)
    chosen = there[subset(full_train.labels[there], spec.train_size, spec.selection, classes, spec.seed)]
    drawn = full_train.labels[chosen]
    fold: NDArray[np.intp] | None = None
    if spec.folds and spec.fold:
        parts = cross_validate(drawn, spec.folds, spec.fold, spec.selection, classes, spec.seed)
        if spec.validation_split:
            others, fold = parts[0], chosen[parts[1]]
            within = divide(drawn[others], spec.validation_split, spec.selection, classes, spec.seed)
            parts = others[within[0]], others[within[1]]
    elif len(own):
        parts = np.arange(len(chosen)), np.arange(0)
    else:
        parts = divide(drawn, spec.validation_split, spec.selection, classes, spec.seed)
    train, validation = (chosen[part] for part in parts)
    validation = validation if spec.folds or not len(own) else own
    tested = subset(full_test.labels, spec.test_size, spec.selection, counted.classes, spec.seed)
    return Dataset(
        spec=spec,
        facts=counted,
        train=Split(arrays.train_images, full_train.labels, train),
        validation=Split(arrays.train_images, full_train.labels, validation),
        test=Split(arrays.test_images, full_test.labels, tested),
        full_train=full_train,
        full_test=full_test,
        fingerprint=folder.name,
        digest=store.digest(folder),
        origin=store.origin(folder),
        fold=None if fold is None else Split(arrays.train_images, full_train.labels, fold),
    )


def _positions(spec: DatasetSpec, known: DatasetEntry) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the training images stand, and those that the data set itself sets aside for validation."""
    train = np.arange(known.n_train)
    own = np.arange(known.n_train, known.n_train + known.n_validation)
    if spec.leave_out_duplicates:
        found = duplicates.of_folder(_stored(spec, known)).train
        train, own = np.setdiff1d(train, found), np.setdiff1d(own, found)
    return train, own


def duplicates_of(spec: DatasetSpec, *, patient: bool = True) -> duplicates.Duplicates:
    """Training images that stand among the test images, too, of the whole data set.

    Args:
        patient: look for them where that takes seconds, too; otherwise none are found there.
    Raises:
        DataMissingError, UnknownNameError, SpecError, DataError, StorageError: as `load`.
    """
    folder = _stored(spec, _entry_of(spec))
    known = patient or duplicates.are_known(folder)
    return duplicates.of_folder(folder) if known else duplicates.NONE


def digest(spec: DatasetSpec) -> str:
    """Name the images and labels behind a spec by their content; changes when one is added or replaced.

    Decodes them where that has not been done yet.

    Raises:
        DataMissingError, UnknownNameError, SpecError, DataError, StorageError: as `load`.
    """
    return store.digest(_stored(spec, _entry_of(spec)))


def stamp(spec: DatasetSpec) -> str:
    """Changes when the images behind a spec do: the other half of the key of a cache in memory.

    Cheap: looks at names, sizes and times of files.

    Raises:
        UnknownNameError, DataError: as `load`.
    """
    known = entry(spec.name)
    if spec.name.startswith(folders.PREFIX):
        return folders.stamp(spec.name)
    if spec.name.startswith(own_arrays.PREFIX):
        return own_arrays.stamp(spec.name)
    source = find_source(known)
    if source is not None:
        return store.fingerprint(source.title, known.version, files=source.files)
    kept = None if known.offline else store.latest(spec.name)
    return kept.name if kept else str(known.version)


def _stored(spec: DatasetSpec, known: DatasetEntry) -> Path:
    if spec.name.startswith(folders.PREFIX):
        return folders.stored(spec)
    if spec.name.startswith(own_arrays.PREFIX):
        return own_arrays.stored(spec.name)
    if known.make is not None:
        make, side, origin = known.make, known.side(spec.size), known.source
        written = file_of(make)
        text = Path(written).read_text("utf-8") if written else ""
        mark = store.fingerprint(known.name, known.version, side, text)
        produce = partial(make, side)
    elif source := find_source(known):
        side, origin = known.shape[0], source.title
        mark = store.fingerprint(known.name, known.version, files=source.files)
        produce = partial(source.read, source.files)
    elif kept := store.latest(known.name):
        return kept
    else:
        raise DataMissingError(missing_message(known))

    def write(folder: Path) -> None:
        store.save(folder, checked_arrays(known, produce, side), origin)

    return store.cached(known.name, mark, write)


def _class_names(spec: DatasetSpec, known: DatasetEntry) -> tuple[str, ...]:
    if spec.labels == "fine":
        return known.class_names
    if not known.has_coarse:
        raise SpecError(f"{known.title} has no coarse labels. Set labels to 'fine', or choose cifar100.")
    return known.coarse_names


def _within(field: str, asked: int | None, total: int, title: str) -> int:
    if asked is not None and asked > total:
        raise SpecError(
            f"{field} is {asked:,}, but {title} has {total:,} images there. Set it to at most {total:,}."
        )
    return total if asked is None else asked
