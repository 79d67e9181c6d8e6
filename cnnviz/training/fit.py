"""Fit: from an experiment and its data to a trained network, resumable bit by bit on a CPU."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from cnnviz import backend
from cnnviz.architectures.build import build_model
from cnnviz.architectures.layer_training import first_convolution, frozen_layers, hand_made
from cnnviz.datasets import Dataset
from cnnviz.errors import RunError, SpecError
from cnnviz.runs import RunDirectory, RunReport, journal
from cnnviz.specs import ArchitectureSpec, ExperimentSpec, TrainingSpec
from cnnviz.training import checkpoint
from cnnviz.training.augmentation import training_model
from cnnviz.training.checkpoint import Keeper, Writer
from cnnviz.training.journal import Journal, NonFiniteLossError
from cnnviz.training.optimization import (
    BestEpoch,
    Plateau,
    class_weights,
    make_loss,
    make_optimizer,
    make_schedule,
)
from cnnviz.training.progress import Progress, Stopped
from cnnviz.training.snapshots import Snapshots, Watch, Watched


class Training:
    """A network, built and compiled, with everything that watches its training.

    Attributes:
        network: what is saved: uint8 images to probabilities.
        model: what is fitted: the same layers, with augmentation before them.
        epoch: whole epochs behind it.
        fit_seconds: seconds that `fit` took, over all processes of the run, pauses left out.
    """

    def __init__(
        self, run: RunDirectory, experiment: ExperimentSpec, data: Dataset, progress: Progress
    ) -> None:
        self.run = run
        self.spec = spec = experiment.training
        keras.utils.set_random_seed(spec.seed)
        keras.mixed_precision.set_global_policy(spec.precision)
        classes = len(data.class_names)
        self.network = build_model(experiment.architecture, data.input_shape, classes, training=spec)
        prepare(self.network, experiment.architecture, spec, run.path.parent)
        self.watch = Watch(self.network)
        changed = training_model(self.network, spec.augmentation, spec.seed)
        self.model = Watched(changed, self.watch)
        self.model.compile(
            optimizer=make_optimizer(spec),
            loss=make_loss(spec, classes),
            metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self.epoch, self.fit_seconds = 0, 0.0
        self.writer = Writer()
        self.batches = backend.ShuffledBatches(
            data.train.images, data.train.labels, spec.batch_size, spec.seed
        )
        self.class_weight = class_weights(spec, data.train.labels)
        self.validation = (data.validation.images, data.validation.labels) if len(data.validation) else None
        self.best = BestEpoch(self.network, spec.early_stopping)
        self.journal = Journal(run, progress, len(data.train), spec.batch_size)
        order = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: self.batches.set_epoch(epoch))
        schedule = make_schedule(spec)
        plateau = next((callback for callback in schedule if isinstance(callback, Plateau)), None)
        self.keeper = Keeper(run, self.writer, self.journal, self.best, plateau)
        snapshots = Snapshots(run, self.writer, self.network, self.watch, data, spec.epochs)
        # The order matters: the rate is set before it is journaled, the checkpoint sees all new states.
        self.callbacks: list[Any] = [order, *schedule, self.best, self.journal, snapshots, self.keeper]

    def resume(self) -> int:
        """Go on from the checkpoint, if there is one; returns the whole epochs behind it.

        Lines of the journals that the checkpoint does not know are cut: these epochs are trained again.

        Raises:
            RunError: the checkpoint is damaged, or another network's.
        """
        state = checkpoint.load(self.run.checkpoint_dir)
        if state:
            checkpoint.apply(self.model, state.variables)
            self.keeper.restore(state)
            self.epoch, self.fit_seconds = state.epoch, state.fit_seconds
        journal.cut(self.run.path / "epochs.jsonl", self.epoch)
        if state and state.record and len(self.run.epochs()) < self.epoch:
            self.run.append_epoch(state.record)  # it was killed between the two
        known = sum(1 for line in self.run.batches() if line.epoch <= self.epoch)
        journal.cut(self.run.path / "batches.jsonl", known)
        return self.epoch

    @property
    def over(self) -> bool:
        """Whether nothing is left to train."""
        return self.epoch >= self.spec.epochs or self.best.stopped

    def fit(self) -> bool:
        """Train the epochs that are left; returns whether it was stopped by a wish.

        A stopped epoch is journaled as partial. The network keeps the weights of that moment; the
        checkpoint keeps those of the last whole epoch, from which a resumed run goes on.

        Raises:
            NonFiniteLossError: the loss is no number any more.
            StorageError: the disk takes no more.
        """
        try:
            self.model.fit(
                self.batches.dataset,
                epochs=self.spec.epochs,
                initial_epoch=self.epoch,
                validation_data=self.validation,
                validation_batch_size=max(self.spec.batch_size, 128),
                callbacks=self.callbacks,
                class_weight=self.class_weight,
                shuffle=False,  # the batches bring their own order
                verbose=0,
            )
        except NonFiniteLossError:
            self.writer.settle()
            self.run.append_epoch(self.journal.record(partial=True))
            raise
        except Stopped:
            self.writer.settle()
            self.journal.write_partial()
            self.epoch = self.journal.epoch - 1
            return True
        finally:
            self.writer.settle()
            self.fit_seconds = self.journal.elapsed
        self.epoch = self.journal.epoch
        return False

    def completed(self, report: RunReport, *, restored: bool, macs: int) -> RunReport:
        """The report with what training itself knows beside the scores.

        Args:
            restored: whether the weights of the best epoch were put back.
        """
        seconds = self.journal.steady_seconds
        partial = self.journal.epoch > self.epoch and self.journal.seen > 0
        return replace(
            report,
            epochs=self.epoch,
            best_epoch=self.best.epoch or None,
            weights_epoch=self.best.epoch if restored else self.epoch + partial,
            stopped_early=self.best.stopped,
            fit_seconds=self.fit_seconds,
            images_per_second=self.journal.steady_images / seconds if seconds > 0 else None,
            params=self.network.count_params(),
            trainable_params=sum(math.prod(weight.shape) for weight in self.network.trainable_weights),
            macs=macs,
        )


def prepare(network: keras.Model, architecture: ArchitectureSpec, training: TrainingSpec, root: Path) -> None:
    """Give the base the weights of the run that it starts from, or the first convolution kernels made by
    hand; and freeze layers, as the spec asks.

    A frozen batch normalization works with the means and variances that it has, and learns no new ones
    (Keras's rule).

    Args:
        network: built, not compiled yet.
        root: the folder of runs.
    Raises:
        RunError, SpecError: the run is gone, or its base is another one; or there is no convolution.
    """
    layers = [network.get_layer(layer.name) for layer in architecture.base]
    if training.init_from:
        run = RunDirectory.open(root / training.init_from)
        try:
            source = keras.models.load_model(run.model_path, compile=False)
        except (OSError, ValueError) as error:
            raise RunError(f"The network of run {run.id} can't be read: {error}.") from error
        known = {layer.name: layer for layer in source.layers}
        for layer in layers:
            if layer.weights:
                _copy(known.get(layer.name), layer, training.init_from)
    if training.first_kernels:
        first = network.get_layer(first_convolution(architecture).name)
        size, _, channels, filters = first.kernel.shape
        first.kernel.assign(hand_made(size, channels, filters))  # the bias starts at 0 anyway
    for name in frozen_layers(architecture, training):
        network.get_layer(name).trainable = False


def _copy(source: Any, target: keras.layers.Layer, run: str) -> None:
    shapes = [tuple(weight.shape) for weight in target.weights]
    if source is None or [tuple(weight.shape) for weight in source.weights] != shapes:
        raise SpecError(
            f"{target.name} is another layer in run {run}, or not there. "
            "Choose a run with the same convolutions, kernel sizes and channels."
        )
    target.set_weights([backend.array(weight) for weight in source.weights])
