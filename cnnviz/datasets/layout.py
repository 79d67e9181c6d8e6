"""Which files are images of which class and half: one reader for folders and zips.

It sees names alone. What people bring is read as they mean it: halves by any usual name, outer folders,
folders inside a class, classes in the files' names. What is not understood is left out and counted, with the
reason, or is the `problem`, which names the folder that stands in the way; nothing is left out in silence.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from cnnviz.errors import DataError
from cnnviz.registry import did_you_mean
from cnnviz.words import listed, plural

#: Endings of files that are read as images, whatever the case.
SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif"),
    *(".heic", ".heif"),
)
#: Held back of the training images for testing where there is no test half.
TEST_SHARE = 0.2
_TRAIN, _VALIDATION, _TEST = "train", "validation", "test"
_HALVES = {
    _TRAIN: ("train", "training", "trainset", "trainingset", "trainingdata", "traindata", "trainimages"),
    _VALIDATION: ("val", "valid", "validation", "validationset", "valset", "validset", "dev", "devset"),
    _TEST: ("test", "testing", "testset", "testingset", "testdata", "testimages"),
}
_HALF_OF = {name: half for half, names in _HALVES.items() for name in names}
#: `cat.0.jpg`, `cat_12.jpg`, `cat (3).jpg` are of the class `cat`.
_NUMBERED = re.compile(r"(?P<label>.*?[^\W\d].*?)[\s._-]*\(?\d+\)?", re.DOTALL)

ClassesFrom = Literal["folders", "names", "table"]


class LeftOut(NamedTuple):
    """Files, or folders, that are not used: why, how many, and the path of one of them."""

    reason: str
    files: int
    example: str


class Member(NamedTuple):
    """An image: where it lies, and the index of its class."""

    path: PurePosixPath
    label: int


@dataclass(frozen=True)
class Layout:
    """What a folder, or a zip, holds. Each half is in an order that mixes the classes and is always the same.

    Attributes:
        outer: the folder around the classes or halves, relative to what was read; "" where there is none.
        own_test: whether the test images were brought as such, and not held back of the training images.
        subfolders: names of folders inside classes whose images count for their class.
        problem: why it can't be used, and what to do; "" where it can.
    """

    class_names: tuple[str, ...] = ()
    train: tuple[Member, ...] = ()
    validation: tuple[Member, ...] = ()
    test: tuple[Member, ...] = ()
    own_test: bool = False
    outer: str = ""
    subfolders: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problem: str = ""


def is_image(name: str) -> bool:
    """Whether a file's name is an image's."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def hidden(name: str) -> bool:
    """Whether an operating system put it there for itself."""
    return name.startswith(".") or name == "__MACOSX"


def in_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which numbers in names sort as numbers: `class2` before `class10`."""
    parts = re.split(r"(\d+)", name.casefold())
    return (
        *((1, 0, part) if i % 2 == 0 else (0, int(part), part) for i, part in enumerate(parts)),
        (-1, 0, name),
    )


@dataclass
class _Folder:
    """A folder of what is read: its images, its folders, and how many images lie in it at any depth."""

    path: PurePosixPath
    images: list[PurePosixPath] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Images in it at any depth."""
        return len(self.images) + sum(folder.total for folder in self.folders.values())

    def at(self, parts: Iterable[str]) -> _Folder:
        """The folder below this one; made where it is not there yet."""
        folder = self
        for part in parts:
            folder = folder.folders.setdefault(part, _Folder(folder.path / part))
        return folder

    def all_images(self) -> Iterator[PurePosixPath]:
        """Its images at any depth."""
        yield from self.images
        for folder in self.folders.values():
            yield from folder.all_images()

    def filled(self) -> list[_Folder]:
        """Its folders that hold images, at any depth."""
        return [folder for folder in self.folders.values() if folder.total]

    def empty(self) -> Iterator[_Folder]:
        """Outermost folders below it that hold no image."""
        for folder in self.folders.values():
            if not folder.total:
                yield folder
            else:
                yield from folder.empty()


def read(
    files: Iterable[PurePosixPath],
    folders: Iterable[PurePosixPath] = (),
    *,
    name: str,
    classes_from: ClassesFrom = "folders",
    labels: Mapping[str, str] | None = None,
) -> Layout:
    """Find halves, classes and images.

    Args:
        files: paths relative to what is read, images or not, without hidden ones.
        folders: all folders, so that those without an image are named too.
        name: what is read, for messages.
        classes_from: "folders": an image's class is the folder that it lies in; "names": the beginning of its
            name (`cat.0.jpg`); "table": `labels` says it, by the file's name or path.
    """
    root, others = _Folder(PurePosixPath()), Counter[str]()
    examples: dict[str, str] = {}
    for path in files:
        if is_image(path.name):
            root.at(path.parent.parts).images.append(path)
        else:
            ending = path.suffix.lower() or "no ending"
            others[ending] += 1
            examples.setdefault(ending, str(path))
    for path in folders:
        root.at(path.parts)
    return _Reader(name, classes_from, labels or {}, others, examples).read(root)


class _Reader:
    def __init__(
        self,
        name: str,
        classes_from: ClassesFrom,
        labels: Mapping[str, str],
        others: Counter[str],
        examples: Mapping[str, str],
    ) -> None:
        self.name, self.classes_from, self.labels = name, classes_from, labels
        self.left_out = [
            LeftOut(f"no image ({ending})", count, examples[ending]) for ending, count in others.most_common()
        ]
        self.subfolders: dict[str, None] = {}

    def read(self, root: _Folder) -> Layout:
        inner = self._inner(root)
        try:
            halves = self._halves(inner) or {_TRAIN: inner}
            by_class = {half: self._by_class(folder, half) for half, folder in halves.items()}
            return self._layout(inner, halves[_TRAIN], by_class)
        except DataError as refused:
            return Layout(left_out=self._counted(inner), outer=_shown(inner), problem=str(refused))

    def _inner(self, root: _Folder) -> _Folder:
        """Step into folders that stand around everything else."""
        folder = root
        while not folder.images and len(inside := folder.filled()) == 1 and self._holds_classes(inside[0]):
            if _half(inside[0].path.name):
                break
            self._name_empty(beside for beside in folder.folders.values() if not beside.total)
            folder = inside[0]
        return folder

    def _holds_classes(self, folder: _Folder) -> bool:
        return bool(folder.filled()) if self.classes_from == "folders" else bool(folder.total)

    def _halves(self, inner: _Folder) -> dict[str, _Folder]:
        """Training, validation and test folders, if there are such; what lies beside them is left out."""
        found: dict[str, _Folder] = {}
        for folder in inner.filled():
            half = _half(folder.path.name)
            if half in found:
                raise DataError(
                    f"{self.name} has two folders of {half} images, '{found[half].path.name}' and "
                    f"'{folder.path.name}'. Keep one of them, or put their images together."
                )
            if half:
                found[half] = folder
        if _TRAIN not in found or not self._holds_classes(found[_TRAIN]):
            return self._beside_classes(inner, found)
        names = listed([f"'{folder.path.name}'" for folder in found.values()])
        for folder in inner.filled():
            if folder not in found.values():
                reason = f"beside the folders {names}: move them into one of these"
                self._leave_out(reason, folder.total, next(folder.all_images()))
        if inner.images:
            self._leave_out(f"loose, beside the folders {names}", len(inner.images), inner.images[0])
        return found

    def _beside_classes(self, inner: _Folder, found: dict[str, _Folder]) -> dict[str, _Folder]:
        """Halves for testing and validation that lie beside the classes' folders, which then train.

        A class may itself be called `train` or `valid`: only where the same classes lie in it again, or a
        folder `test` holds nothing but images, is it a half.
        """
        classes = {_name(name): folder for name, folder in inner.folders.items() if folder.total}
        for half, folder in list(found.items()):
            inside = {_name(deeper.path.name) for deeper in folder.filled()}
            others = classes.keys() - {_name(folder.path.name)}
            unlabelled = half == _TEST and not inside and len(others) >= 2
            if half == _TRAIN or not (unlabelled or (inside and inside <= others)):
                del found[half]
        if not found or self.classes_from != "folders":
            return {}
        train = _Folder(inner.path, inner.images, dict(inner.folders))
        for folder in found.values():
            del train.folders[folder.path.name]
        return {_TRAIN: train, **found}

    def _by_class(self, folder: _Folder, half: str) -> dict[str, list[PurePosixPath]]:
        """Images of each class, by its name in Unicode's composed form (NFC)."""
        by_class: dict[str, list[PurePosixPath]] = {}
        if self.classes_from == "folders":
            for inside in folder.filled():
                by_class.setdefault(_name(inside.path.name), []).extend(inside.all_images())
                self.subfolders.update(dict.fromkeys(_name(deeper.path.name) for deeper in inside.filled()))
            loose = folder.images
            reason = "loose: in no class's folder" if by_class else "without a class: in no class's folder"
        else:
            loose = []
            for path in folder.all_images():
                label = self._label_of(path, folder)
                if label:
                    by_class.setdefault(_name(label), []).append(path)
                else:
                    loose.append(path)
            reason = (
                "without a class in the name: it must begin with it, as in cat.0.jpg"
                if self.classes_from == "names"
                else "not in the table of labels"
            )
        if loose:
            self._leave_out(reason if half == _TRAIN else f"{half} images {reason}", len(loose), loose[0])
        return by_class

    def _label_of(self, path: PurePosixPath, folder: _Folder) -> str:
        if self.classes_from == "names":
            return _label_in(path.stem)
        within = path.relative_to(folder.path)
        keys = (str(path), str(within), path.name, path.stem)
        return next((self.labels[key] for key in keys if key in self.labels), "")

    def _layout(
        self, inner: _Folder, train: _Folder, by_class: dict[str, dict[str, list[PurePosixPath]]]
    ) -> Layout:
        class_names = tuple(sorted(by_class[_TRAIN], key=in_order))
        if len(class_names) < 2:
            raise DataError(self._too_few_classes(train, class_names))
        members = {half: self._members(half, found, class_names) for half, found in by_class.items()}
        own_test = bool(members.get(_TEST))
        if not own_test:
            members[_TRAIN], members[_TEST] = self._held_back(train, class_names, members[_TRAIN])
        halves = {half: tuple(sorted(part, key=lambda m: _order(inner, m))) for half, part in members.items()}
        return Layout(
            class_names,
            halves[_TRAIN],
            halves.get(_VALIDATION, ()),
            halves[_TEST],
            own_test,
            _shown(inner),
            tuple(sorted(self.subfolders, key=in_order)),
            self._counted(inner),
        )

    def _members(
        self, half: str, by_class: dict[str, list[PurePosixPath]], class_names: tuple[str, ...]
    ) -> list[Member]:
        for name, paths in by_class.items():
            if name not in class_names:
                where = paths[0].parent if self.classes_from == "folders" else paths[0]
                raise DataError(
                    f"'{name}' ({self.name}/{where}) is a class of {half} images that the training images do "
                    f"not have.{did_you_mean(name, class_names)} Name the classes alike in both."
                )
        return [Member(path, class_names.index(name)) for name, paths in by_class.items() for path in paths]

    def _held_back(
        self, train: _Folder, class_names: tuple[str, ...], members: list[Member]
    ) -> tuple[list[Member], list[Member]]:
        """Hold test images back of each class, by a number that follows from an image's own name alone.

        So an image that is added moves no other one between the halves; only a class that has no image under
        the share gives its lowest one, and one whose images all are keeps its highest.
        """
        kept: list[Member] = []
        held: list[Member] = []
        for label, name in enumerate(class_names):
            ranked = sorted((_rank(_key(train, m)), m) for m in members if m.label == label)
            if len(ranked) < 2:
                raise DataError(
                    f"Class '{name}' in {self.name} has one image ({ranked[0][1].path}), so none could be "
                    "held back for testing. Add images, or place a folder 'test' beside 'train'."
                )
            below = sum(rank < TEST_SHARE for rank, _ in ranked)
            first = min(max(below, 1), len(ranked) - 1)
            held += [member for _, member in ranked[:first]]
            kept += [member for _, member in ranked[first:]]
        return kept, held

    def _too_few_classes(self, train: _Folder, class_names: tuple[str, ...]) -> str:
        where = f"{self.name}/{train.path}".removesuffix("/.")
        if self.classes_from == "names":
            return f"The names of the images in {where} begin with {_how_many(class_names)}; two are needed."
        if self.classes_from == "table":
            return (
                f"The table of labels gives the images in {where} {_how_many(class_names)}; two are needed. "
                "It is a file .csv beside them, with a column of file names and one of labels."
            )
        empty = next(iter(train.empty()), None)
        besides = f" ('{empty.path}' holds no image)" if empty is not None else ""
        text = f"{where} has {_how_many(class_names, ' folder')}{besides}. "
        by_name = {label for path in train.all_images() if (label := _label_in(path.stem))}
        if len(by_name) >= 2:
            some = listed(sorted(by_name, key=in_order)[:3])
            return (
                text + f"The names of its images begin with {some}: if those are the classes, say so ({ASK})."
            )
        endings = "images (.jpg, .png and others)"
        return text + f"Place at least two, one a class, with {endings} in each."

    def _leave_out(self, reason: str, files: int, example: PurePosixPath) -> None:
        for place, known in enumerate(self.left_out):
            if known.reason == reason:
                self.left_out[place] = known._replace(files=known.files + files)
                return
        self.left_out.append(LeftOut(reason, files, str(example)))

    def _name_empty(self, folders: Iterable[_Folder]) -> None:
        for empty in folders:
            reason = (
                "a folder named like an image" if is_image(empty.path.name) else "a folder without images"
            )
            self._leave_out(reason, 1, empty.path)

    def _counted(self, inner: _Folder) -> tuple[LeftOut, ...]:
        self._name_empty(inner.empty())
        return tuple(self.left_out)


#: How a person asks for classes from the names of files.
ASK = "Classes from: their names; dataset.classes_from=names"


def _half(name: str) -> str:
    """Which half a folder's name means; "" where it means none."""
    return _HALF_OF.get(re.sub(r"[\W_]+", "", name.casefold()), "")


def _name(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _label_in(stem: str) -> str:
    match = _NUMBERED.fullmatch(stem)
    return match["label"] if match else ""


def _key(folder: _Folder, member: Member) -> str:
    """Where an image lies within a folder, however what stands around that is called."""
    return _name(str(member.path.relative_to(folder.path)))


def _order(inner: _Folder, member: Member) -> tuple[float, Member]:
    """Sort key that mixes the classes, and puts an added image between the others without moving them."""
    return _rank(f"order {_key(inner, member)}"), member


def _rank(key: str) -> float:
    """A number in [0, 1) that follows from the text alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64


def _how_many(class_names: tuple[str, ...], what: str = "") -> str:
    if not class_names:
        return f"no class{what}"
    return f"only one class{what}" + (f", '{class_names[0]}'" if class_names else "")


def _shown(folder: _Folder) -> str:
    return "" if folder.path == PurePosixPath() else str(folder.path)


def counted(left_out: Iterable[LeftOut]) -> str:
    """`4 no image (.txt), 1 loose: …`: what is left out, in words."""
    return "; ".join(f"{plural(item.files, 'file')} {item.reason} (as {item.example})" for item in left_out)


#: Headers of a column of labels, where a table has more than two columns.
_LABEL_COLUMNS = (
    "label",
    "labels",
    "class",
    "classes",
    "class_name",
    "category",
    "target",
    "breed",
    "species",
)


def labels_from(text: str, images: Iterable[PurePosixPath]) -> dict[str, str]:
    """Read a table of labels: by the column that names the images, with or without folder and ending.

    Args:
        text: comma, semicolon or tabulator between columns, headings in the first line.
        images: what it may name.
    Returns:
        The label by what stands in that column; {} where no column names an image, or none has labels.
    """
    heading, *rows = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if row] or [[]]
    known = {key for path in images for key in (str(path), path.name, path.stem)}
    columns = range(len(heading))
    cells = {column: [row[column].strip() for row in rows if column < len(row)] for column in columns}
    named = {column: sum(cell in known for cell in cells[column]) for column in columns}
    files = max(columns, key=lambda column: named[column], default=None)
    if files is None or not named[files]:
        return {}
    others = [column for column in columns if column != files]
    called = [column for column in others if heading[column].strip().casefold() in _LABEL_COLUMNS]
    label = next(iter(called or others), None)
    if label is None:
        return {}
    pairs = ((row[files].strip(), row[label].strip()) for row in rows if max(files, label) < len(row))
    return {file: text for file, text in pairs if file and text}


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)
