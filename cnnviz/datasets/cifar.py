"""CIFAR-10 and CIFAR-100 from the official python or binary version, archived or extracted, or npz."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from cnnviz.datasets.batches import Layout, read_archive, read_files
from cnnviz.datasets.cifar_names import CIFAR10, CIFAR100, CIFAR100_GROUP_OF, CIFAR100_GROUPS
from cnnviz.datasets.entry import DATASETS, Arrays, DatasetEntry, Download, Source
from cnnviz.datasets.npz import read_npz

_SHAPE = (32, 32, 3)
_SITE = "https://www.cs.toronto.edu/~kriz/"

CIFAR10_PYTHON = Layout(
    folder="cifar-10-batches-py",
    train=tuple((f"data_batch_{number}", 10_000) for number in range(1, 6)),
    test=(("test_batch", 10_000),),
    classes=10,
    label_key=b"labels",
)
CIFAR10_BINARY = Layout(
    folder="cifar-10-batches-bin",
    train=tuple((f"data_batch_{number}.bin", 10_000) for number in range(1, 6)),
    test=(("test_batch.bin", 10_000),),
    classes=10,
)
CIFAR100_PYTHON = Layout(
    folder="cifar-100-python",
    train=(("train", 50_000),),
    test=(("test", 10_000),),
    classes=100,
    label_key=b"fine_labels",
)
CIFAR100_BINARY = Layout(
    folder="cifar-100-binary",
    train=(("train.bin", 50_000),),
    test=(("test.bin", 10_000),),
    classes=100,
    label_bytes=2,
)


def _candidates(
    name: str, keras: str, layouts: tuple[tuple[Layout, str], ...]
) -> Callable[[Sequence[Path]], list[Source]]:
    """Sources under each root: extracted folders, archives, npz, then the names Keras gives them."""
    classes = layouts[0][0].classes

    def find(roots: Sequence[Path]) -> list[Source]:
        sources: list[Source] = []
        for root in (folder for given in roots for folder in (given, given / name)):
            sources += [_extracted(root, layout) for layout, _ in layouts]
            sources += [_archived(root / archive, layout) for layout, archive in layouts]
            sources.append(Source(f"{name}.npz in {root}", (root / f"{name}.npz",), partial(_npz, classes)))
            sources.append(_extracted(root / f"{keras}-target", layouts[0][0]))
            sources.append(_archived(root / f"{keras}-target_archive", layouts[0][0]))
        return sources

    return find


def _extracted(root: Path, layout: Layout) -> Source:
    folder = root / layout.folder
    return Source(f"{layout.folder} in {root}", layout.files(folder), partial(read_files, layout=layout))


def _archived(path: Path, layout: Layout) -> Source:
    return Source(f"{path.name} in {path.parent}", (path,), partial(read_archive, layout=layout))


def _npz(classes: int, files: tuple[Path, ...]) -> Arrays:
    return read_npz(files[0], 50_000, 10_000, _SHAPE, classes)


DATASETS.add(
    "cifar10",
    DatasetEntry(
        name="cifar10",
        title="CIFAR-10",
        description="Small colour photographs in 10 classes: 50,000 training and 10,000 test images, 32×32.",
        source="A. Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        class_names=CIFAR10,
        shape=_SHAPE,
        n_train=50_000,
        n_test=10_000,
        candidates=_candidates(
            "cifar10",
            "cifar-10-batches-py",
            ((CIFAR10_PYTHON, "cifar-10-python.tar.gz"), (CIFAR10_BINARY, "cifar-10-binary.tar.gz")),
        ),
        downloads=(
            Download(
                "cifar-10-python.tar.gz",
                f"{_SITE}cifar-10-python.tar.gz",
                170_498_071,
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            ),
        ),
    ),
)

DATASETS.add(
    "cifar100",
    DatasetEntry(
        name="cifar100",
        title="CIFAR-100",
        description="Small colour photographs in 100 classes (fine) or 20 groups of them (coarse): "
        "50,000 training and 10,000 test images, 32×32.",
        source="A. Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        class_names=CIFAR100,
        shape=_SHAPE,
        n_train=50_000,
        n_test=10_000,
        coarse_names=CIFAR100_GROUPS,
        coarse_of=CIFAR100_GROUP_OF,
        candidates=_candidates(
            "cifar100",
            "cifar-100-python",
            ((CIFAR100_PYTHON, "cifar-100-python.tar.gz"), (CIFAR100_BINARY, "cifar-100-binary.tar.gz")),
        ),
        downloads=(
            Download(
                "cifar-100-python.tar.gz",
                f"{_SITE}cifar-100-python.tar.gz",
                169_001_437,
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            ),
        ),
    ),
)
