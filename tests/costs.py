"""A pytest plugin: what each test file costs in CPU-seconds, the dearest listed at the end.

Counted are this process, its children that have ended (with theirs), and at the end of each file those that
still run. A process that detached itself and outlives its parent is missed here; `tests/metered.py` counts
it in the sum of `make test`. What is set up for several files is paid by the first of them.
"""

from __future__ import annotations

import resource
from collections import Counter
from typing import Any

import psutil
import pytest

#: How many files are listed.
_SHOWN = 15
_COLLECTING = "collecting, imports"


def spent() -> float:
    """User and system seconds of this process and of those below it."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in own) + sum(map(_of, psutil.Process().children(True)))


def _of(process: psutil.Process) -> float:
    """What a living process and its own ended children used."""
    try:
        times = process.cpu_times()
    except psutil.Error:  # it has ended meanwhile, and is counted among the ended from now on
        return 0.0
    # macOS does not say what children used.
    return float(sum(getattr(times, n, 0.0) for n in ("user", "system", "children_user", "children_system")))


class Costs:
    """Adds up per file where the tests run; the controller of pytest-xdist adds its workers' sums."""

    def __init__(self) -> None:
        self.by_file: Counter[str] = Counter()
        self._before = 0.0

    def count(self, file: str) -> None:
        """Charge a file with what was used since the last call."""
        now = spent()
        self.by_file[file] += max(0.0, now - self._before)  # type: ignore[assignment]  # a Counter of seconds
        self._before = now

    def pytest_collection_finish(self) -> None:
        self.count(_COLLECTING)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        result = yield
        if nextitem is None or nextitem.path != item.path:
            self.count(str(item.path.relative_to(item.config.rootpath)))
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["costs"] = dict(self.by_file)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.by_file.update(getattr(node, "workeroutput", {}).get("costs", {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section(f"CPU-seconds by file: {self.by_file.total():.0f}")
        for file, seconds in self.by_file.most_common(_SHOWN):
            terminalreporter.line(f"{seconds:7.1f} {file}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Costs(), "costs")
