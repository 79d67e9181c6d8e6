"""A run's network for other tools: Keras, TensorFlow's SavedModel, ONNX, LiteRT."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cnnviz.exports.entry import EXPORTS, ExportFormat
from cnnviz.inspection.questions import Convert
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import ModelFormat
from cnnviz.runs import RunDirectory


def write_model(run: RunDirectory, target: Path, *, format: ModelFormat) -> None:
    """Have the network written by the process for long work, so that no other one needs Keras.

    Raises:
        RunError: the run has no weights, or damaged ones.
    """
    inspector().ask(Convert(run.path, format, target))


_TAKES = "It takes images of 0 to 255 (uint8) and gives probabilities."
EXPORTS.add(
    "keras",
    ExportFormat(
        title="Keras model",
        help=f"For keras.models.load_model. {_TAKES}",
        suffix=".keras",
        write=partial(write_model, format="keras"),
        slow=True,
    ),
    order=40,
)
EXPORTS.add(
    "savedmodel",
    ExportFormat(
        title="SavedModel",
        help=f"TensorFlow's own folder, for TensorFlow Serving and others. {_TAKES}",
        write=partial(write_model, format="savedmodel"),
        slow=True,
    ),
    order=41,
)
EXPORTS.add(
    "onnx",
    ExportFormat(
        title="ONNX model",
        help=f"For ONNX Runtime and most other frameworks. {_TAKES}",
        suffix=".onnx",
        write=partial(write_model, format="onnx"),
        extra="onnx",
        modules=("onnx", "tf2onnx"),
        slow=True,
    ),
    order=42,
)
EXPORTS.add(
    "litert",
    ExportFormat(
        title="LiteRT model",
        help=f"For telephones and small devices, TensorFlow Lite of old. {_TAKES}",
        suffix=".tflite",
        write=partial(write_model, format="litert"),
        slow=True,
    ),
    order=43,
)
