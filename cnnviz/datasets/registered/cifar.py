"""CIFAR-10 and CIFAR-100 from the official python or binary version, archived or extracted, or npz.

The python version is pickled dicts, the binary one fixed records. Both hold an image as 3072 bytes: red,
green and blue plane, each 32×32 row by row. A binary record has one label byte before them (CIFAR-10) or
two, coarse and fine (CIFAR-100).

Pickles are read without running anything that one might ask for. Allowed are dict, list, tuple, bytes, str,
numbers and plain numeric numpy arrays; every name that a pickle asks for is answered with our own harmless
stand-in or refused, so that a prepared file can neither import nor call anything.

Names of the classes in the order of their labels, and the 20 groups of CIFAR-100:
https://www.cs.toronto.edu/~kriz/cifar.html; label orders as in the official meta files (both alphabetical).
"""

from __future__ import annotations

import gzip
import io
import pickle
import re
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry, Download, Source
from cnnviz.datasets.official import damaged, read_npz, seek

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


_GROUPS: dict[str, tuple[str, ...]] = {
    "aquatic mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "fish": ("aquarium fish", "flatfish", "ray", "shark", "trout"),
    "flowers": ("orchid", "poppy", "rose", "sunflower", "tulip"),
    "food containers": ("bottle", "bowl", "can", "cup", "plate"),
    "fruit and vegetables": ("apple", "mushroom", "orange", "pear", "sweet pepper"),
    "household electrical devices": ("clock", "keyboard", "lamp", "telephone", "television"),
    "household furniture": ("bed", "chair", "couch", "table", "wardrobe"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "large carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large man-made outdoor things": ("bridge", "castle", "house", "road", "skyscraper"),
    "large natural outdoor scenes": ("cloud", "forest", "mountain", "plain", "sea"),
    "large omnivores and herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "medium-sized mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "non-insect invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "people": ("baby", "boy", "girl", "man", "woman"),
    "reptiles": ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    "small mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    "trees": ("maple tree", "oak tree", "palm tree", "pine tree", "willow tree"),
    "vehicles 1": ("bicycle", "bus", "motorcycle", "pickup truck", "train"),
    "vehicles 2": ("lawn mower", "rocket", "streetcar", "tank", "tractor"),
}


CIFAR100_GROUPS = tuple(_GROUPS)
CIFAR100 = tuple(sorted(name for members in _GROUPS.values() for name in members))
#: For each fine label the label of its group.
CIFAR100_GROUP_OF = tuple(
    next(group for group, members in enumerate(_GROUPS.values()) if name in members) for name in CIFAR100
)
_SHAPE = (32, 32, 3)
_ROW = 3 * 32 * 32
_SITE = "https://www.cs.toronto.edu/~kriz/"


@dataclass(frozen=True)
class Layout:
    """Files of one version and how many images each holds; `label_key`: the python version's key."""

    folder: str
    train: tuple[tuple[str, int], ...]
    test: tuple[tuple[str, int], ...]
    classes: int
    label_key: bytes | None = None
    label_bytes: int = 1
    archive: str = ""

    @property
    def archives(self) -> tuple[str, ...]:
        """What the archive may be called: officially, unpacked by a browser, by Keras 2 and Keras 3."""
        stem = self.archive.removesuffix(".tar.gz")
        endings = (".tar.gz", ".tgz", ".tar", "-target_archive")
        return tuple(name + ending for name in (stem, self.folder) for ending in endings)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The files in their order, in `folder`."""
        return tuple(folder / name for name, _ in self.train + self.test)


CIFAR10_PYTHON = Layout(
    folder="cifar-10-batches-py",
    train=tuple((f"data_batch_{number}", 10_000) for number in range(1, 6)),
    test=(("test_batch", 10_000),),
    classes=10,
    label_key=b"labels",
    archive="cifar-10-python.tar.gz",
)
CIFAR10_BINARY = Layout(
    folder="cifar-10-batches-bin",
    train=tuple((f"data_batch_{number}.bin", 10_000) for number in range(1, 6)),
    test=(("test_batch.bin", 10_000),),
    classes=10,
    archive="cifar-10-binary.tar.gz",
)
CIFAR100_PYTHON = Layout(
    folder="cifar-100-python",
    train=(("train", 50_000),),
    test=(("test", 10_000),),
    classes=100,
    label_key=b"fine_labels",
    archive="cifar-100-python.tar.gz",
)
CIFAR100_BINARY = Layout(
    folder="cifar-100-binary",
    train=(("train.bin", 50_000),),
    test=(("test.bin", 10_000),),
    classes=100,
    label_bytes=2,
    archive="cifar-100-binary.tar.gz",
)


def _candidates(python: Layout, binary: Layout, name: str) -> Callable[[Sequence[Path]], list[Source]]:
    """Sources under each root: extracted folders, archives, npz; also as Keras 2 and 3 call them."""

    def read_whole(files: tuple[Path, ...]) -> Arrays:
        return read_npz(files[0], 50_000, 10_000, _SHAPE, python.classes)

    def lies_in(folders: str) -> bool:
        """CIFAR-100's files are called `train` and `test`: their folder says whose they are."""
        return python.classes == 10 or bool(re.search("cifar-?100", folders))

    def find(roots: Sequence[Path]) -> list[Source]:
        sources: list[Source] = []
        for root in roots:
            for layout in (python, binary):
                names = [(path.name,) for path in layout.files(Path())]
                sources += seek(layout.folder, root, names, partial(read_files, layout=layout), lies_in)
            for layout in (python, binary):
                read = partial(read_archive, layout=layout)
                sources += seek(layout.archive, root, [layout.archives], read)
            sources += seek(
                f"{name}.npz", root, [(f"{name}.npz", f"{name.replace('cifar', 'cifar-')}.npz")], read_whole
            )
        return sources

    return find


def _register(
    name: str, title: str, text: str, python: Layout, binary: Layout, order: int, size: int, sha256: str
) -> None:
    coarse = name == "cifar100"
    entry = DatasetEntry(
        name=name,
        title=title,
        description=f"{text}: 50,000 training and 10,000 test images, 32×32.",
        source="A. Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        class_names=CIFAR100 if coarse else CIFAR10,
        shape=_SHAPE,
        n_train=50_000,
        n_test=10_000,
        coarse_names=CIFAR100_GROUPS if coarse else (),
        coarse_of=CIFAR100_GROUP_OF if coarse else (),
        candidates=_candidates(python, binary, name),
        downloads=(Download(python.archive, f"{_SITE}{python.archive}", size, sha256),),
    )
    DATASETS.add(name, entry, order=order)


_register(
    "cifar10",
    "CIFAR-10",
    "Small colour photographs in 10 classes",
    CIFAR10_PYTHON,
    CIFAR10_BINARY,
    order=50,
    size=170_498_071,
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
_register(
    "cifar100",
    "CIFAR-100",
    "Small colour photographs in 100 classes (fine) or 20 groups of them (coarse)",
    CIFAR100_PYTHON,
    CIFAR100_BINARY,
    order=60,
    size=169_001_437,
    sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)


def read_files(files: tuple[Path, ...], layout: Layout) -> Arrays:
    """Read the extracted files of a layout.

    Raises:
        DataError: a file is unreadable, truncated, or holds something else.
    """
    return _assemble(_of_folder(files, layout), layout)


def read_archive(files: tuple[Path, ...], layout: Layout) -> Arrays:
    """Read the same files out of the official `.tar.gz`, nothing is extracted to disk.

    Raises:
        DataError: the archive is truncated, no archive, or lacks a file.
    """
    return _assemble(_of_archive(files, layout), layout)


class Batch(NamedTuple):
    """One file of the python version, looked into."""

    name: str
    held: dict[str, str]  # by key: what lies there, `uint8, 10000 × 3072`
    rows: np.ndarray  # uint8, (N, 3072): red, green and blue plane, each row by row
    labels: np.ndarray  # int64, (N,)


def look_into(files: tuple[Path, ...], layout: Layout) -> tuple[Batch, ...]:
    """The files of a python version as they are, before anything is made of them; the test file last.

    Args:
        files: its extracted files, or its archive.
    Raises:
        DataError: a file is damaged or cut short.
    """
    content = (_of_archive if len(files) == 1 else _of_folder)(files, layout)
    found = []
    for name, n in layout.train + layout.test:
        path, data = content[name]
        rows, labels = _python(path, data, n, layout)
        held = {key.decode(): _held(value) for key, value in read_pickle(data, path).items()}
        found.append(Batch(name, held, rows, labels))
    return tuple(found)


def _held(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}, {' × '.join(map(str, value.shape))}"
    if isinstance(value, list) and value:
        kinds = {bytes: "texts", str: "texts", int: "whole numbers"}
        return f"{len(value)} {kinds.get(type(value[0]), type(value[0]).__name__)}"
    return f"the text '{value.decode('utf-8', 'replace')}'" if isinstance(value, bytes) else repr(value)


Content = dict[str, tuple[Path, bytes]]


def _of_folder(files: tuple[Path, ...], layout: Layout) -> Content:
    content = {}
    for path in files:
        try:
            content[path.name] = (path, path.read_bytes())
        except OSError as error:
            raise damaged(path, f"it can't be read ({error.strerror})", _expected(layout)) from error
    return content


def _of_archive(files: tuple[Path, ...], layout: Layout) -> Content:
    (path,) = files
    wanted = dict(layout.train + layout.test)
    # More bytes than any proper file of this layout has, so that a bomb is cut off.
    ceiling = max(wanted.values()) * (_ROW + 200) + 2**20
    content: Content = {}
    try:
        # A browser may have unpacked it, and left its name. What is damaged is opened as what it should be.
        with path.open("rb") as begin:
            head = begin.read(512)
        plain = head[257:262] == b"ustar"
        with tarfile.open(path, "r:" if plain else "r:gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                file = archive.extractfile(member) if name in wanted and member.isfile() else None
                if file is not None:
                    content[name] = (path / name, file.read(ceiling))
    except (OSError, EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile) as error:
        size = f"{path.stat().st_size:,} bytes" if path.is_file() else "no file"
        raise damaged(path, f"it is damaged or cut short ({size}; {error})", _expected(layout)) from error
    if missing := sorted(wanted.keys() - content.keys()):
        raise damaged(path, f"it lacks {', '.join(missing)}", _expected(layout))
    return content


def _assemble(content: Content, layout: Layout) -> Arrays:
    halves: list[np.ndarray] = []
    for batches in (layout.train, layout.test):
        total = sum(n for _, n in batches)
        images, labels = np.empty((total, 32, 32, 3), np.uint8), np.empty(total, np.int64)
        start = 0
        for name, n in batches:
            path, data = content[name]
            rows, batch = (_python if layout.label_key else _binary)(path, data, n, layout)
            if batch.min() < 0 or batch.max() >= layout.classes:
                raise damaged(path, f"its labels run from {batch.min()} to {batch.max()}", _expected(layout))
            images[start : start + n] = rows.reshape(n, 3, 32, 32).transpose(0, 2, 3, 1)
            labels[start : start + n] = batch
            start += n
        halves += [images, labels]
    return Arrays(*halves)


def _python(path: Path, data: bytes, n: int, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    batch = read_pickle(data, path)
    key = layout.label_key or b""
    rows, labels = batch.get(b"data"), batch.get(key)
    if not (isinstance(rows, np.ndarray) and rows.dtype == np.uint8 and rows.shape == (n, _ROW)):
        kind = f"{rows.dtype} of shape {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        raise damaged(path, f"its 'data' is {kind}", f"uint8 of shape ({n}, {_ROW})")
    whole = isinstance(labels, list) and len(labels) == n and all(type(label) is int for label in labels)
    if not whole:
        raise damaged(path, f"its '{key.decode()}' is no list of {n:,} integers", _expected(layout))
    return rows, np.array(labels, np.int64)


def _binary(path: Path, data: bytes, n: int, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    record = layout.label_bytes + _ROW
    if len(data) != n * record:
        raise damaged(
            path, f"it has {len(data):,} bytes", f"{n:,} records of {record:,} bytes: {n * record:,}"
        )
    table = np.frombuffer(data, np.uint8).reshape(n, record)
    return table[:, layout.label_bytes :], table[:, layout.label_bytes - 1].astype(np.int64)


def _expected(layout: Layout) -> str:
    return f"the files of {layout.folder}, {layout.train[0][1]:,} images in {layout.train[0][0]}"


_EXPECTED = "a pickled batch of CIFAR: a dict of lists, bytes, numbers and numpy arrays"


class _StandIn(tuple[Callable[..., Any]]):
    """What a pickle gets for a name: it can be called, and nothing else.

    Pickles can set attributes of whatever they are given. A tuple has none, so that a refused file leaves
    nothing behind that the next one is read with.
    """

    __slots__ = ()

    def __call__(self, *arguments: Any) -> Any:
        return self[0](*arguments)


def _no_call(*arguments: object) -> None:
    raise pickle.UnpicklingError("an array made in a way that CIFAR's files don't")


#: Stands for `numpy.ndarray`, which a pickle names as an argument alone.
_ARRAY_TYPE = _StandIn((_no_call,))


def _reconstruct(kind: object, shape: object, code: object) -> np.ndarray:
    # What numpy's own function does for every pickled array; its content follows as state.
    if kind is not _ARRAY_TYPE:
        raise pickle.UnpicklingError("an array of an unknown type")
    return np.empty(0, np.uint8)


def _frombuffer(buffer: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: str) -> np.ndarray:
    # Protocol 5 writes arrays so; a dtype can only have come from `_dtype`.
    if not isinstance(dtype, np.dtype) or order not in ("C", "F"):
        raise pickle.UnpicklingError("an array of an unknown kind")
    return np.frombuffer(buffer, dtype).reshape(shape, order="F" if order == "F" else "C")


def _dtype(code: str | bytes, align: object = False, copy: object = False) -> np.dtype[Any]:
    dtype = np.dtype(code.decode("ascii") if isinstance(code, bytes) else code)
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise pickle.UnpicklingError(f"an array of type {dtype}")
    return dtype


def _encode(text: str, encoding: str = "latin1") -> bytes:
    # Python 3 writes bytes this way with protocol 2.
    return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _ARRAY_TYPE,
    ("numpy", "dtype"): _StandIn((_dtype,)),
    ("numpy.core.multiarray", "_reconstruct"): _StandIn((_reconstruct,)),
    ("numpy._core.multiarray", "_reconstruct"): _StandIn((_reconstruct,)),
    ("numpy.core.numeric", "_frombuffer"): _StandIn((_frombuffer,)),
    ("numpy._core.numeric", "_frombuffer"): _StandIn((_frombuffer,)),
    ("_codecs", "encode"): _StandIn((_encode,)),
}


#: What unpickling raises for a file that is none, or only a part of one.
_BROKEN = (
    *(pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError, MemoryError),
    *(OverflowError, NotImplementedError, ImportError),
)


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no data need") from None


def read_pickle(data: bytes, path: Path) -> dict[bytes, Any]:
    """Return the dict that `data` holds; str keys (written by Python 3) come back as bytes.

    Raises:
        DataError: truncated, no pickle, no dict, or a pickle that asks for anything but data.
    """
    try:
        content = _Restricted(io.BytesIO(data), encoding="bytes").load()
    except _BROKEN as error:
        raise damaged(path, f"its pickle is refused or broken ({error})", _EXPECTED) from error
    if not isinstance(content, dict):
        raise damaged(path, f"it holds a {type(content).__name__}", _EXPECTED)
    return {key.encode() if isinstance(key, str) else key: value for key, value in content.items()}
