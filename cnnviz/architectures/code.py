"""A network as a stand-alone Python script that needs Keras alone, builds the same model and trains it so.

In order: the model, hand-made first kernels and frozen layers, optimizer, loss, schedule and augmentation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnviz.architectures.arithmetic import LayerSummary, NetworkSummary, summarise
from cnnviz.architectures.explained import shape_text
from cnnviz.architectures.layer_training import (
    counted,
    first_convolution,
    frozen_layers,
    patterns,
    penalties,
    uses,
)
from cnnviz.specs import (
    CLASSES,
    Activation,
    ArchitectureSpec,
    AugmentationSpec,
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
#: Rate of an epoch (0 is the first) as a share of the starting rate.
_CURVES = {
    "cosine": "(1 + math.cos(math.pi * epoch / EPOCHS)) / 2",
    "step": "0.1 ** ((epoch / EPOCHS >= 0.5) + (epoch / EPOCHS >= 0.75))",
    "exponential": "0.01 ** (epoch / EPOCHS)",
}


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
    lines = [_docstring(summary), *library_imports(training), "import keras", *array_imports(training)]
    lines += [_import(summary, training), ""]
    lines += [f"keras.utils.set_random_seed({training.seed})", ""] if training else []
    shape = ", ".join(str(side) for side in summary.input_shape)
    lines += [
        f'inputs = keras.Input(({shape}), dtype="uint8", name="image")',
        f'x = layers.Rescaling(1 / 255, name="rescaling"{_dtype(training, "float32")})(inputs)',
        *(_line(layer, training) for layer in summary.layers),
        f'model = keras.Model(inputs, x, name="{name}")',
        "",
        *first_lines(architecture, training, summary.input_shape[2]),
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


def array_imports(training: TrainingSpec | None) -> list[str]:
    """Lines for the libraries that the part needs, besides Keras."""
    return ["import numpy as np"] if training and training.first_kernels else []


def first_lines(architecture: ArchitectureSpec, training: TrainingSpec | None, channels: int) -> list[str]:
    """Lines that change `model`, before it is compiled."""
    if training is None:
        return []
    lines = _hand_made(architecture, channels) if training.first_kernels else []
    frozen = frozen_layers(architecture, training)
    if not frozen:
        return lines
    names = [layer.name for layer in architecture.layers if layer.name in frozen]
    return [
        *lines,
        "# These layers keep their weights.",
        f"for name in {names!r}:" if len(repr(names)) < 100 else "for name in [",
        *([] if len(repr(names)) < 100 else [*(f'    "{name}",' for name in names), "]:"]),
        "    model.get_layer(name).trainable = False",
        "",
    ]


def _hand_made(architecture: ArchitectureSpec, channels: int) -> list[str]:
    first = first_convolution(architecture)
    rows = [
        line
        for title, square in patterns(first.kernel_size).items()
        for line in (f"    [  # {title}", *(f"        [{_numbers(row)}]," for row in square), "    ],")
    ]
    return [
        "# Kernels made by hand for the first layer, one after the other: on all channels, reversed, then on",
        "# single channels; scaled to the variance that random ones would have.",
        "SQUARES = np.array([",
        *rows,
        "])",
        "USES = [  # sign and channels of each round",
        *(f"    {use}," for use in uses(channels)),
        "]",
        f'first = model.get_layer("{first.name}")',
        "kernels = np.zeros(first.kernel.shape)",
        "size, _, channels, filters = kernels.shape",
        "for i in range(filters):",
        "    sign, chosen = USES[i // len(SQUARES) % len(USES)]",
        "    kernels[:, :, chosen, i] = sign * SQUARES[i % len(SQUARES)][:, :, None]",
        "kernels *= np.sqrt(2 / (size**2 * (channels + filters)) / (kernels**2).mean(axis=(0, 1, 2)))",
        "first.kernel.assign(kernels)",
        "",
    ]


def _numbers(row: NDArray[np.float64]) -> str:
    return ", ".join(f"{value:.6g}" for value in row)


def library_imports(training: TrainingSpec | None) -> list[str]:
    """Lines for what the script needs from Python's own library."""
    return ["import math", ""] if training and training.schedule == "cosine" else []


def training_lines(training: TrainingSpec | None, classes: int) -> list[str]:
    """Lines that compile `model` and define `train`; without settings, compile with Adam."""
    if training is None:
        return ['model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])']
    augmentation = _augmentation(training.augmentation)
    target = "trainer" if augmentation else "model"
    return [*augmentation, *_compile(training, target), "", "", *_train(training, target, classes)]


def _compile(training: TrainingSpec, target: str) -> list[str]:
    settings = [f"learning_rate={training.rate!r}"]
    settings += [f"momentum={training.momentum!r}"] if training.momentum else []
    if training.weight_decay is not None:
        settings.append(f"weight_decay={training.weight_decay!r}")
    loss = (
        f"keras.losses.CategoricalCrossentropy(label_smoothing={training.label_smoothing!r})"
        if training.label_smoothing
        else "keras.losses.SparseCategoricalCrossentropy()"
    )
    return [
        f"{target}.compile(",
        f"    optimizer=keras.optimizers.{training.optimizer}({', '.join(settings)}),",
        f"    loss={loss},",
        '    metrics=["accuracy"],',
        ")",
    ]


def _train(training: TrainingSpec, target: str, classes: int) -> list[str]:
    lines = [
        "def train(images, labels, validation):",
        '    """Images uint8 (N, H, W, C), labels 0, 1, 2, …; validation is such a pair, or None."""',
    ]
    if training.label_smoothing:
        lines += [
            f"    labels = keras.utils.to_categorical(labels, {classes})",
            "    if validation:",
            f"        validation = validation[0], keras.utils.to_categorical(validation[1], {classes})",
        ]
    callbacks, needed = _callbacks(training)
    return [
        *needed,
        *lines,
        f"    return {target}.fit(",
        f"        images, labels, epochs={training.epochs}, batch_size={training.batch_size},",
        "        validation_data=validation,",
        *(
            ["        callbacks=[", *(f"            {item}," for item in callbacks), "        ],"]
            if callbacks
            else []
        ),
        "    )",
    ]


def _callbacks(training: TrainingSpec) -> tuple[list[str], list[str]]:
    """Callbacks, and the lines that have to stand before the function."""
    callbacks, needed = [], []
    if training.schedule == "plateau":
        callbacks.append(
            "keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0, min_lr=1e-7)"
        )
    elif training.schedule != "constant":
        needed = [
            f"EPOCHS, RATE = {training.epochs}, {training.rate!r}",
            "",
            "",
            "def rate(epoch):",
            '    """Learning rate of an epoch, 0 is the first."""',
            f"    return RATE * {_CURVES[training.schedule]}",
            "",
            "",
        ]
        callbacks.append("keras.callbacks.LearningRateScheduler(rate)")
    if training.early_stopping:
        callbacks.append(
            f"keras.callbacks.EarlyStopping(patience={training.early_stopping}, restore_best_weights=True)"
        )
    return callbacks, needed


def _augmentation(change: AugmentationSpec) -> list[str]:
    """Keras's own layers for what cnnviz does in one operation: the same ranges, other random numbers.

    A channel shift is left out, because Keras has no layer for it.
    """
    layers = []
    if change.rotation:
        layers.append(f"layers.RandomRotation({change.rotation / 360:.6g})")
    if change.height_shift or change.width_shift:
        layers.append(f"layers.RandomTranslation({change.height_shift!r}, {change.width_shift!r})")
    if change.zoom:
        layers.append(f"layers.RandomZoom({change.zoom!r})")
    for axis in ("horizontal", "vertical"):
        if getattr(change, f"{axis}_flip"):
            layers.append(f'layers.RandomFlip("{axis}")')
    if change.brightness:
        layers.append(f"layers.RandomBrightness({change.brightness!r})")
    if not layers:
        return []
    return [
        "augment = keras.Sequential([",
        *(f"    {layer}," for layer in layers),
        "])",
        "# Trains the weights of `model` through random changes of its images; `model` itself has none.",
        "trainer = keras.Sequential([keras.Input(model.input_shape[1:]), augment, model])",
        "",
    ]
