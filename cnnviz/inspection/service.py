"""Questions about trained networks, answered by warm processes, so that Keras never enters the web process.

What shows within a blink has a process of its own; explanations and looks through many images, which may
take seconds, wait for another one, which starts when it is first needed. So nobody's maps wait for them.
Questions are answered first come, first served. A process starts with its first question (or with `warm`),
works on the CPU only, leaves the memory after a while without questions, and is replaced when it dies.

Who no longer waits is passed over: a question that has not begun is never begun. The asking process leaves a
sign, an empty file; work that has begun looks for it between two batches (`wanted.check_wanted`) and ends.

Contract: this module imports neither Keras nor TensorFlow, nor does anything that it imports.
"""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import psutil
from loky import ProcessPoolExecutor
from loky.process_executor import ShutdownExecutorError

from cnnviz.errors import RunError
from cnnviz.inspection.questions import GetReady, Question
from cnnviz.inspection.wanted import unless

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
#: Called again and again while a question waits; whatever it raises withdraws the question.
Waiting = Callable[[], None]
_IDLE_SECONDS, _IDLE_AFTER_WORK = 900, 300
_NICE = 5  # long work stands back for maps and trainings; on an idle machine it is as fast as they
_WATCH_SECONDS = 1.0
_LOOK_SECONDS = 0.05  # from one call of `Waiting` to the next
_PATIENCE_SECONDS = 120  # a cold start takes about 10 s on two busy cores; a large network some more


class Inspector:
    """Answers questions about trained networks. Safe to share between threads."""

    def __init__(self, threads: int | None = None) -> None:
        threads = threads or min(2, os.cpu_count() or 1)
        self._quick = WarmProcess(threads, idle=_IDLE_SECONDS)
        self._long = WarmProcess(threads, idle=_IDLE_AFTER_WORK, niceness=_NICE)

    def warm(self) -> None:
        """Start the process for quick answers without waiting for it; does nothing where there is one."""
        self._quick.warm(GetReady())

    def ask(self, question: Question[Answer], waiting: Waiting | None = None) -> Answer:
        """Have a question answered, and wait; long work in a process of its own.

        Args:
            waiting: called again and again until there is an answer; whatever it raises withdraws the
                question.
        Raises:
            RunError: the process died twice over the question, or did not answer in time.
            CnnvizError: whatever answering raised.
        """
        return (self._long if question.long else self._quick).ask(question, waiting)

    def close(self) -> None:
        """End both processes. The next question starts another."""
        self._quick.close()
        self._long.close()


@cache
def inspector() -> Inspector:
    """The inspector of this process, shared by all its browsers."""
    return Inspector()


class WarmProcess:
    """Answers one question at a time. Safe to share between threads.

    Args:
        idle: seconds without questions after which the process leaves the memory.
        niceness: how far it stands back for other processes, as `nice` counts.
    """

    def __init__(self, threads: int, *, idle: float, niceness: int = 0) -> None:
        self._threads, self._idle, self._niceness = threads, idle, niceness
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()
        self._turns: deque[int] = deque()  # the first one is at work, the others wait
        self._numbers, self._moved = itertools.count(), threading.Condition()
        self._signs = Path(tempfile.mkdtemp(prefix="cnnviz-"))
        weakref.finalize(self, shutil.rmtree, self._signs, ignore_errors=True)

    def warm(self, question: Question[object]) -> None:
        """Start the process with a first question that nobody waits for; nothing where there is one."""
        if self._pool is None:
            self._submit(question, self._signs / "warm")

    def ask(self, question: Question[Answer], waiting: Waiting | None = None) -> Answer:
        """Have a question answered in the process, and wait.

        A process found dead is replaced and asked once more.

        Raises:
            RunError: it died twice over the same question, or did not answer in time.
            CnnvizError: whatever answering raised.
            BaseException: whatever `waiting` raised.
        """
        with self._turn(waiting) as sign:
            for attempt in (1, 2):
                try:
                    return self._result(self._submit(question, sign), sign, waiting)
                except (BrokenExecutor, CancelledError) as error:
                    log.warning("The inspection process has ended (%s); starting another.", error)
                    self.close()
                    cause: BaseException = error
                except FutureTimeout as error:
                    self.close()
                    raise RunError(
                        f"The inspection process gave no answer in {_PATIENCE_SECONDS} seconds and was "
                        "ended. The machine may be busy with training; try again in a moment."
                    ) from error
                del attempt
        raise RunError(
            "The inspection process ended twice while answering, most likely for want of memory. "
            "Stop other programs or runs, or look at a smaller network, and try again."
        ) from cause

    def close(self) -> None:
        """End the process. The next question starts another."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, kill_workers=True)

    @contextmanager
    def _turn(self, waiting: Waiting | None) -> Iterator[Path]:
        """Wait until all earlier questions are done with; gives the sign of this one."""
        number = next(self._numbers)
        with self._moved:
            self._turns.append(number)
        try:
            while True:
                with self._moved:
                    seconds = None if waiting is None else _LOOK_SECONDS
                    if self._moved.wait_for(lambda: self._turns[0] == number, seconds):
                        break
                if waiting:
                    waiting()
            yield self._signs / str(number)
        finally:
            with self._moved:
                self._turns.remove(number)
                self._moved.notify_all()

    def _result(self, future: Future[Answer], sign: Path, waiting: Waiting | None) -> Answer:
        """Wait for an answer; where `waiting` raises, the work is called off and its end waited for aside."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            left = end - time.monotonic()
            try:
                return future.result(timeout=max(0, left if waiting is None else min(left, _LOOK_SECONDS)))
            except FutureTimeout:
                if future.done() or left <= 0:
                    raise
            assert waiting is not None  # without it the wait is as long as the patience
            try:
                waiting()
            except BaseException:
                with suppress(OSError):  # without its sign the work goes on to its end, and no harm is done
                    sign.touch()
                    future.add_done_callback(lambda _: sign.unlink(missing_ok=True))
                raise

    def _submit(self, question: Question[Answer], sign: Path) -> Future[Answer]:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    timeout=self._idle,
                    env=_environment(self._threads),
                    initializer=_begin,
                    initargs=(os.getpid(), self._niceness),
                )
            try:
                future: Future[Answer] = self._pool.submit(_answer, question, sign)
            except ShutdownExecutorError as error:
                raise BrokenExecutor(str(error)) from error
            return future


def _environment(threads: int) -> dict[str, str]:
    return {
        "CUDA_VISIBLE_DEVICES": "",  # the GPU belongs to the training
        "KERAS_BACKEND": "tensorflow",
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        # loky replaces workers that grow by 0.3 GB; a few large networks may do that rightly.
        "LOKY_MAX_MEMORY_LEAK_SIZE": "2e9",
    }


def _begin(parent: int, niceness: int) -> None:
    """Run in the process, first: end it when the asking process is gone, however that one ended."""
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    asking = psutil.Process(parent)

    def watch() -> None:
        with suppress(psutil.NoSuchProcess):  # it may end between two looks at it
            while asking.is_running() and asking.status() != psutil.STATUS_ZOMBIE:
                time.sleep(_WATCH_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def _answer(question: Question[Answer], sign: Path) -> Answer:
    """Run in the process: what the question asks for is imported there and nowhere else."""
    with unless(sign):
        if question.keras:
            import cnnviz.backend  # noqa: F401  (first: it keeps Keras's import short)
        return question.answer()
