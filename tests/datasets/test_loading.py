"""From a spec to its images: what is announced is what is loaded; the cache is read-only and mends itself."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz import datasets
from cnnviz.datasets import store
from cnnviz.errors import SpecError, StorageError, UnknownNameError
from cnnviz.specs import DatasetSpec

SPECS = st.builds(
    DatasetSpec,
    name=st.sampled_from(["digits", "shapes"]),
    train_size=st.one_of(st.none(), st.integers(30, 1437)),
    test_size=st.one_of(st.none(), st.integers(10, 360)),
    selection=st.sampled_from(["stratified", "first"]),
    validation_split=st.floats(0, 0.5),
    seed=st.integers(0, 1000),
)


@settings(deadline=None)  # the first one draws or decodes the images
@given(spec=SPECS)
def test_what_is_announced_is_what_is_loaded(spec: DatasetSpec) -> None:
    facts, loaded = datasets.facts(spec), datasets.load(spec)
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (
        facts.n_train,
        facts.n_validation,
        facts.n_test,
    )
    assert facts.n_train + facts.n_validation == (spec.train_size or facts.n_train_full)
    assert not set(loaded.train.indices) & set(loaded.validation.indices)
    for part, whole in (
        (loaded.train, loaded.full_train),
        (loaded.validation, loaded.full_train),
        (loaded.test, loaded.full_test),
    ):
        assert np.array_equal(part.labels, whole.labels[part.indices])
    assert loaded.input_shape == loaded.train.shape == facts.input_shape
    assert np.array_equal(loaded.train.indices, datasets.load(spec).train.indices)


def test_images_and_labels_belong_together_in_every_part() -> None:
    loaded = datasets.load(DatasetSpec(name="digits", train_size=500, validation_split=0.2, seed=3))
    for part in (loaded.train, loaded.validation):
        assert np.array_equal(part.images, loaded.full_train.images[part.indices])
        assert np.array_equal(part.images_at([4, 0, 4]), part.images[[4, 0, 4]])


def test_images_are_uint8_and_can_not_be_written() -> None:
    loaded = datasets.load(DatasetSpec(name="digits"))
    assert loaded.full_train.images.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        loaded.full_train.images[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        loaded.train.labels[0] = 0


@pytest.mark.parametrize("positions", [[-1], [360], [0, 400]])
def test_positions_outside_are_refused(positions: list[int]) -> None:
    with pytest.raises(IndexError, match="0 … 359"):
        datasets.load(DatasetSpec(name="digits")).test.images_at(positions)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"name": "digits", "train_size": 1438}, "train_size is 1,438, but Digits has 1,437 images there"),
        ({"name": "digits", "test_size": 361}, "test_size is 361, but Digits has 360"),
        ({"name": "digits", "size": 24}, "no images of 24×24 pixels. Set size to 16 or 32"),
        ({"name": "mnist", "size": 32}, "Set size to 28"),
        ({"name": "cifar10", "labels": "coarse"}, "CIFAR-10 has no coarse labels"),
        ({"name": "digits", "train_size": 100_000_000}, "at most 1,437"),
    ],
)
def test_impossible_wishes_are_refused_before_anything_is_read(spec: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        datasets.facts(DatasetSpec.parse(spec))


def test_too_few_for_every_class_is_refused() -> None:
    with pytest.raises(SpecError, match="9 images cannot hold one of each of the 10 classes"):
        datasets.load(DatasetSpec(name="digits", train_size=9))
    with pytest.raises(SpecError, match="leaves 8 of 10 images to train 10 classes"):
        datasets.load(DatasetSpec(name="digits", train_size=10, validation_split=0.2))


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'cifar10'"):
        datasets.load(DatasetSpec(name="cifar-10"))


def test_coarse_labels_have_twenty_classes() -> None:
    assert datasets.facts(DatasetSpec(name="cifar100", labels="coarse")).classes == 20
    assert datasets.facts(DatasetSpec(name="cifar100")).classes == 100


def test_registered_sets_tell_everything_without_files(data_dir: Path) -> None:
    known = ("digits", "shapes", "mnist", "fashion-mnist", "cifar10", "cifar100")
    assert tuple(name for name in datasets.names() if name in known) == known
    for name in datasets.names():
        facts = datasets.facts(DatasetSpec(name=name))
        assert facts.classes == len(datasets.entry(name).class_names)


@pytest.mark.parametrize("damage", ["truncate", "delete", "about", "garbage"])
def test_a_damaged_cache_is_made_again(cache_dir: Path, damage: str) -> None:
    before = datasets.load(DatasetSpec(name="digits")).full_train.images.copy()
    (folder,) = (cache_dir / "datasets" / "digits").iterdir()
    target = folder / ("about.json" if damage == "about" else "train_images.npy")
    target.chmod(0o644)
    if damage == "delete":
        target.unlink()
    else:
        target.write_bytes(
            {"truncate": target.read_bytes()[:5000], "about": b"{", "garbage": b"x" * 99}[damage]
        )
    assert np.array_equal(datasets.load(DatasetSpec(name="digits")).full_train.images, before)


def test_several_at_once_make_one_cache(cache_dir: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: len(datasets.load(DatasetSpec(name="digits")).train), range(6)))
    assert set(found) == {1293}
    assert len(list((cache_dir / "datasets" / "digits").iterdir())) == 1


def test_a_failed_reading_leaves_nothing_behind(cache_dir: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "train_images.npy").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match=r"No space left on device.*CNNVIZ_CACHE_DIR"):
        store.cached("digits", "0" * 20, write)
    assert list((cache_dir / "datasets" / "digits").iterdir()) == []


def test_a_cache_folder_that_is_a_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNVIZ_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="CNNVIZ_CACHE_DIR"):
        datasets.load(DatasetSpec(name="digits"))


def test_names_that_differ_do_not_share_a_cache(cache_dir: Path) -> None:
    folders = [store.home(name) for name in ("folder:a b", "folder:a_b", "folder_a_b", "mnist")]
    assert len(set(folders)) == 4
    shutil.rmtree(cache_dir)


def test_real_mnist_has_its_published_class_counts(mnist_dir: Path) -> None:
    loaded = datasets.load(DatasetSpec(name="mnist", validation_split=0.2))
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(loaded.full_train.labels).tolist() == train
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(loaded.full_test.labels).tolist() == test
    assert (len(loaded.train), len(loaded.validation)) == (48_000, 12_000)
    assert np.all(np.abs(np.bincount(loaded.validation.labels) - np.array(train) * 0.2) < 1)


def test_both_versions_of_real_cifar10_agree(
    cifar_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    for version in ("cifar-10-batches-py", "cifar-10-batches-bin"):
        folder = tmp_path / version
        folder.mkdir()
        (folder / version).symlink_to(cifar_dir / version)
        monkeypatch.setenv("CNNVIZ_DATA_DIR", str(folder))
        loaded.append(datasets.load(DatasetSpec(name="cifar10")))
    one, other = loaded
    assert one.fingerprint != other.fingerprint
    assert np.bincount(one.full_train.labels).tolist() == [5000] * 10
    for half in ("full_train", "full_test"):
        assert np.array_equal(getattr(one, half).labels, getattr(other, half).labels)
        assert np.array_equal(getattr(one, half).images, getattr(other, half).images)


def test_a_fold_that_scores_is_not_the_one_that_watches() -> None:
    """With a validation share beside folds: three parts, and none of the test images."""
    spec = DatasetSpec(name="digits", train_size=300, validation_split=0.1, folds=3, fold=2)
    one, plain = datasets.load(spec), datasets.load(spec.but(validation_split=0))
    parts = [one.train.indices, one.validation.indices, one.scored.indices]
    assert [len(part) for part in parts] == [180, 20, 100]
    assert len(np.unique(np.concatenate(parts))) == 300
    assert np.array_equal(one.scored.indices, plain.scored.indices)
    assert np.array_equal(plain.scored.indices, plain.validation.indices)
    facts = datasets.facts(spec)
    assert (facts.n_train, facts.n_validation) == (180, 20)
    assert len(one.tested) == len(plain.tested) == 0
    assert len(datasets.load(spec.but(folds=None, fold=None)).tested) == facts.n_test


@pytest.mark.parametrize("train_size", [None, 100])
def test_folds_divide_the_training_images_and_leave_the_test_images(train_size: int | None) -> None:
    whole = DatasetSpec(name="digits", train_size=train_size, validation_split=0)
    folds = [whole.but(folds=3, fold=fold) for fold in (1, 2, 3)]
    loaded = [datasets.load(spec) for spec in folds]
    held = np.sort(np.concatenate([one.validation.indices for one in loaded]))
    assert np.array_equal(held, datasets.load(whole).train.indices)
    for spec, one in zip(folds, loaded, strict=True):
        facts = datasets.facts(spec)
        assert (facts.n_train, facts.n_validation) == (len(one.train), len(one.validation))
        assert np.array_equal(one.test.indices, datasets.load(whole).test.indices)
