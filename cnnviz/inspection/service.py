"""One warm process that answers forward passes, so that Keras never enters the web process.

Contract: this module imports neither Keras nor TensorFlow, nor does anything that it imports. The
worker starts with the first question (or with `warm`), works on the CPU only, leaves the memory after
a quarter of an hour without questions, and is replaced when it dies.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from loky import ProcessPoolExecutor
from loky.process_executor import ShutdownExecutorError
from numpy.typing import NDArray

from cnnviz.errors import RunError
from cnnviz.inspection.results import ActivationSet, Kernels, WeightHistogram

log = logging.getLogger(__name__)

_NETWORK = "cnnviz.inspection.network"
_IDLE_SECONDS = 900
_WATCH_SECONDS = 1.0
_PATIENCE_SECONDS = 120  # a cold start takes about 10 s on two busy cores; a large network some more


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


def _call(module: str, function: str, arguments: dict[str, Any]) -> Any:
    """Run in the worker: the module is imported there and nowhere else."""
    return getattr(importlib.import_module(module), function)(**arguments)


def _end_with(parent: int) -> None:
    """Run in the worker, first: end it when the asking process is gone, however that one ended."""
    asking = psutil.Process(parent)

    def watch() -> None:
        while _lives(asking):
            time.sleep(_WATCH_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def _lives(process: psutil.Process) -> bool:
    """Whether it still runs; it may end between two looks at it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Inspector:
    """Questions about trained networks. Safe to share between threads; answers come one at a time."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or min(2, os.cpu_count() or 1)
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start the worker and its imports without waiting for them; does nothing where there is one."""
        if self._pool is None:
            self._submit(_NETWORK, "ready", {})

    def activations(self, run: Path, image: NDArray[np.uint8]) -> ActivationSet:
        """What every layer (but dropout and flatten) of a run's network makes of one image (H, W, C).

        Raises:
            RunError: the run has no weights, or they don't fit its spec, or the worker can't answer.
            ImageError: the image has another shape than the network's input.
        """
        answer: ActivationSet = self.answer("activations", run=str(run), image=image)
        return answer

    def kernels(self, run: Path, layer: str, output: int | None = None) -> Kernels:
        """Weights of a convolution: of all its maps, or of one.

        Raises:
            RunError: as `activations`; or the layer is no convolution.
        """
        answer: Kernels = self.answer("kernels", run=str(run), layer=layer, output=output)
        return answer

    def weight_histograms(self, run: Path, bins: int = 60) -> tuple[WeightHistogram, ...]:
        """Distribution of the weights and the biases of every layer that has any."""
        answer: tuple[WeightHistogram, ...] = self.answer("weight_histograms", run=str(run), bins=bins)
        return answer

    def answer(self, function: str, *, module: str = _NETWORK, **arguments: Any) -> Any:
        """Call `module.function(**arguments)` in the worker and wait; arguments and answer are plain data.

        A worker found dead is replaced and asked once more.

        Raises:
            RunError: it died twice over the same question, or did not answer in time.
            CnnvizError: whatever the function raised.
        """
        for attempt in (1, 2):
            try:
                return self._submit(module, function, arguments).result(timeout=_PATIENCE_SECONDS)
            except (BrokenExecutor, CancelledError) as error:
                log.warning("The inspection process has ended (%s); starting another.", error)
                self._discard()
                cause: BaseException = error
            except FutureTimeout as error:
                self._discard()
                raise RunError(
                    f"The inspection process gave no answer in {_PATIENCE_SECONDS} seconds and was ended. "
                    "The machine may be busy with training; try again in a moment."
                ) from error
            del attempt
        raise RunError(
            "The inspection process ended twice while answering, most likely for want of memory. "
            "Stop other programs or runs, or look at a smaller network, and try again."
        ) from cause

    def close(self) -> None:
        """End the worker. The next question starts another."""
        self._discard()

    def _submit(self, module: str, function: str, arguments: dict[str, Any]) -> Future[Any]:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    timeout=_IDLE_SECONDS,
                    env=_environment(self._threads),
                    initializer=_end_with,
                    initargs=(os.getpid(),),
                )
            try:
                future: Future[Any] = self._pool.submit(_call, module, function, arguments)
            except ShutdownExecutorError as error:
                raise BrokenExecutor(str(error)) from error
            return future

    def _discard(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, kill_workers=True)


@cache
def inspector() -> Inspector:
    """The inspector of this process, shared by all its browsers."""
    return Inspector()
