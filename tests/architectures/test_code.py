"""The script to copy builds the same network in a Python that knows nothing of cnnviz."""

from __future__ import annotations

import ast
from typing import Any

import keras
import numpy as np
import pytest

from cnnviz import specs
from cnnviz.architectures import ARCHITECTURES, keras_code, make
from cnnviz.architectures.build import build_model
from cnnviz.specs import ArchitectureSpec, TrainingSpec

EVERYTHING = ArchitectureSpec.of(
    specs.Conv2D(name="c1", filters=3, strides=2, use_bias=False, activation="leaky_relu", l1=0.1, l2=0.2),
    specs.BatchNormalization(name="n1", momentum=0.9),
    specs.Activation(name="a1", activation="gelu"),
    specs.MaxPooling2D(name="p1", pool_size=3, strides=1, padding="same"),
    specs.AveragePooling2D(name="p2", strides=1),
    specs.GlobalAveragePooling2D(name="g1"),
    specs.Dense(name="d1", units=5, activation="linear", use_bias=False),
    specs.Dense(name="softmax", units="classes", activation="softmax"),
)
TRAININGS: tuple[dict[str, Any], ...] = (
    {},
    {"optimizer": "SGD", "momentum": 0.9, "l2": 1e-4, "schedule": "cosine", "early_stopping": 3},
    {"optimizer": "AdamW", "l1": 1e-5, "l2": 1e-4, "regularize": "dense", "schedule": "plateau"},
    {"label_smoothing": 0.1, "schedule": "exponential", "class_weight": "balanced"},
    {"augmentation": {"rotation": 15, "width_shift": 0.1, "horizontal_flip": True, "zoom": 0.1}},
    {"augmentation": {"channel_shift": 0.1}, "schedule": "step", "class_weight": "1, 2, 0.5"},
    {
        "precision": "mixed_bfloat16",
        "weight_decay": 1e-4,
        "augmentation": {"brightness": 0.2, "vertical_flip": True},
    },
)


def run(code: str) -> dict[str, Any]:
    """Run the script as its own module would."""
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= {"keras", "math", "numpy", "tensorflow"}  # the last where Keras works on it
    names: dict[str, Any] = {}
    exec(compile(code, "script.py", "exec"), names)
    return names


def assert_same(theirs: keras.Model, ours: keras.Model) -> None:
    assert theirs.name == ours.name
    assert theirs.count_params() == ours.count_params()
    for a, b in zip(theirs.layers, ours.layers, strict=True):
        assert a.get_config() == b.get_config()
        assert a.output.shape == b.output.shape


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_script_of_every_architecture_builds_the_same_model(name: str) -> None:
    spec = make(name)
    model = run(keras_code(spec, (32, 32, 3), 10))["model"]
    assert_same(model, build_model(spec, (32, 32, 3), 10))
    assert model.compiled


@pytest.mark.parametrize("settings", TRAININGS)
@pytest.mark.parametrize("spec", [make("two-pairs", kernel_size=5, filters=(4, 4), dense=8), EVERYTHING])
def test_the_script_keeps_the_settings_of_training(spec: ArchitectureSpec, settings: dict[str, Any]) -> None:
    training = TrainingSpec.parse(settings)
    names = run(keras_code(spec, (24, 24, 3), 4, training))
    assert_same(names["model"], build_model(spec, (24, 24, 3), 4, training=training))
    optimizer = names.get("trainer", names["model"]).optimizer
    assert type(optimizer).__name__ == training.optimizer
    assert float(optimizer.learning_rate) == pytest.approx(training.rate)


def changing(names: dict[str, Any]) -> list[keras.layers.Layer]:
    """The layers of a script that change its images at random."""
    return list(names["augment"].layers) if "augment" in names else []


# Keras 3.15 reads the learning rate in a way that numpy 2.4 announces to end.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("settings", TRAININGS)
def test_the_script_trains(settings: dict[str, Any]) -> None:
    training = TrainingSpec.parse({**settings, "epochs": 2, "batch_size": 8})
    names = run(keras_code(EVERYTHING, (8, 8, 1), 3, training))
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 256, (16, 8, 8, 1), dtype=np.uint8), random.integers(0, 3, 16)
    # As in training, what moves in from outside repeats the edge: Keras's own default is a reflection.
    assert {getattr(layer, "fill_mode", "nearest") for layer in changing(names)} <= {"nearest"}
    before = [np.array(weight) for weight in names["model"].get_weights()]
    history = names["train"](images, labels, (images, labels)).history
    assert len(history["val_loss"]) == 2
    assert any(np.any(a != b) for a, b in zip(before, names["model"].get_weights(), strict=True))


def test_lines_are_short_enough_to_read() -> None:
    code = keras_code(make("vgg16"), (32, 32, 3), 10, TrainingSpec(l2=1e-4, augmentation={"rotation": 15}))
    assert max(map(len, code.splitlines())) <= 120
