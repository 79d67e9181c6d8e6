"""A bare Keras `fit` of an experiment, in a process of its own: prints the seconds of each epoch."""

from __future__ import annotations

import sys
import time

import keras

from cnnviz.architectures.build import build_model
from cnnviz.datasets import load
from cnnviz.specs import ExperimentSpec


class _Clock(keras.callbacks.Callback):
    """Print how long each epoch takes, validation included."""

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        print(time.perf_counter() - self.start)


def main() -> None:
    """Train the experiment given as JSON on the command line."""
    experiment = ExperimentSpec.from_json(sys.argv[1])
    training, data = experiment.training, load(experiment.dataset)
    keras.utils.set_random_seed(training.seed)
    model = build_model(experiment.architecture, data.input_shape, len(data.class_names))
    model.compile(training.optimizer.lower(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        data.train.images,
        data.train.labels,
        batch_size=training.batch_size,
        epochs=training.epochs,
        validation_data=(data.validation.images, data.validation.labels),
        verbose=0,
        callbacks=[_Clock()],
    )


if __name__ == "__main__":
    main()
