"""What a release promises of its specs: `python -m tests.specs.freeze` writes it into `frozen.json`.

Run it when the version is raised. It adds what is new since the last release, and changes nothing that was
released: a changed default or hash is a mistake, which `test_frozen.py` explains.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, get_args

import cnnviz
from cnnviz.architectures import ARCHITECTURES, make
from cnnviz.jobs.kinds import kinds
from cnnviz.reports.library import recipes
from cnnviz.specs import (
    Activation,
    ArchitectureSpec,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    DatasetSpec,
    Dense,
    Dropout,
    ExperimentSpec,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Spec,
    TrainingSpec,
)
from cnnviz.studies.search.search_space import Dimension, SearchSpec, report_space
from cnnviz.studies.study_spec import StudySpec, Variant
from cnnviz.studies.transfer.transfer_spec import TransferSpec

FROZEN = Path(__file__).with_name("frozen.json")
OUTPUT = Dense(name="softmax", units="classes", activation="softmax")
#: Each kind of layer as plain as can be, and with all that it can be told.
PLAIN = ArchitectureSpec.of(
    Conv2D(name="conv", filters=8),
    BatchNormalization(name="norm"),
    Activation(name="act"),
    MaxPooling2D(name="max"),
    AveragePooling2D(name="mean"),
    GlobalAveragePooling2D(name="gap"),
    Dense(name="dense", units=16),
    Dropout(name="drop"),
    OUTPUT,
)
CHANGED = ArchitectureSpec.of(
    Conv2D(
        name="conv",
        filters=8,
        kernel_size=5,
        strides=2,
        padding="valid",
        activation="elu",
        use_bias=False,
        l1=1e-3,
        l2=1e-4,
    ),
    BatchNormalization(name="norm", momentum=0.9),
    Activation(name="act", activation="gelu"),
    MaxPooling2D(name="max", pool_size=3, strides=2, padding="same"),
    AveragePooling2D(name="mean", pool_size=3, strides=1, padding="same"),
    Flatten(name="flat"),
    Dense(name="dense", units=16, activation="tanh", use_bias=False, l1=1e-3, l2=1e-4),
    Dropout(name="drop", rate=0.25),
    OUTPUT,
)


def specs() -> dict[str, Spec]:
    """A spread of what people ask, by a name: every network, every field, every kind of job."""
    fold = DatasetSpec(name="shapes", size=32, validation_split=0, folds=3, fold=2)
    cut = DatasetSpec(train_size=500, test_size=100, selection="first", labels="coarse", seed=3)
    found: dict[str, Spec] = {
        "plain layers": ExperimentSpec(architecture=PLAIN),
        "changed layers": ExperimentSpec(architecture=CHANGED),
        "a fold": ExperimentSpec(dataset=fold, architecture=PLAIN, training=TrainingSpec(early_stopping=2)),
        "a part of the images": ExperimentSpec(dataset=cut, architecture=PLAIN),
    }
    for name in ARCHITECTURES:
        entry = ARCHITECTURES.get(name)
        found[f"network {name}"] = ExperimentSpec(
            dataset=DatasetSpec(name=entry.dataset),
            architecture=make(name),
            training=TrainingSpec.parse(dict(entry.defaults)),
        )
    trainings: list[dict[str, Any]] = [
        {"epochs": 20, "batch_size": 64, "seed": 7, "schedule": "cosine"},
        {"optimizer": "SGD", "momentum": 0.9, "learning_rate": 0.05, "weight_decay": 1e-4},
        {"l1": 1e-4, "l2": 1e-3, "regularize": "dense", "label_smoothing": 0.1},
        {"first_kernels": "hand-made", "freeze": "first"},
        {"init_from": "20260101-000000-abcd-0123456789", "freeze": "base"},
        {"device": "cpu", "precision": "mixed_bfloat16", "threads": 2},
        {"augmentation": {"rotation": 15, "width_shift": 0.1, "horizontal_flip": True}},
        {"augmentation": {"height_shift": 0.1, "zoom": 0.2, "brightness": 0.1, "channel_shift": 0.05}},
        {"augmentation": {"vertical_flip": True}},
    ]
    for training in trainings:
        found[f"training {json.dumps(training)}"] = TrainingSpec.parse(training)
    plain = ExperimentSpec(architecture=PLAIN)
    sweep = [Variant(label="3", experiment=plain, name="3×3", settings={"architecture.kernel_size": 3})]
    rate = Dimension(name="training.learning_rate", low=1e-4, high=0.1, log=True)
    found |= {
        "study": StudySpec(title="One", variants=(Variant(label="all", experiment=plain),), seeds=(0, 1)),
        "sweep": StudySpec(title="Kernels", variants=tuple(sweep), factors=("architecture.kernel_size",)),
        "search": SearchSpec(title="A search", space=(*report_space(), rate), method="tpe", seed=1),
        "transfer": TransferSpec(dataset=DatasetSpec(name="digits"), features=50),
    }
    return found


def hashes() -> dict[str, str]:
    """Hashes of `specs()`, and one for all runs of each experiment of the reports."""
    found = {name: spec.hash() for name, spec in specs().items()}
    for key in recipes().names():
        if study := recipes().get(key).study("full"):
            runs = "".join(member.experiment.hash() for member in study.members())
            found[f"runs of {key}"] = hashlib.sha256(runs.encode()).hexdigest()
    return found


def asked() -> list[type[Spec]]:
    """Every spec that people ask something with: those of all jobs, and those within them."""
    found: dict[str, type[Spec]] = {}
    waiting: list[Any] = [ExperimentSpec, *(kinds().get(name).asked_as for name in kinds())]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, Spec) and kind.__name__ not in found:
            found[kind.__name__] = kind
            waiting += [field.annotation for field in kind.model_fields.values()]
        else:
            waiting += get_args(kind)  # of a tuple, a union, an Annotated
    return [found[name] for name in sorted(found)]


def defaults() -> dict[str, dict[str, Any]]:
    """The default of every field that has one, by spec and field, as JSON has it."""
    return {
        kind.__name__: {
            name: json.loads(json.dumps(field.get_default(call_default_factory=True), default=_plain))
            for name, field in kind.model_fields.items()
            if not field.is_required()
        }
        for kind in asked()
    }


def _plain(spec: Spec) -> Any:
    return spec.__class__.__name__  # its own defaults stand under its own name


def frozen() -> dict[str, Any]:
    """What the last release promised: `version`, `defaults`, `hashes`."""
    data: dict[str, Any] = json.loads(FROZEN.read_text("utf-8")) if FROZEN.exists() else {}
    return {"version": "", "defaults": {}, "hashes": {}} | data


def main() -> None:
    """Add what is new; what was promised stays."""
    old = frozen()
    new_defaults = defaults()
    merged = {
        name: new_defaults.get(name, {}) | old["defaults"].get(name, {})
        for name in new_defaults | old["defaults"]
    }
    data = {"version": cnnviz.__version__, "defaults": merged, "hashes": hashes() | old["hashes"]}
    FROZEN.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
