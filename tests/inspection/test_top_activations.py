"""Many training images through a network: the top-activating ones, against sorting everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz import datasets
from cnnviz.inspection import network, top_activations
from cnnviz.inspection.statistics import LayerNumbers, map_statistics
from cnnviz.inspection.top_activations import KEPT, LayerScan
from cnnviz.inspection.weights import Weights
from cnnviz.specs import DatasetSpec
from tests.present import present

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
DIGITS = DatasetSpec(name="digits", train_size=90, test_size=20, validation_split=0.2)


@pytest.fixture(autouse=True)
def _own_cache(cache_dir):
    """Each test has a cache folder of its own."""


@given(st.integers(1, 40), st.integers(1, 7), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_taking_images_in_turns_is_sorting_them_all(count, turn, seed):
    draw = np.random.default_rng(seed)
    values = draw.integers(0, 6, (count, 2, 3, 4)).astype(np.float32)  # many are equal
    scan = LayerScan.nothing(4)
    for start in range(0, count, turn):
        part = values[start : start + turn]
        scan = scan.joined(np.arange(start, start + len(part)) + 100, part)
    for k in range(4):
        largest = values[..., k].max(axis=(1, 2))
        order = sorted(range(count), key=lambda i: (-largest[i], i))[:KEPT]
        assert scan.largest.images[k].tolist() == [100 + i for i in order]
        assert scan.largest.values[k].tolist() == [largest[i] for i in order]
        for image, place in zip(order, scan.largest.places[k], strict=True):
            assert values[image, ..., k].flat[place] == largest[image]
        means = values[..., k].mean(axis=(1, 2), dtype=np.float64)
        assert scan.mean.values[k] == pytest.approx(np.sort(means)[::-1][:KEPT])


def file_of(run, count, untrained=False):
    return top_activations.path(Weights.of(run.path, untrained), count)


def values_of(run, layer, image):
    """A layer's maps of one image: (H, W, K)."""
    return present(network.activations(Weights(run.path), image).layer(layer)).values


def finish(run, count, untrained=False):
    asked = (Weights.of(run.path, untrained), count, file_of(run, count, untrained))
    turns = [top_activations.advance(*asked)]
    while turns[-1].done < turns[-1].total:
        turns.append(top_activations.advance(*asked))
    return turns


def test_only_training_images_are_seen_and_the_strongest_found(make_run):
    run, _ = make_run("two-pairs", dataset=DIGITS)
    assert finish(run, 1000)[-1] == (72, 72)
    file = file_of(run, 1000)
    train = datasets.load(DIGITS).train
    for found in network.activations(Weights(run.path), train.images[0]).layers:
        scan = present(top_activations.read(file, found.name))
        assert set(scan.largest.images.flat) <= set(train.indices)
        k = found.depth // 2
        image = int(np.flatnonzero(train.indices == scan.largest.images[k, 0])[0])
        again = values_of(run, found.name, train.images[image])[..., k]
        assert scan.largest.values[k, 0] == pytest.approx(again.max(), rel=1e-4, abs=1e-5)
        assert again.flat[scan.largest.places[k, 0]] == pytest.approx(again.max(), rel=1e-4, abs=1e-5)
        others = [values_of(run, found.name, image) for image in train.images[:9]]
        assert scan.largest.values[k, 0] >= max(one[..., k].max() for one in others) - 1e-5
    assert not list(run.path.rglob("*.npz"))  # nothing is kept in the run's own folder


def test_turns_go_on_and_the_first_images_are_enough(make_run, monkeypatch):
    run, _ = make_run("two-pairs", dataset=DIGITS)
    monkeypatch.setattr(top_activations, "_TURN_SECONDS", 0)  # one batch a turn
    assert [turn.done for turn in finish(run, 1000)] == [32, 64, 72]
    assert [turn.done for turn in finish(run, 40)] == [32, 40]
    file = file_of(run, 40)
    first = set(datasets.load(DIGITS).train.indices[:40])
    assert set(present(top_activations.read(file, "softmax")).largest.images.flat) <= first


def test_untrained_weights_and_newer_ones_have_lists_of_their_own(make_run):
    run, _ = make_run("two-pairs", dataset=DIGITS, epoch=1)
    finish(run, 40)
    finish(run, 40, untrained=True)
    make_run("two-pairs", dataset=DIGITS, seed=5, into=run)
    finish(run, 40)
    kept = sorted(path.name for path in file_of(run, 40).parent.iterdir())
    assert len(kept) == 3


def test_a_damaged_file_is_made_again(make_run):
    run, _ = make_run("two-pairs", dataset=DIGITS)
    finish(run, 40)
    file = file_of(run, 40)
    assert top_activations.read(file, "nowhere") is None
    finish(run, 40)
    file.write_bytes(file.read_bytes()[:200])
    assert top_activations.read(file, "softmax") is None
    finish(run, 40)
    assert top_activations.read(file, "softmax") is not None


def test_measuring_many_images_is_measuring_each(make_run):
    run, _ = make_run("two-pairs", dataset=DIGITS)
    other, _ = make_run("two-pairs", dataset=DIGITS, kernel_size=5, seed=1)
    images = datasets.load(DIGITS).train
    for start, count in ((0, 32), (64, 8), (96, 0)):
        found = network.measure(Weights(other.path), "block1_conv2", run.path, range(start, start + 32))
        assert len(found) == count
        if count:
            maps = values_of(other, "block1_conv2", images.images[start + 3])
            expected = LayerNumbers.of(map_statistics(maps))
            assert found[3] == pytest.approx(expected, rel=1e-3, nan_ok=True)
