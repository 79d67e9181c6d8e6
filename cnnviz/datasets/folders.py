"""Own images: a folder in the data folder, known as `folder:<name>`, read as `layout.py` says.

Each image is turned upright, its middle square is cut out and scaled to `DatasetSpec.size` (32 by default),
in colour or grey. Before any of them is trained on, all are opened once: what can't be read is one list, with
the reason, and is left out only where that is asked for.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from cnnviz import paths
from cnnviz.datasets import store
from cnnviz.datasets.dataset_entry import DatasetEntry
from cnnviz.datasets.layout import ClassesFrom, Layout, LeftOut, hidden, labels_from, read
from cnnviz.datasets.pictures import READERS, read_all, why_unreadable
from cnnviz.datasets.walk import Walk, walk, walked
from cnnviz.errors import DataError, UnknownNameError
from cnnviz.paths import data_dir
from cnnviz.registry import did_you_mean
from cnnviz.specs import DatasetSpec
from cnnviz.words import plural

PREFIX = "folder:"
DEFAULT_SIZE = 32
#: Offered in the app; `DatasetSpec.size` may be any other. 28 is MNIST's.
SIZES = (DEFAULT_SIZE, 24, 28, 48, 64, 96, 128, 160, 224)
#: Raised when files that could not be read before now can be, or the other way round.
_READING = 1
#: A table of labels is text of at most so many bytes.
_LONGEST_TABLE = 32 * 2**20


def names() -> tuple[str, ...]:
    """`folder:<name>` of every folder in the data folder that holds an image, however deep."""
    return tuple(f"{PREFIX}{path.name}" for path in subfolders(data_dir()) if walked(path).has_image)


def side(size: int | None) -> int:
    """Side of the images in pixels."""
    return DEFAULT_SIZE if size is None else size


def entry(name: str, classes_from: ClassesFrom = "folders") -> DatasetEntry:
    """Count an image folder, without opening an image; the entry's `problem` says what it lacks.

    Raises:
        UnknownNameError: there is no such folder.
    """
    folder = _path(name)
    return _entry(name, folder, _layout(folder, classes_from))


def inventory(name: str, classes_from: ClassesFrom = "folders") -> DatasetEntry:
    """The same after opening every image, once: what can't be read is among what is left out.

    Raises:
        UnknownNameError: there is no such folder.
    """
    folder = _path(name)
    layout = _layout(folder, classes_from)
    bad = _bad_files(folder, layout)
    good = _without(layout, bad)
    problem = layout.problem or (_refusal(folder.name, layout, bad) if bad else "")
    bad_files = tuple((str(path), reason) for path, reason in bad.items())
    return replace(_entry(name, folder, good), bad_files=bad_files, problem=problem)


def entry_of(spec: DatasetSpec) -> DatasetEntry:
    """What a run with this spec is given; bad files are its `problem` where it doesn't leave them out.

    Raises:
        UnknownNameError: there is no such folder.
    """
    folder = _path(spec.name)
    found = _entry(spec.name, folder, _usable(folder, spec))
    return replace(found, shape=(DEFAULT_SIZE, DEFAULT_SIZE, 1 if spec.color_mode == "grayscale" else 3))


def layouts(folder: Path, name: str) -> list[Layout]:
    """A folder as each way of telling the classes reads it, the usual one first.

    Args:
        name: what messages call it.
    """
    found = walk(folder)
    ways: tuple[ClassesFrom, ...] = ("folders", "names", "table")
    return [_read(folder, way, found, "", name) for way in ways]


def stamp(name: str) -> str:
    """Changes whenever an image, a class or a table of labels is added, replaced, renamed or removed.

    Raises:
        UnknownNameError: there is no such folder.
    """
    folder, found = _path(name), walked(_path(name))
    return _mark(folder, [*found.images, *_tables(found)])


def stored(spec: DatasetSpec) -> Path:
    """Decode the images of a folder once for each size and colour mode; return the folder of their arrays.

    Training images are followed by those of a validation half, if there is one.

    Raises:
        UnknownNameError, DataError, StorageError: as `entry_of`, or an image that can't be read.
    """
    folder, size, grey = _path(spec.name), side(spec.size), spec.color_mode == "grayscale"
    layout = _usable(folder, spec)
    if layout.problem:
        raise DataError(layout.problem)
    halves = {"train": layout.train + layout.validation, "test": layout.test}
    members = halves["train"] + halves["test"]
    labels = [member.label for member in members]
    mark = _mark(folder, [member.path for member in members], size, grey, len(halves["train"]), labels)

    def write(target: Path) -> None:
        for half, part in halves.items():
            np.save(target / f"{half}_labels.npy", np.array([member.label for member in part], np.int64))
            paths = [folder / member.path for member in part]
            read_all(paths, size, target / f"{half}_images.npy", grey=grey, base=folder)
        store.finish(target, str(folder))

    return store.cached(spec.name, mark, write)


def _path(name: str) -> Path:
    bare = name.removeprefix(PREFIX)
    path = paths.within(data_dir(), bare)
    if path is None:
        known = names()
        raise UnknownNameError(
            f"There is no image folder '{bare}' in {data_dir()}.{did_you_mean(name, known)} "
            f"Place it there with one folder a class. Found: {', '.join(known) or 'none'}."
        )
    return path


def _entry(name: str, folder: Path, layout: Layout) -> DatasetEntry:
    return DatasetEntry(
        name=name,
        title=folder.name,
        description=f"Your own images in {folder}: the middle square of each, scaled to the chosen size.",
        source=str(folder),
        class_names=layout.class_names,
        shape=(DEFAULT_SIZE, DEFAULT_SIZE, 3),
        n_train=len(layout.train),
        n_validation=len(layout.validation),
        n_test=len(layout.test),
        sizes=SIZES,
        left_out=layout.left_out,
        subfolders=layout.subfolders,
        problem=layout.problem,
    )


def _usable(folder: Path, spec: DatasetSpec) -> Layout:
    """A folder's layout without bad files where the spec leaves them out; else they are its problem."""
    layout = _layout(folder, spec.classes_from)
    if layout.problem or not (bad := _bad_files(folder, layout)):
        return layout
    if spec.leave_out_bad:
        return _without(layout, bad)
    return replace(layout, problem=_refusal(folder.name, layout, bad))


# What lies there --------------------------------------------------------------------------------------


def _layout(folder: Path, classes_from: ClassesFrom) -> Layout:
    found = walked(folder)
    stamps = _mark(folder, _tables(found)) if classes_from == "table" else ""
    return _read(folder, classes_from, found, stamps, folder.name)


@lru_cache(maxsize=64)
def _read(folder: Path, classes_from: ClassesFrom, found: Walk, _stamps: str, name: str) -> Layout:
    labels: dict[str, str] = {}
    if classes_from == "table":
        labels = _labels(folder, found)
    layout = read(found.files, found.folders, name=name, classes_from=classes_from, labels=labels)
    if found.closed:
        shown = LeftOut(
            "a folder that may not be read: change its permissions", len(found.closed), str(found.closed[0])
        )
        layout = replace(layout, left_out=(*layout.left_out, shown))
    return layout


def _labels(folder: Path, found: Walk) -> dict[str, str]:
    """The label of each file by the first table that names the images; {} where none does."""
    for path in _tables(found):
        try:
            with (folder / path).open("rb") as file:
                text = file.read(_LONGEST_TABLE).decode("utf-8-sig", errors="replace")
        except OSError:
            continue
        if labels := labels_from(text, found.images):
            return labels
    return {}


def _tables(found: Walk) -> list[PurePosixPath]:
    return [path for path in found.files if path.suffix.lower() in (".csv", ".tsv")]


def _mark(folder: Path, paths: Sequence[PurePosixPath], *parts: object) -> str:
    """Changes with the parts, the paths, and the files' sizes and times; a link to nothing has neither."""
    seen, base = [], f"{folder}/"
    for path in map(str, paths):
        try:
            # Each rerun of a page asks for all images, and a Path takes several times as long.
            stat = os.stat(base + path)  # noqa: PTH116
            seen.append((path, stat.st_size, stat.st_mtime_ns))
        except OSError:
            seen.append((path, -1, -1))
    return store.fingerprint(_READING, folder.name, *parts, seen)


# What can't be read -----------------------------------------------------------------------------------


#: Paths of bad files, each with the reason.
BadFiles = dict[PurePosixPath, str]


def _bad_files(folder: Path, layout: Layout) -> BadFiles:
    """Open every image, once for each state of the folder: the answer is kept in the cache folder."""
    paths = [member.path for member in layout.train + layout.validation + layout.test]
    mark = _mark(folder, paths, READERS)
    return _opened(folder, mark, tuple(paths))


@lru_cache(maxsize=64)
def _opened(folder: Path, mark: str, paths: tuple[PurePosixPath, ...]) -> BadFiles:
    kept = store.home(PREFIX + folder.name) / f"bad-{mark}.json"
    try:
        known: dict[str, str] = json.loads(kept.read_text("utf-8"))
        return {PurePosixPath(path): reason for path, reason in known.items()}
    except (OSError, ValueError, AttributeError):
        pass  # not looked at yet, or the note is damaged
    with ThreadPoolExecutor(4) as pool:
        reasons = pool.map(why_unreadable, [folder / path for path in paths])
        bad = dict(sorted((path, reason) for path, reason in zip(paths, reasons, strict=True) if reason))
    store.keep(kept, json.dumps({str(path): reason for path, reason in bad.items()}, ensure_ascii=False))
    return bad


def _without(layout: Layout, bad: BadFiles) -> Layout:
    if not bad:
        return layout
    train, validation, test = (
        tuple(member for member in half if member.path not in bad)
        for half in (layout.train, layout.validation, layout.test)
    )
    counts = Counter(bad.values())
    first = {reason: path for path, reason in reversed(bad.items())}
    named = tuple(LeftOut(reason, count, str(first[reason])) for reason, count in counts.most_common())
    left_out = (*layout.left_out, *named)
    left = replace(layout, train=train, validation=validation, test=test, left_out=left_out)
    there = {member.label for member in train}
    if lost := [name for label, name in enumerate(layout.class_names) if label not in there]:
        return replace(
            left, problem=f"No image of class '{lost[0]}' can be read. Replace them, or remove it."
        )
    if not test:
        return replace(left, problem="No test image can be read. Replace them.")
    return left


def _refusal(name: str, layout: Layout, bad: BadFiles) -> str:
    """The kinds of bad files in one sentence, and what to do."""
    total = len(layout.train) + len(layout.validation) + len(layout.test)
    kinds: dict[str, list[str]] = {}
    for path, reason in bad.items():
        kinds.setdefault(reason.partition(":")[0], []).append(str(path))
    parts = (
        f"{kind}: {paths[0]}" + (f" and {len(paths) - 1:,} more" if len(paths) > 1 else "")
        for kind, paths in kinds.items()
    )
    return (
        f"{len(bad):,} of {plural(total, 'image')} in '{name}' can't be read ({'; '.join(parts)}). "
        "Mend or remove them, or leave them out (dataset.leave_out_bad=true)."
    )


def subfolders(folder: Path) -> list[Path]:
    """Folders in `folder` by name, without hidden ones; none where it can't be read."""
    try:
        with os.scandir(folder) as items:
            found = [item.path for item in items if item.is_dir() and not hidden(item.name)]
    except OSError:
        return []
    return [Path(path) for path in sorted(found)]
