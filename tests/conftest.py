"""Folders of their own for the tests, and the real data where this machine has them.

No test reads or writes the user's own runs, data or cache: their variables point into a temporary
folder for the whole session. `runs_dir`, `data_dir` and `cache_dir` give one test an empty
folder of its own; `mnist_dir` and `cifar_dir` give the folder of real data that CNNVIZ_DATA_DIR named
when the tests were started.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from cnnviz import paths
from tests.processes import end_workers, shared_folder

pytest_plugins = ["tests.costs", "tests.fast", "tests.keras_once"]

# No test measures time: a loaded machine must not turn a right answer into a failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

#: What CNNVIZ_DATA_DIR named before the tests took it over.
_REAL_DATA = os.environ.get("CNNVIZ_DATA_DIR", "").strip()
_FOLDERS = {"CNNVIZ_RUNS_DIR": "runs", "CNNVIZ_DATA_DIR": "data", "CNNVIZ_CACHE_DIR": "cache"}
_BROWSER = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come first: one worker of pytest-xdist does them all, and they take longest."""
    items.sort(key=lambda item: _BROWSER not in item.path.parents)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Give each file to one worker of pytest-xdist, and all of the browser's to one.

    A file's tests share what it set up; the browser's share a server, a browser and an inspector.
    """

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "browser" if _BROWSER in (config.rootpath / file).parents else file

    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector out of what is imported, which lives to the end.

    It would take a fifth of the imports; and with Keras among them, walking them again and again took three
    quarters of the time of a page's test.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _no_folder_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    root = tmp_path_factory.mktemp("cnnviz")
    with pytest.MonkeyPatch.context() as patch:
        for variable, name in _FOLDERS.items():
            (root / name).mkdir()
            patch.setenv(variable, str(root / name))
        keep_shapes_in(root / "cache", tmp_path_factory)
        # Empty, and one for all workers: what libraries read at their import must be the same for a process
        # that they share (`tests/keras_once.py`).
        patch.setenv("KERAS_HOME", str(shared_folder(tmp_path_factory) / "no-keras"))
        # An app of a test must leave no process behind that waits for a next run.
        patch.setenv("CNNVIZ_PREPARED", "0")
        yield


def keep_shapes_in(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let a cache folder hold the data set of shapes that all workers share: drawing it takes two seconds.

    Only that one: whether another is on this machine may be what a test asks.
    """
    home = paths.ensure(cache / "datasets") / "shapes"
    home.symlink_to(paths.ensure(shared_folder(tmp_path_factory) / "shapes"))


@pytest.fixture(scope="session", autouse=True)
def _no_inspector_left() -> Iterator[None]:
    """All tests of a worker of pytest-xdist ask one inspector, which costs an import of Keras."""
    yield
    if service := sys.modules.get("cnnviz.inspection.service"):
        service.inspector().close()


def _own_folder(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / f"own-{_FOLDERS[variable]}"
    folder.mkdir()
    monkeypatch.setenv(variable, str(folder))
    return folder


@pytest.fixture
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder, for this test alone."""
    return _own_folder("CNNVIZ_RUNS_DIR", tmp_path, monkeypatch)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, for this test alone."""
    return _own_folder("CNNVIZ_DATA_DIR", tmp_path, monkeypatch)


@pytest.fixture
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, for this test alone."""
    return _own_folder("CNNVIZ_CACHE_DIR", tmp_path, monkeypatch)


def _real_data(files: tuple[str, ...], title: str) -> Path:
    """Return the folder of real data.

    Where the data are missing the test is skipped, saying why; it fails instead where
    CNNVIZ_REQUIRE_REAL_DATA=1 says that they must be there.
    """
    folder = Path(_REAL_DATA) if _REAL_DATA else None
    missing = [name for name in files if folder is None or not (folder / name).exists()]
    if folder is not None and not missing:
        return folder
    reason = (
        f"needs {title}: CNNVIZ_DATA_DIR is not set"
        if folder is None
        else f"needs {title}: {', '.join(missing)} missing in CNNVIZ_DATA_DIR ({folder})"
    )
    if os.environ.get("CNNVIZ_REQUIRE_REAL_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def _mnist_folder() -> Path:
    return _real_data(("mnist.npz",), "the real MNIST")


@pytest.fixture(scope="session")
def _cifar_folder() -> Path:
    return _real_data(("cifar-10-batches-bin", "cifar-10-batches-py"), "the real CIFAR-10")


@pytest.fixture
def mnist_dir(_mnist_folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder with the real mnist.npz; CNNVIZ_DATA_DIR points to it during the test.

    Decoded into a cache of its own: other tests ask what takes its place where it is not on the machine.
    """
    monkeypatch.setenv("CNNVIZ_DATA_DIR", str(_mnist_folder))
    return _mnist_folder


@pytest.fixture
def cifar_dir(_cifar_folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder with the real CIFAR-10; CNNVIZ_DATA_DIR points to it, as in `mnist_dir`."""
    monkeypatch.setenv("CNNVIZ_DATA_DIR", str(_cifar_folder))
    return _cifar_folder


@pytest.fixture
def own_metric() -> Iterator[str]:
    """A stranger's metric, registered and nothing else: the share of images that are right; its title."""
    from cnnviz.metrics import METRICS, Metric

    title = "Made by a test"
    METRICS.add(
        "of_a_test",
        Metric(
            title=title, better="higher", of_matrix=lambda matrix: matrix.trace() / matrix.sum(), high=1.0
        ),
    )
    yield title
    del METRICS._entries["of_a_test"], METRICS._orders["of_a_test"]


@pytest.fixture
def prepared_worker(runs_dir: Path, keras_once: Callable[[Path], None]) -> Iterator[None]:
    """Where a test trains several runs, Keras is imported already; nothing is left at work."""
    keras_once(runs_dir)
    yield
    end_workers(runs_dir)
