"""A network as a stand-alone Python script that needs Keras alone, builds the same model and trains it so.

In order: the model, hand-made first kernels and frozen layers, optimizer, loss, schedule and augmentation.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz import specs
from cnnviz.architectures.arithmetic import LayerSummary, summarise
from cnnviz.architectures.explained import shape_text
from cnnviz.architectures.layer_training import (
    counted,
    first_convolution,
    frozen_layers,
    patterns,
    penalties,
    uses,
)
from cnnviz.specs import CLASSES, ArchitectureSpec, AugmentationSpec, TrainingSpec

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
    weighted = [layer.spec for layer in summary.layers if isinstance(layer.spec, specs.Conv2D | specs.Dense)]
    penalised = any(any(penalties(spec, training)) for spec in weighted)
    augmented = training is not None and training.augmentation.active
    shape = ", ".join(map(str, summary.input_shape))
    lines = [
        f'"""{summary.name} for images of {shape_text(summary.input_shape)} and {summary.classes} classes.\n',
        f"{summary.total_params:,} parameters, {summary.trainable_params:,} of them trained.",
        'Images go in as they are stored, 0 to 255. Written by cnnviz; needs Keras 3 alone.\n"""\n',
        *(["import math", ""] if training else []),
        "import keras",
        *(["import numpy as np"] if training else []),
        f"from keras import layers{', ops' * augmented}{', regularizers' * penalised}",
        "",
        *([f"keras.utils.set_random_seed({training.seed})", ""] if training else []),
        f'inputs = keras.Input(({shape}), dtype="uint8", name="image")',
        f'x = layers.Rescaling(1 / 255, name="rescaling"{_dtype(training, "float32")})(inputs)',
        *(_line(layer, training) for layer in summary.layers),
        f'model = keras.Model(inputs, x, name="{architecture.name.replace("-", "_")}")',
        "",
    ]
    if training is None:
        lines.append('model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])')
    else:
        augmentation = _augmentation(training.augmentation, summary.input_shape, training.seed)
        target = "trainer" if augmentation else "model"
        lines += _hand_made(architecture, summary.input_shape[2]) if training.first_kernels else []
        lines += _frozen(architecture, training)
        lines += [*augmentation, *_compile(training, target), "", "", *_train(training, target, classes)]
    return "\n".join(lines) + "\n"


def _line(layer: LayerSummary, training: TrainingSpec | None) -> str:
    arguments = [*_arguments(layer, training), f'name="{layer.name}"']
    precision = training.precision if training else "float32"
    is_output = isinstance(layer.spec, specs.Dense) and layer.spec.units == CLASSES
    call = ", ".join(arguments) + _dtype(training, "float32" if is_output else precision)
    comment = f"# {shape_text(layer.output_shape)}"
    line = f"x = layers.{layer.type}({call})(x)  {comment}"
    return line if len(line) <= LINE else f"x = layers.{layer.type}(  {comment}\n    {call}\n)(x)"


def _dtype(training: TrainingSpec | None, precision: str) -> str:
    mixed = training is not None and training.precision != "float32"
    return f', dtype="{precision}"' if mixed else ""


def _arguments(layer: LayerSummary, training: TrainingSpec | None) -> list[str]:
    spec = layer.spec
    if isinstance(spec, specs.Conv2D):
        size = [str(spec.filters), str(spec.kernel_size)]
        size += [f"strides={spec.strides}"] if spec.strides > 1 else []
        return [*size, f'padding="{spec.padding}"', *_weighted(spec, training)]
    if isinstance(spec, specs.Dense):
        return [str(layer.output_shape[0]), *_weighted(spec, training)]
    if isinstance(spec, specs.Dropout):
        return [repr(spec.rate)]
    if isinstance(spec, specs.Activation):
        return [f'"{spec.activation}"']
    if isinstance(spec, specs.BatchNormalization):
        return [] if spec.momentum == 0.99 else [f"momentum={spec.momentum!r}"]
    if isinstance(spec, specs.Flatten | specs.GlobalAveragePooling2D):
        return []
    pooling = [str(spec.pool_size)]
    pooling += [] if spec.strides is None else [f"strides={spec.strides}"]
    return pooling + (['padding="same"'] if spec.padding == "same" else [])


def _weighted(spec: specs.Conv2D | specs.Dense, training: TrainingSpec | None) -> list[str]:
    arguments = [] if spec.activation == "linear" else [f'activation="{spec.activation}"']
    arguments += [] if spec.use_bias else ["use_bias=False"]
    l1, l2 = penalties(spec, training)
    if l1 and l2:
        arguments.append(f"kernel_regularizer=regularizers.L1L2({l1!r}, {l2!r})")
    elif l1 or l2:
        penalty = f"L1({l1!r})" if l1 else f"L2({l2!r})"
        arguments.append(f"kernel_regularizer=regularizers.{penalty}")
    return arguments


def _frozen(architecture: ArchitectureSpec, training: TrainingSpec) -> list[str]:
    frozen = frozen_layers(architecture, training)
    names = [layer.name for layer in architecture.layers if layer.name in frozen]
    if not names:
        return []
    loop = [f"for name in {names!r}:"]
    if len(repr(names)) >= 100:
        loop = ["for name in [", *(f'    "{name}",' for name in names), "]:"]
    return ["# These layers keep their weights.", *loop, "    model.get_layer(name).trainable = False", ""]


def _hand_made(architecture: ArchitectureSpec, channels: int) -> list[str]:
    first = first_convolution(architecture)
    rows = []
    for title, square in patterns(first.kernel_size).items():
        numbers = [", ".join(f"{value:.6g}" for value in row) for row in square]
        rows += [f"    [  # {title}", *(f"        [{row}]," for row in numbers), "    ],"]
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


def _compile(training: TrainingSpec, target: str) -> list[str]:
    settings = [f"learning_rate={training.rate!r}"]
    settings += [f"momentum={training.momentum!r}"] if training.momentum else []
    settings += [f"weight_decay={training.weight_decay!r}"] if training.weight_decay is not None else []
    loss = "keras.losses.SparseCategoricalCrossentropy()"
    if training.label_smoothing:
        loss = f"keras.losses.CategoricalCrossentropy(label_smoothing={training.label_smoothing!r})"
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
    weighted = training.class_weight is not None
    if training.class_weight == "balanced":
        lines[2:2] = [
            "    # Images / (classes · images of the class), as scikit-learn balances.",
            "    present, counts = np.unique(labels, return_counts=True)",
            "    class_weight = dict(zip(present.tolist(), len(labels) / (len(present) * counts)))",
        ]
    elif training.class_weight:
        lines[2:2] = [f"    class_weight = dict(enumerate([{training.class_weight}]))"]
    callbacks, needed = _callbacks(training)
    order = "keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: batches.shuffle(epoch))"
    callbacks = [
        "        callbacks=[",
        *(f"            {item}," for item in (order, *callbacks)),
        "        ],",
    ]
    return [
        *_batches(training),
        *needed,
        *lines,
        "    batches = Batches(images, labels)",
        f"    return {target}.fit(",
        f"        batches, epochs={training.epochs}, validation_data=validation, shuffle=False,",
        *(["        class_weight=class_weight,"] if weighted else []),
        *callbacks,
        "    )",
    ]


def _batches(training: TrainingSpec) -> list[str]:
    return [
        "class Batches(keras.utils.PyDataset):",
        '    """Batches in an order that follows from seed and epoch."""',
        "",
        "    def __init__(self, images, labels):",
        "        super().__init__()",
        "        self.images, self.labels = images, labels",
        "        self.shuffle(0)",
        "",
        "    def shuffle(self, epoch):",
        f"        seed = [{training.seed}, epoch]",
        '        if keras.config.backend() == "tensorflow":  # as cnnviz shuffles',
        "            import tensorflow as tf",
        "",
        "            positions = tf.range(len(self.labels), dtype=tf.int64)",
        "            key = tf.constant(seed, tf.int64)",
        "            self.order = tf.random.experimental.stateless_shuffle(positions, seed=key).numpy()",
        "        else:",
        "            self.order = np.random.default_rng(seed).permutation(len(self.labels))",
        "",
        "    def __len__(self):",
        f"        return math.ceil(len(self.labels) / {training.batch_size})",
        "",
        "    def __getitem__(self, batch):",
        f"        chosen = self.order[batch * {training.batch_size} : (batch + 1) * {training.batch_size}]",
        "        return self.images[chosen], self.labels[chosen]",
        "",
        "",
    ]


def _callbacks(training: TrainingSpec) -> tuple[list[str], list[str]]:
    """Callbacks, and the lines that have to stand before the function."""
    callbacks, needed = [], []
    if training.schedule == "plateau":
        callbacks.append(
            "keras.callbacks.ReduceLROnPlateau("
            'monitor="val_loss" if validation else "loss", factor=0.5, patience=2, min_delta=0, min_lr=1e-7)'
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


def _augmentation(change: AugmentationSpec, input_shape: Sequence[int], seed: int) -> list[str]:
    """The layer that changes images while training, as cnnviz's own, with the same random numbers."""
    if not change.active:
        return []
    height, width, channels = input_shape
    moves = any(
        getattr(change, name)
        for name in ("rotation", "width_shift", "height_shift", "zoom", "horizontal_flip", "vertical_flip")
    )
    lines = [
        "class Augment(layers.Layer):",
        '    """Change each image at random, in training alone; what moves in repeats the edge."""',
        "",
        "    def __init__(self, seed):",
        '        super().__init__(dtype="float32", trainable=False, name="augment")',
        "        self.seed_generator = keras.random.SeedGenerator(seed)",
        "",
        "    def call(self, images, training=False):",
        "        if not training:",
        "            return images",
        "        shape = ops.shape(images)[0], " + f"{7 + channels}",
        "        draws = keras.random.uniform(shape, -1, 1, seed=self.seed_generator)",
        '        values = ops.cast(images, "float32")',
    ]
    if moves:
        lines.append(
            '        values = ops.image.affine_transform(values, transforms(draws), "bilinear", "nearest")'
        )
    if change.brightness or change.channel_shift:
        lines += [
            f"        common, each = {change.brightness!r}, {change.channel_shift!r}",
            "        light = draws[:, 6:7] * common + draws[:, 7:] * each",
            "        values = ops.clip(values + 255 * light[:, None, None, :], 0, 255)",
        ]
    lines += [
        '        return ops.cast(ops.round(values), "uint8")',
        "",
        "    def compute_output_shape(self, input_shape):",
        "        return input_shape",
        "",
        "",
    ]
    if moves:
        lines += _transforms(change, height, width)
    return [
        *lines,
        "# Trains the weights of `model` through changed images; `model` itself changes none.",
        'images = keras.Input(model.input_shape[1:], dtype="uint8")',
        f"trainer = keras.Model(images, model(Augment({seed})(images)))",
        "",
    ]


def _transforms(change: AugmentationSpec, height: int, width: int) -> list[str]:
    """The function that turns random numbers into affine transforms, with the settings' numbers in it."""
    flips = [
        f"    flip_{axis} = " + (f"ops.where(draws[:, {place}] < 0, -ones, ones)" if wanted else "ones")
        for axis, place, wanted in (("x", 4, change.horizontal_flip), ("y", 5, change.vertical_flip))
    ]
    return [
        "def transforms(draws):",
        '    """Affine transforms: flipped, zoomed and rotated about the centre, then shifted."""',
        f"    angle = draws[:, 0] * ({change.rotation!r} * math.pi / 180)",
        f"    right = draws[:, 1] * ({change.width_shift!r} * {width})",
        f"    down = draws[:, 2] * ({change.height_shift!r} * {height})",
        f"    scale = 1 + draws[:, 3] * {change.zoom!r}",
        "    ones = ops.ones_like(scale)",
        *flips,
        "    cos, sin = ops.cos(angle) * scale, ops.sin(angle) * scale",
        "    a0, a1, b0, b1 = cos * flip_x, -sin * flip_x, sin * flip_y, cos * flip_y",
        f"    x, y = {(width - 1) / 2} + right, {(height - 1) / 2} + down",
        f"    a2, b2 = {(width - 1) / 2} - a0 * x - a1 * y, {(height - 1) / 2} - b0 * x - b1 * y",
        "    zero = ops.zeros_like(scale)",
        "    return ops.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)",
        "",
        "",
    ]
