"""Run directories with predictions on real digits, as a worker leaves them; only the numbers are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cnnviz import architectures, datasets
from cnnviz.runs import EpochRecord, RunDirectory, RunEnvironment, RunReport
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec


def experiment(kernel_size: int = 3, **training: Any) -> ExperimentSpec:
    """Two pairs of convolutions on digits."""
    return ExperimentSpec(
        dataset=DatasetSpec(name="digits"),
        architecture=architectures.make("two-pairs", kernel_size=kernel_size),
        training=TrainingSpec.parse({"epochs": 3, **training}),
    )


def finished(
    root: Path,
    name: str,
    *,
    kernel_size: int = 3,
    wrong: float = 0.2,
    seed: int = 0,
    training_seed: int = 0,
    **training: Any,
) -> RunDirectory:
    """A finished run that gets about the share `wrong` of its images wrong; `seed` draws which."""
    asked = experiment(kernel_size, seed=training_seed, **training)
    run = RunDirectory.create(root, asked, name=name)
    data, rng = datasets.load(asked.dataset), np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for split, images in (("test", data.test), ("train", data.train)):
        labels = np.asarray(images.labels)
        slips = rng.random(len(labels)) < wrong
        # Slips go to the next digit, so that the most confused pairs are known.
        guesses = np.where(slips, (labels + 1) % 10, labels)
        sure = rng.uniform(0.5, 0.9, len(labels))
        probabilities = np.repeat(((1 - sure) / 9)[:, None], 10, axis=1)
        probabilities[np.arange(len(labels)), guesses] = sure
        arrays |= {
            f"{split}_probabilities": probabilities.astype(np.float16),
            f"{split}_labels": labels,
            f"{split}_indices": np.asarray(images.indices),
        }
    run.save_predictions(arrays)
    _write_results(run, asked, data, arrays)
    return run


def _write_results(
    run: RunDirectory, asked: ExperimentSpec, data: datasets.Dataset, arrays: dict[str, np.ndarray]
) -> None:
    for epoch in range(1, asked.training.epochs + 1):
        run.append_epoch(
            EpochRecord(
                epoch=epoch,
                loss=2 / epoch,
                accuracy=0.5,
                val_loss=2.2 / epoch,
                val_accuracy=0.5,
                elapsed=2.0 * epoch,
                seconds=2.0,
            )
        )
    summary = architectures.summarise(asked.architecture, data.input_shape, 10)
    right = {
        split: float((arrays[f"{split}_probabilities"].argmax(1) == arrays[f"{split}_labels"]).mean())
        for split in ("test", "train")
    }
    run.write_report(
        RunReport(
            test_accuracy=right["test"],
            test_loss=0.7,
            train_accuracy=right["train"],
            train_loss=0.6,
            baseline_accuracy=0.1,
            epochs=asked.training.epochs,
            best_epoch=3,
            fit_seconds=6.0,
            images_per_second=650.0,
            params=summary.total_params,
            n_train=len(data.train),
            n_validation=len(data.validation),
            n_test=len(data.test),
            stopped_early=False,
        )
    )
    run.write_environment(
        RunEnvironment(
            versions={"keras": "3.15.1"},
            device="two cores",
            device_kind="CPU",
            precision="float32",
            phases={
                "load": 0.1,
                "build": 0.4,
                "first_step": 1.0,
                "training": 6.0,
                "evaluation": 0.3,
                "saving": 0.1,
            },
        )
    )
    run.set_status(state="done", epoch=asked.training.epochs)
