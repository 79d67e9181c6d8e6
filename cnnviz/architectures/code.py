"""A network as a stand-alone Python script that needs Keras alone and builds the same model."""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz.architectures import code_first
from cnnviz.architectures.arithmetic import summarise
from cnnviz.architectures.code_training import imports, training_lines
from cnnviz.architectures.frozen import counted
from cnnviz.architectures.penalties import penalties
from cnnviz.architectures.reasons import shape_text
from cnnviz.architectures.summary import LayerSummary, NetworkSummary
from cnnviz.specs import (
    CLASSES,
    Activation,
    ArchitectureSpec,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    TrainingSpec,
)

#: Longer lines are broken.
LINE = 120


def keras_code(
    architecture: ArchitectureSpec,
    input_shape: Sequence[int],
    classes: int,
    training: TrainingSpec | None = None,
) -> str:
    """Write the script: the model, its layers named as here, compiled; with `training`, its settings too.

    Running it defines `model`. Nothing is trained until its function `train` is called.

    Raises:
        SpecError: as `summarise`.
    """
    summary = summarise(architecture, input_shape, classes)
    summary = counted(summary, architecture, training) if training else summary
    name = architecture.name.replace("-", "_")
    lines = [_docstring(summary), *imports(training), "import keras", *code_first.imports(training)]
    lines += [_import(summary, training), ""]
    lines += [f"keras.utils.set_random_seed({training.seed})", ""] if training else []
    shape = ", ".join(str(side) for side in summary.input_shape)
    lines += [
        f'inputs = keras.Input(({shape}), dtype="uint8", name="image")',
        f'x = layers.Rescaling(1 / 255, name="rescaling"{_dtype(training, "float32")})(inputs)',
        *(_line(layer, training) for layer in summary.layers),
        f'model = keras.Model(inputs, x, name="{name}")',
        "",
        *code_first.first_lines(architecture, training, summary.input_shape[2]),
        *training_lines(training, summary.classes),
    ]
    return "\n".join(lines) + "\n"


def _docstring(summary: NetworkSummary) -> str:
    shape = shape_text(summary.input_shape)
    return (
        f'"""{summary.name} for images of {shape} and {summary.classes} classes.\n\n'
        f"{summary.total_params:,} parameters, {summary.trainable_params:,} of them trained.\n"
        'Images go in as they are stored, 0 to 255. Written by cnnviz; needs Keras 3 alone.\n"""\n'
    )


def _import(summary: NetworkSummary, training: TrainingSpec | None) -> str:
    weighted = [layer.spec for layer in summary.layers if isinstance(layer.spec, Conv2D | Dense)]
    penalised = any(any(penalties(spec, training)) for spec in weighted)
    return "from keras import layers, regularizers" if penalised else "from keras import layers"


def _line(layer: LayerSummary, training: TrainingSpec | None) -> str:
    arguments = [*_arguments(layer, training), f'name="{layer.name}"']
    precision = training.precision if training else "float32"
    is_output = isinstance(layer.spec, Dense) and layer.spec.units == CLASSES
    call = ", ".join(arguments) + _dtype(training, "float32" if is_output else precision)
    comment = f"# {shape_text(layer.output_shape)}"
    line = f"x = layers.{layer.type}({call})(x)  {comment}"
    return line if len(line) <= LINE else f"x = layers.{layer.type}(  {comment}\n    {call}\n)(x)"


def _dtype(training: TrainingSpec | None, precision: str) -> str:
    mixed = training is not None and training.precision != "float32"
    return f', dtype="{precision}"' if mixed else ""


def _arguments(layer: LayerSummary, training: TrainingSpec | None) -> list[str]:
    spec = layer.spec
    if isinstance(spec, Conv2D):
        size = [str(spec.filters), str(spec.kernel_size)]
        size += [f"strides={spec.strides}"] if spec.strides > 1 else []
        return [*size, f'padding="{spec.padding}"', *_weighted(spec, training)]
    if isinstance(spec, Dense):
        return [str(layer.output_shape[0]), *_weighted(spec, training)]
    if isinstance(spec, Dropout):
        return [repr(spec.rate)]
    if isinstance(spec, Activation):
        return [f'"{spec.activation}"']
    if isinstance(spec, BatchNormalization):
        return [] if spec.momentum == 0.99 else [f"momentum={spec.momentum!r}"]
    if isinstance(spec, Flatten | GlobalAveragePooling2D):
        return []
    pooling = [str(spec.pool_size)]
    pooling += [] if spec.strides is None else [f"strides={spec.strides}"]
    return pooling + (['padding="same"'] if spec.padding == "same" else [])


def _weighted(spec: Conv2D | Dense, training: TrainingSpec | None) -> list[str]:
    arguments = [] if spec.activation == "linear" else [f'activation="{spec.activation}"']
    arguments += [] if spec.use_bias else ["use_bias=False"]
    l1, l2 = penalties(spec, training)
    if l1 or l2:
        arguments.append(f"kernel_regularizer={_regularizer(l1, l2)}")
    return arguments


def _regularizer(l1: float, l2: float) -> str:
    if l1 and l2:
        return f"regularizers.L1L2({l1!r}, {l2!r})"
    return f"regularizers.L1({l1!r})" if l1 else f"regularizers.L2({l2!r})"
