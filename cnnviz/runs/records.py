"""What a run says of itself: frozen records, written by training and checked when they are read.

`status.json` holds a `Status`, `data.json` a `DataSeen`, `report.json` a `RunReport`, `environment.json` a
`RunEnvironment`; a line of
`epochs.jsonl` is an `EpochRecord`, one of `batches.jsonl` a `BatchRecord`. What an earlier version did not
write is None here, what a later one adds is ignored, and a number that is not finite is None (null in the
file). A field of a wrong type makes the whole file damaged: `Record.from_json` says so in one sentence.

They are dataclasses with slots that pydantic fills straight from the file's bytes: half the time of
`json.loads`, and a third of a dict's memory, for lists of ten thousand runs and journals read every second.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, cast, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from cnnviz.errors import RunError
from cnnviz.specs.base import explain


class Record:
    """A file, or a line of a journal, with a type: the base of frozen dataclasses with slots."""

    __slots__ = ()

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    @classmethod
    def from_json(cls, data: bytes | str, name: str) -> Self:
        """Read one record.

        Args:
            name: what is read, for the message: `report.json of run …`.
        Raises:
            RunError: it is no JSON object, or a field is of a wrong type.
        """
        try:
            record: Self = _adapter(cls).validate_json(data)
        except ValidationError as error:
            raise RunError(f"{name} is damaged: {_why(error, cls)}") from error
        return record

    def to_json(self, indent: int | None = None) -> str:
        """JSON with all fields, one line without `indent`; what is not finite becomes null."""
        return _adapter(type(self)).dump_json(self, indent=indent).decode() + "\n"

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as in JSON."""
        data: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json")
        return data

    def but(self, **changes: Any) -> Self:
        """Return a checked copy with some fields changed.

        Raises:
            RunError: a value is of a wrong type.
        """
        changed = dataclasses.asdict(dataclasses.replace(cast(Any, self), **changes))
        return self.from_json(json.dumps(changed), type(self).__name__)


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: type[Record]) -> TypeAdapter[Any]:
    """Made when a kind is first read: it takes milliseconds."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _why(error: ValidationError, kind: type[Record]) -> str:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return f"it is not JSON ({first['ctx']['error']})."
    if not first["loc"]:
        return "it is not an object."
    return explain(error, kind)


State = Literal["queued", "running", "paused", "stopping", "done", "stopped", "failed", "interrupted"]
#: A run that somebody still works on, or will.
ACTIVE: frozenset[str] = frozenset({"queued", "running", "paused", "stopping"})
#: A run that nobody works on any more.
FINISHED: frozenset[str] = frozenset(get_args(State)) - ACTIVE


#: Seconds without heartbeat (it beats every second) until it is said, and until the process is ended.
SILENT, HUNG = 60.0, 600.0
#: The same without a step of training, or the next phase: compiling a large network may take minutes.
STILL, STUCK = 600.0, 7200.0


def clock() -> float:
    """Seconds on a clock that all processes of this machine share, and nobody sets."""
    return time.monotonic()


def _since(moment: float | None) -> float:
    return 0.0 if moment is None else clock() - moment


@dataclass(frozen=True, slots=True)
class Status(Record):
    """State and progress of a run.

    Times are Unix seconds, but for those of `clock`, which no change of the time moves and which stands still
    while the machine sleeps: `beat`, the last heartbeat, and `stirred`, when training itself last did
    something. `process_started` tells a pid from its reuse, as `marks` does.
    """

    state: State = "queued"
    reason: str = ""
    phase: str = "waiting"
    heartbeat: float | None = None
    beat: float | None = None
    stirred: float | None = None
    pid: int | None = None
    process_started: float | None = None
    started: float | None = None
    ended: float | None = None
    host: str = ""
    device: str = ""
    epoch: int = 0
    epochs: int = 0
    batch: int = 0
    batches: int = 0
    images_per_second: float | None = None

    @property
    def active(self) -> bool:
        """Whether somebody still works on it, or will."""
        return self.state in ACTIVE

    @property
    def finished(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in FINISHED

    @property
    def silence(self) -> str:
        """That its process, or its training, has given no sign of life for long; "" where all is well."""
        return self._silent(SILENT, STILL)

    @property
    def hangs(self) -> str:
        """Why its process is given up; "" where it is not."""
        return self._silent(HUNG, STUCK)

    def _silent(self, beat: float, stirred: float) -> str:
        if self.state not in ("running", "paused", "stopping"):
            return ""
        silent = _since(self.beat)
        if silent >= beat:
            return f"no sign of life for {silent // 60:.0f} min"
        # A paused training does nothing, and should not.
        still = _since(self.stirred) if self.state != "paused" else 0.0
        return f"no step for {still // 60:.0f} min" if still >= stirred else ""


@dataclass(frozen=True, slots=True)
class RunReport(Record):
    """The final figures of a run that has been evaluated. Accuracies and shares lie in 0–1, times in seconds.

    `*_loss` is what Keras's `evaluate` gives (with penalties and label smoothing, comparable to the
    curves); `test_crossentropy` is without them, comparable between runs. A split without images has None.
    """

    test_accuracy: float | None = None
    test_loss: float | None = None
    test_crossentropy: float | None = None
    train_accuracy: float | None = None
    train_loss: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    penalty: float | None = None  # what L1 and L2 add to the loss
    baseline_accuracy: float | None = None  # test accuracy of always saying the most frequent training class
    n_train: int | None = None
    n_validation: int | None = None
    n_test: int | None = None
    epochs: int | None = None  # whole ones
    best_epoch: int | None = None  # None: no early stopping
    weights_epoch: int | None = None  # whose weights were kept; `epochs` + 1 where it is partial
    stopped_early: bool = False
    fit_seconds: float | None = None  # over all processes of the run, pauses left out
    images_per_second: float | None = None  # training images, the first step left out
    params: int | None = None
    trainable_params: int | None = None
    macs: int | None = None  # multiply-adds of one image's forward pass
    #: Of the test images, as they were computed when the run ended; `cnnviz.metrics` computes all others.
    metrics: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataStamp(Record):
    """Which images a run saw: where they came from, and their fingerprint."""

    origin: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class DataSeen(Record):
    """The data set as a run was given it, written once, when it was loaded."""

    digest: str  # of its images and labels, whatever files hold them: see `cnnviz.datasets.digest`
    n_train: int  # of the whole set, of which a run may see a part
    n_test: int
    class_names: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """How many images the whole set had."""
        return self.n_train + self.n_test


@dataclass(frozen=True, slots=True)
class RunEnvironment(Record):
    """What is needed to judge a run's times, and to repeat it."""

    versions: Mapping[str, str] = field(default_factory=dict)  # cnnviz, python, keras, tensorflow, numpy
    device: str = ""
    device_kind: str = ""  # "CPU" or "GPU"
    threads: int | None = None
    precision: str = ""
    host: str = ""
    system: str = ""
    data: DataStamp = DataStamp()
    deterministic: bool | None = None
    #: Seconds, pauses left out: import, load, build, first_step, training, evaluation, saving.
    phases: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EpochRecord(Record):
    """One epoch of training. `val_*`: None without validation images; `loss`: None where it is no number."""

    epoch: int  # 1 is the first
    loss: float | None = None  # running means over the epoch, as Keras gives them
    accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    learning_rate: float | None = None
    seconds: float = 0.0  # of this epoch, with validation
    train_seconds: float | None = None  # … without
    images_per_second: float | None = None
    elapsed: float = 0.0  # seconds of `fit` until its end, over all processes of the run
    partial: bool = False  # stopped within it


@dataclass(frozen=True, slots=True)
class BatchRecord(Record):
    """Live figures, at most four a second: means over the images since the record before."""

    epoch: int
    batch: int  # of this epoch; 1 is the first
    batches: int = 0  # of an epoch
    loss: float | None = None
    accuracy: float | None = None
    images_per_second: float | None = None
    elapsed: float = 0.0  # seconds of `fit`
