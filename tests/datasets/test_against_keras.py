"""The same files through Keras's own loaders: equal arrays."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.specs import DatasetSpec


@pytest.mark.slow
def test_fashion_mnist_in_kerass_cache_is_what_keras_loads(
    data_dir: Path, cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras
    from keras.src.backend import config

    # Made-up content in the official layout: Keras checks no hash here. It repeats within the window of gzip,
    # which then takes a tenth of the time.
    folder = tmp_path / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for stem, n in (("train", 60_000), ("t10k", 10_000)):
        pattern = rng.integers(0, 256, (30, 28, 28)).astype(np.uint8)
        images = pattern[np.arange(n) % 30]
        images[:, 0, 0] = np.arange(n) % 251
        labels = (np.arange(n) * 7 % 10).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            path = folder / f"{stem}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))  # read from KERAS_HOME when Keras was imported
    (train_images, train_labels), (test_images, test_labels) = keras.datasets.fashion_mnist.load_data()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    loaded = datasets.load(DatasetSpec(name="fashion-mnist"))
    assert np.array_equal(loaded.full_train.images[..., 0], train_images)
    assert np.array_equal(loaded.full_train.labels, train_labels)
    assert np.array_equal(loaded.full_test.images[..., 0], test_images)
    assert np.array_equal(loaded.full_test.labels, test_labels)


@pytest.mark.slow
def test_cifar10_batches_are_what_keras_reads(cifar_dir: Path) -> None:
    from keras.src.datasets.cifar import load_batch

    x, y = load_batch(str(cifar_dir / "cifar-10-batches-py" / "data_batch_5"))
    loaded = datasets.load(DatasetSpec(name="cifar10"))
    positions = np.arange(40_000, 50_000)
    assert np.array_equal(loaded.full_train.images_at(positions), np.asarray(x).transpose(0, 2, 3, 1))
    assert np.array_equal(loaded.full_train.labels[40_000:], np.asarray(y))
