"""What must hold before a training begins: checked when it is queued, and again by the worker.

Needs neither Keras nor TensorFlow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz import datasets
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.errors import DataError, SpecError
from cnnviz.specs import ExperimentSpec
from cnnviz.training import devices


def check(experiment: ExperimentSpec) -> NetworkSummary:
    """Return the network's arithmetic if the experiment can be trained on this machine.

    Raises:
        CnnvizError: the data set, the network's shapes, the batch size or the device is impossible.
    """
    devices.check(experiment.training)
    facts = datasets.facts(experiment.dataset)
    summary = summarise(experiment.architecture, facts.input_shape, len(facts.class_names))
    batch = experiment.training.batch_size
    if batch > facts.n_train:
        raise SpecError(
            f"A batch of {batch} images is larger than the {facts.n_train} training images. "
            f"Set training.batch_size to at most {facts.n_train}, or use more images."
        )
    return summary


def check_labels(labels: NDArray[Any], classes: int, part: str) -> None:
    """Refuse labels without a class: on a GPU they would turn into a silent NaN.

    Raises:
        DataError: a label is negative or too large.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise DataError(
            f"{len(wrong)} {part} images have a label outside 0 … {classes - 1}; the first one is image "
            f"{wrong[0]} with label {labels[wrong[0]]}. Mend the data set, or choose another one."
        )
