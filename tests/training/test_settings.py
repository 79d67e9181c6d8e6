"""Every setting is heeded: the process that trains reads it, and trains with it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnviz import architectures, datasets
from cnnviz.runs import RunDirectory
from cnnviz.specs import SETTINGS, AugmentationSpec, DatasetSpec, ExperimentSpec, Setting, Spec, TrainingSpec

# Keras 3.15 saves in a way that numpy 2.4 announces to end.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
#: Values that go together, of settings whose own words name none that do.
CHOSEN: dict[str, Any] = {
    "dataset.name": "digits",
    "dataset.size": 16,
    "dataset.color_mode": "rgb",  # those of own images: the digits are none (tests/datasets/test_folders.py)
    "dataset.classes_from": "folders",
    "dataset.leave_out_bad": False,
    "dataset.train_size": 120,
    "dataset.test_size": 40,
    "dataset.validation_split": 0.2,
    "dataset.seed": 1,
    "dataset.labels": "fine",
    "dataset.folds": None,
    "dataset.fold": None,
    "training.epochs": 2,
    "training.batch_size": 16,
    "training.optimizer": "SGD",
    "training.learning_rate": 0.01,
    "training.early_stopping": 2,
    "training.seed": 1,
    "training.init_from": None,
    "training.device": "cpu",
    "training.precision": "float32",
    "training.threads": 1,
}


def another_value(setting: Setting) -> Any:
    """One that is not the default: one that its author would try, a choice, or an end of its range."""
    if setting.kind == "bool":
        return not setting.default
    offered = [*setting.tries, *setting.choices, setting.minimum, setting.maximum]
    others = [value for value in offered if value not in (None, setting.default)]
    assert others, f"Put a value of {setting.path} that is not its default into CHOSEN, or into its `tries`."
    return others[0]


def everything_on() -> ExperimentSpec:
    """An experiment in which whatever can be switched on is switched on."""
    groups: dict[str, Any] = {"dataset": {}, "training": {"augmentation": {}}}
    for path, setting in SETTINGS.items():
        *above, name = path.split(".")
        fields = groups
        for part in above:
            fields = fields.setdefault(part, {})
        fields[name] = CHOSEN[path] if path in CHOSEN else another_value(setting)
    return ExperimentSpec.parse({**groups, "architecture": architectures.make("two-pairs", filters=(4, 4))})


def listen(monkeypatch: pytest.MonkeyPatch) -> set[tuple[type[Spec], str]]:
    """Note which fields of the specs are read; what the specs check and write themselves is no reading."""
    read: set[tuple[type[Spec], str]] = set()

    def noted(spec: Spec, name: str) -> Any:
        caller = sys._getframe(1)
        within = caller.f_globals.get("__name__", "").startswith("cnnviz.specs")
        # A property of the spec (`rate`) is read by whoever asks it.
        if not within or isinstance(
            inspect.getattr_static(type(spec), caller.f_code.co_name, None), property
        ):
            read.add((type(spec), name))
        return object.__getattribute__(spec, name)

    for kind in (DatasetSpec, TrainingSpec, AugmentationSpec):
        monkeypatch.setattr(kind, "__getattribute__", noted, raising=False)
    return read


def owner(path: str) -> type[Any]:
    """The spec that holds a setting."""
    kind: type[Any] = ExperimentSpec
    for part in path.split(".")[:-1]:
        kind = kind.model_fields[part].annotation
    return kind


def test_the_worker_reads_every_setting_and_trains_with_it(
    tmp_path: Path, worker_here: Callable[[RunDirectory], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunDirectory.create(tmp_path / "runs", everything_on())
    read = listen(monkeypatch)
    assert worker_here(run) == 0, run.log_path.read_text()
    datasets.load(DatasetSpec(name="digits", validation_split=0, folds=3, fold=1))
    monkeypatch.undo()
    unread = [path for path in SETTINGS if (owner(path), path.rpartition(".")[2]) not in read]
    assert not unread, (
        f"Nothing that trains reads {', '.join(unread)}, so that people would set it in vain. Write the line "
        "that heeds it (cnnviz/specs/setting.py says where), or, where it is read only beside another value, "
        "put that value into CHOSEN."
    )
