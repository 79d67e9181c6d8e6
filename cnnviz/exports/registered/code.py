"""A run as code: a Python script and a Jupyter notebook that run alone, with Keras, numpy and matplotlib.

Both hold the same parts: the network and its training as `architectures.keras_code` writes them, the images
of this run, training, and an evaluation. On the machine that trained the run they repeat its numbers.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnviz import datasets, words
from cnnviz.architectures import keras_code
from cnnviz.datasets import Dataset
from cnnviz.errors import DataError, RunError
from cnnviz.evaluation import data_changed
from cnnviz.exports.entry import EXPORTS, Companion, ExportFormat
from cnnviz.runs import RunDirectory

#: Data sets that `keras.datasets` loads in the same order, by their names there.
_KERAS_DATASETS = {
    "mnist": "mnist",
    "fashion-mnist": "fashion_mnist",
    "cifar10": "cifar10",
    "cifar100": "cifar100",
}
#: Images of so many bytes are written beside the code, whatever data set they are of: it then runs offline.
_BESIDE = 64_000_000
_DATA = "-data.npz"
_SPLITS = ("train", "validation", "test")


class Part(NamedTuple):
    """A cell of the notebook; in the script, lines below a comment."""

    title: str
    code: str


def write_script(run: RunDirectory, target: Path) -> None:
    """Write the script.

    Raises:
        RunError: it starts from another run's weights, or its images are not there as they were.
    """
    network, *rest = parts(run)
    below = [f"# {part.title}\n\n{part.code}" for part in rest]
    target.write_text("\n\n".join([network.code, *below]), "utf-8")


def write_notebook(run: RunDirectory, target: Path) -> None:
    """Write the notebook, in Jupyter's format 4.5, as `nbformat` checks it.

    Raises:
        RunError: as `write_script`.
    """
    from nbformat import v4, validate  # some tenths of a second, which nothing else needs

    make: Any = v4  # its functions have no types
    cells = [make.new_markdown_cell(f"# {_title(run)}\n\n{_about(run)}")]
    for part in parts(run):
        cells += [make.new_markdown_cell(f"## {part.title}"), make.new_code_cell(part.code)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = make.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    validate(notebook)
    target.write_text(make.writes(notebook), "utf-8")


def write_images(run: RunDirectory, target: Path) -> None:
    """Write the images of a run, or where Keras loads them and they are many, their places in its arrays.

    `<split>_labels` int64 (N,); with them `<split>_images` uint8 (N, H, W, C), or `<split>_indices` int64
    (N,) and `checksum`, the CRC-32 of all images of the run in the order of the splits.

    Raises:
        RunError: as `write_script`.
    """
    data = _data_of(run)
    arrays: dict[str, np.ndarray] = {}
    checksum = 0
    for name, split in zip(_SPLITS, (data.train, data.validation, data.test), strict=True):
        arrays[f"{name}_labels"] = np.asarray(split.labels, np.int64)
        if _by_keras(data):
            arrays[f"{name}_indices"] = np.asarray(split.indices, np.int64)
            checksum = zlib.crc32(np.ascontiguousarray(split.images).tobytes(), checksum)
        else:
            arrays[f"{name}_images"] = np.asarray(split.images)
    if _by_keras(data):
        arrays["checksum"] = np.array(checksum, np.int64)
    with target.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def parts(run: RunDirectory) -> tuple[Part, ...]:
    """All parts of the code, the network first.

    Raises:
        RunError: as `write_script`.
    """
    experiment, data = run.spec().experiment, _data_of(run)
    if experiment.training.init_from:
        raise RunError(
            f"Run {run.id} starts from the weights of run {experiment.training.init_from}, which code can't "
            "make again. Export it as zip or keras, which hold its weights."
        )
    names = list(data.class_names)
    network = keras_code(experiment.architecture, data.input_shape, len(names), experiment.training)
    return (
        Part("The network, and how it is trained", network),
        Part("The images of this run", "\n".join(_loading(run, data))),
        Part("Training", _TRAINING.strip() + "\n"),
        Part("On the test images, which were looked at by no training", _EVALUATION.strip() + "\n"),
        Part("Curves and confusion matrix", _drawn(run)),
    )


def _data_of(run: RunDirectory) -> Dataset:
    if changed := data_changed(run):
        raise RunError(f"The code would load other images than the run was given. {changed}")
    try:
        return datasets.load(run.spec().experiment.dataset)
    except DataError as error:
        raise RunError(f"The images of run {run.id} can't be had: {error}") from error


def _by_keras(data: Dataset) -> bool:
    many = sum(len(split) for split in (data.train, data.validation, data.test))
    return data.spec.name in _KERAS_DATASETS and many * int(np.prod(data.input_shape)) > _BESIDE


def _title(run: RunDirectory) -> str:
    return run.spec().name or run.id


def _about(run: RunDirectory) -> str:
    report, experiment = run.report(), run.spec().experiment
    reached = report.test_accuracy if report else None
    result = "" if reached is None else f" It got {words.percent(reached)} of its test images right."
    title = datasets.entry(experiment.dataset.name).title
    needs = f"Keras 3 (on TensorFlow), numpy and matplotlib, and the file `{run.id}{_DATA}` beside it"
    trained = f"{experiment.architecture.label()} on {title}, seed {experiment.training.seed}"
    return f"{trained}.{result} Needs {needs}. Written by cnnviz."


def _loading(run: RunDirectory, data: Dataset) -> Iterator[str]:
    yield from (
        "from pathlib import Path",
        "",
        "import numpy as np",
        "",
        'HERE = Path(globals().get("__file__", "here")).parent',
        f"NAMES = {json.dumps(list(data.class_names), ensure_ascii=False)}",
        f'kept = np.load(HERE / "{run.id}{_DATA}")',
    )
    if not _by_keras(data):
        yield f'images = {{split: kept[f"{{split}}_images"] for split in {_SPLITS}}}'
    else:
        name = _KERAS_DATASETS[data.spec.name]
        yield from (
            "import zlib",
            "",
            f"(training, _), (testing, _) = keras.datasets.{name}.load_data()",
            "whole = dict(train=training, validation=training, test=testing)",
            f"shape = (-1, *{data.input_shape})",
            f'images = {{s: whole[s][kept[f"{{s}}_indices"]].reshape(shape) for s in {_SPLITS}}}',
            "checksum = 0",
            "for part in images.values():",
            "    checksum = zlib.crc32(np.ascontiguousarray(part).tobytes(), checksum)",
            'if checksum != kept["checksum"]:',
            '    raise SystemExit("These are other images than the run was given.")',
        )
    yield f'labels = {{split: kept[f"{{split}}_labels"] for split in {_SPLITS}}}'
    yield 'validation = (images["validation"], labels["validation"]) if len(labels["validation"]) else None'
    yield ""


_TRAINING = """
history = train(images["train"], labels["train"], validation).history
print(f"First epoch: loss {history['loss'][0]:.6f}")
"""
_EVALUATION = """
probabilities = model.predict(images["test"], batch_size=128, verbose=0)
true, predicted = labels["test"], probabilities.argmax(axis=1)
confusion = np.zeros((len(NAMES), len(NAMES)), int)
np.add.at(confusion, (true, predicted), 1)
right, said, there = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
precision = right / np.maximum(said, 1)
recall = right / np.maximum(there, 1)
f1 = 2 * right / np.maximum(said + there, 1)

print(f"Accuracy: {(true == predicted).mean():.4f} of {len(true):,} test images")
width = max(map(len, NAMES))
print(f"{'':{width}}  precision  recall     F1  images")
for i, name in enumerate(NAMES):
    print(f"{name:>{width}}  {precision[i]:9.3f}  {recall[i]:6.3f}  {f1[i]:5.3f}  {there[i]:6,}")
print("Confusion matrix, true classes in rows:")
print(confusion)
"""
_DRAWING = """
import matplotlib.pyplot as plt

figure, (curves, matrix) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
for name in ("accuracy", "val_accuracy"):
    if name in history:
        curves.plot(range(1, len(history[name]) + 1), history[name], label=name)
curves.set(xlabel="epoch", ylabel="accuracy", title="While training")
curves.legend()
matrix.imshow(confusion, cmap="Blues")
matrix.set(xlabel="predicted", ylabel="true", title="Test images")
if len(NAMES) <= 20:
    matrix.set_xticks(range(len(NAMES)), NAMES, rotation=90)
    matrix.set_yticks(range(len(NAMES)), NAMES)
    for i in range(len(NAMES)):
        for j in range(len(NAMES)):
            dark = confusion[i, j] > confusion.max() / 2
            matrix.text(j, i, confusion[i, j], ha="center", va="center", color="white" if dark else "black")
"""


def _drawn(run: RunDirectory) -> str:
    return f'{_DRAWING.strip()}\nfigure.savefig(HERE / "{run.id}-figures.png")\n'


_COMPANION = Companion(_DATA, write_images)
EXPORTS.add(
    "script",
    ExportFormat(
        title="Python script",
        help="The run as code: the same images, network, settings and seed; it prints the same report.",
        suffix=".py",
        mime="text/x-python",
        write=write_script,
        companion=_COMPANION,
    ),
    order=10,
)
EXPORTS.add(
    "notebook",
    ExportFormat(
        title="Jupyter notebook",
        help="The same code in cells, for Jupyter and Colab.",
        suffix=".ipynb",
        mime="application/x-ipynb+json",
        write=write_notebook,
        companion=_COMPANION,
    ),
    order=20,
)
