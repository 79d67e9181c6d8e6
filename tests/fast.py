"""A pytest plugin: `--fast` skips each test as soon as it asks for TensorFlow, a browser or another process.

Nobody has to mark tests, and no mark can be forgotten: what a test needs shows when it asks for it. A module
that imports Keras is skipped whole. What is left runs in the loop while writing (`make test-fast`).
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from typing import Any

import pytest

_HEAVY = ("keras", "tensorflow")
#: Events of `sys.addaudithook`.
_STARTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty")


class Fast:
    """Skips by an exception where something heavy is asked for, in a test, a fixture or a module.

    A thread of a test (Streamlit runs pages in one) keeps an exception to itself, and code may catch it: the
    test is skipped all the same, since what it asked for is remembered.
    """

    def __init__(self) -> None:
        self._asked = ""

    def pytest_collection(self) -> None:
        # Not earlier: pytest itself may start a process before.
        sys.meta_path.insert(0, self)
        sys.addaudithook(self.hear)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> None:
        """Asked first where a module lies, as an entry of `sys.meta_path`."""
        if name in _HEAVY:
            self._refuse(f"it imports {name}")

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by Python with whatever is audited."""
        if event in _STARTS:
            self._refuse("it starts a process")

    def _refuse(self, reason: str) -> None:
        self._asked = f"not fast: {reason}"
        pytest.skip(self._asked, allow_module_level=True)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, Any]:
        self._asked = ""
        return (yield from self._step())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        return (yield from self._step())

    def _step(self) -> Generator[None, Any, Any]:
        try:
            result = yield
        except BaseException:
            if not self._asked:
                raise
        if self._asked:
            pytest.skip(self._asked)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        try:
            return (yield)
        except BaseException:
            # A thread's end is told here. That the test was skipped is known already.
            if not self._asked:
                raise


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="skip what needs TensorFlow, a browser or a process")


def pytest_configure(config: pytest.Config) -> None:
    # The controller of pytest-xdist has to start its workers.
    if config.getoption("fast") and not config.getoption("numprocesses", None):
        config.pluginmanager.register(Fast())
