"""Questions about trained networks, answered by warm processes, so that Keras never enters the web process.

Contract: this module imports neither Keras nor TensorFlow, nor does anything that it imports. What shows
within a blink has a process of its own; explanations and looks through many images, which may take
seconds, wait for another one, which starts when it is first needed. So nobody's maps wait for them.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.inspection.process import Waiting, WarmProcess
from cnnviz.inspection.results import ActivationSet, Kernels, WeightHistogram

_NETWORK = "cnnviz.inspection.network"
_IDLE_SECONDS, _IDLE_AFTER_WORK = 900, 300
_NICE = 5  # long work stands back for maps and trainings; on an idle machine it is as fast as they


class Inspector:
    """Questions about trained networks. Safe to share between threads."""

    def __init__(self, threads: int | None = None) -> None:
        threads = threads or min(2, os.cpu_count() or 1)
        self._quick = WarmProcess(threads, idle=_IDLE_SECONDS)
        self._long = WarmProcess(threads, idle=_IDLE_AFTER_WORK, niceness=_NICE)

    def warm(self) -> None:
        """Start the process for quick answers without waiting for it; does nothing where there is one."""
        self._quick.warm(_NETWORK, "ready")

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

    def answer(
        self, function: str, *, module: str = _NETWORK, waiting: Waiting | None = None, **arguments: Any
    ) -> Any:
        """Call `module.function(**arguments)` in the process for quick answers, and wait.

        Args:
            waiting: called again and again until there is an answer; whatever it raises withdraws the
                question.
            arguments: plain data, as the answer.
        Raises:
            RunError: the process died twice over the same question, or did not answer in time.
            CnnvizError: whatever the function raised.
        """
        return self._quick.answer(module, function, arguments, waiting)

    def work(self, function: str, *, module: str, waiting: Waiting | None = None, **arguments: Any) -> Any:
        """As `answer`, in the process for what may take seconds.

        Raises:
            RunError, CnnvizError: as `answer`.
        """
        return self._long.answer(module, function, arguments, waiting)

    def close(self) -> None:
        """End both processes. The next question starts another."""
        self._quick.close()
        self._long.close()


@cache
def inspector() -> Inspector:
    """The inspector of this process, shared by all its browsers."""
    return Inspector()
