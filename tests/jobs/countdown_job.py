"""A kind of job for tests: counts down, and ends as it is asked to."""

from __future__ import annotations

import os
import signal
import time
from typing import Literal

from cnnviz.errors import SpecError
from cnnviz.jobs.job import Job, Report
from cnnviz.jobs.kinds import KINDS
from cnnviz.specs import Spec

#: How it ends: in order, never, by an exception of cnnviz's, of another's, by a signal, by an exit code.
End = Literal["done", "partly", "never", "refused", "raised", "crashed", "killed", "ended", "left"]


class Countdown(Spec):
    """From which number."""

    title: str = "Countdown"
    start: int = 3
    end: End = "done"


@KINDS.register("test_countdown")
class CountdownJob(Job[Countdown]):
    """Counts down to nothing."""

    asked_as, place, noun = Countdown, ".test_countdowns", "test_countdown"

    def counted(self) -> list[int]:
        """What was counted so far, whoever did it."""
        file = self.path / "counted.txt"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def work(self, report: Report) -> list[str]:
        """Count what is missing."""
        asked = self.spec()
        for number in range(asked.start, 0, -1):
            report("counting", 1 - number / asked.start, done=asked.start - number, total=asked.start)
            if number not in self.counted():
                with (self.path / "counted.txt").open("a") as file:
                    file.write(f"{number}\n")
        return self._end(asked.end, report)

    def _end(self, end: End, report: Report) -> list[str]:
        while end == "never":
            report("waiting")
            time.sleep(0.02)
        if end == "refused":
            raise SpecError("Nothing can be counted. Ask for more.")
        if end == "raised":
            raise ZeroDivisionError("counted too far")
        if end == "left":
            print("these were its last words", flush=True)
            os._exit(3)
        signals = {"crashed": signal.SIGSEGV, "killed": signal.SIGKILL, "ended": signal.SIGTERM}
        if end in signals:
            os.kill(os.getpid(), signals[end])
        return ["The zero is missing."] if end == "partly" else []
