"""The same files through Keras's own loaders: equal arrays."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnviz import datasets
from cnnviz.specs import DatasetSpec


def _keras_load(module: str, keras_home: Path, out: Path) -> dict[str, np.ndarray]:
    """Let Keras load a data set from its own cache, in a process whose KERAS_HOME is ours."""
    code = (
        f"import numpy as np, keras; (a, b), (c, d) = keras.datasets.{module}.load_data();"
        f"np.savez({str(out)!r}, a=a, b=b, c=c, d=d)"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env={"KERAS_HOME": str(keras_home), "PATH": ""},
        capture_output=True,
    )
    with np.load(out) as archive:
        return dict(archive)


def _equal(name: str, truth: dict[str, np.ndarray]) -> None:
    loaded = datasets.load(DatasetSpec(name=name))
    assert np.array_equal(loaded.full_train.images[..., 0], truth["a"])
    assert np.array_equal(loaded.full_train.labels, truth["b"].reshape(-1))
    assert np.array_equal(loaded.full_test.images[..., 0], truth["c"])
    assert np.array_equal(loaded.full_test.labels, truth["d"].reshape(-1))


@pytest.mark.slow
def test_fashion_mnist_in_kerass_cache_is_what_keras_loads(
    data_dir: Path, cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Made-up content in the official layout: Keras checks no hash here.
    folder = tmp_path / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for stem, n in (("train", 60_000), ("t10k", 10_000)):
        pattern = rng.integers(0, 256, (100, 28, 28)).astype(np.uint8)
        images = pattern[np.arange(n) % 100]
        images[:, 0, 0] = np.arange(n) % 251
        labels = (np.arange(n) * 7 % 10).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            path = folder / f"{stem}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))
    truth = _keras_load("fashion_mnist", tmp_path, tmp_path / "out.npz")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    _equal("fashion-mnist", truth)


@pytest.mark.slow
def test_cifar10_batches_are_what_keras_reads(cifar_dir: Path) -> None:
    from keras.src.datasets.cifar import load_batch

    x, y = load_batch(str(cifar_dir / "cifar-10-batches-py" / "data_batch_5"))
    loaded = datasets.load(DatasetSpec(name="cifar10"))
    positions = np.arange(40_000, 50_000)
    assert np.array_equal(loaded.full_train.images_at(positions), np.asarray(x).transpose(0, 2, 3, 1))
    assert np.array_equal(loaded.full_train.labels[40_000:], np.asarray(y))
