"""The part of the Keras script that compiles and trains: optimizer, loss, schedule, augmentation."""

from __future__ import annotations

from cnnviz.specs import AugmentationSpec, TrainingSpec

#: Rate of an epoch (0 is the first) as a share of the starting rate.
_CURVES = {
    "cosine": "(1 + math.cos(math.pi * epoch / EPOCHS)) / 2",
    "step": "0.1 ** ((epoch / EPOCHS >= 0.5) + (epoch / EPOCHS >= 0.75))",
    "exponential": "0.01 ** (epoch / EPOCHS)",
}


def imports(training: TrainingSpec | None) -> list[str]:
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
