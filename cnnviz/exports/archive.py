"""A run as one file, and back: a zip with all that its pages show, opened on another machine by content.

What stands in it is data: JSON that is read through frozen types, arrays without pickles, tables. A model
file of unknown origin is never opened: the weights are arrays, which are checked against the network of the
spec, and Keras is given that network, built anew.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, TypeVar

import numpy as np

from cnnviz import __version__, paths, words
from cnnviz.architectures import summarise
from cnnviz.errors import CnnvizError, RunError
from cnnviz.evaluation import class_names, evaluate
from cnnviz.exports.registered.tables import write_tables
from cnnviz.inspection.questions import GetWeights, SaveNetwork
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import Weights
from cnnviz.runs import DataSeen, EpochRecord, RunDirectory, RunEnvironment, RunReport
from cnnviz.runs.records import DataStamp, Record
from cnnviz.runs.rundir import RunSpec

R = TypeVar("R", bound=Record)
#: Raised when an archive holds something that older versions can't read.
FORMAT = 1
_MANIFEST, _WEIGHTS, _PREDICTIONS, _SPEC = "cnnviz.json", "weights.npz", "predictions.npz", "spec.json"
#: Text files that become the run's own, and their types.
_RECORDS: Mapping[str, type[Record]] = {
    "report.json": RunReport,
    "environment.json": RunEnvironment,
    "data.json": DataSeen,
}
_JOURNAL = "epochs.jsonl"
_NEEDED = (_MANIFEST, _SPEC, "report.json", "environment.json", "data.json", _JOURNAL, _PREDICTIONS, _WEIGHTS)
#: What zipfile, zlib and numpy report damage with.
_DAMAGE = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError)
#: What an archive may hold at most: VGG16's weights are 528 MB.
MOST_BYTES, _MOST_TEXT, _MOST_ENTRIES = 2_000_000_000, 20_000_000, 64


@dataclass(frozen=True, slots=True)
class Manifest(Record):
    """What an archive says of itself."""

    format: int
    run: str  # its id where it was trained
    input_shape: tuple[int, int, int]
    cnnviz: str = ""


def pack(run: RunDirectory, target: Path) -> None:
    """Write a finished run as a zip.

    Raises:
        RunError: it has no evaluation or no weights, or what it keeps is damaged.
    """
    report, environment, seen = run.report(), run.environment(), run.data()
    predictions = run.predictions()
    if report is None or predictions is None or environment is None or seen is None:
        raise RunError(
            f"Run {run.id} has no report: only what was trained and evaluated to its end can be taken along."
        )
    # The folder of the images, and this machine's name, are nobody else's business.
    origin = DataStamp(environment.data.origin.partition(" in ")[0], environment.data.fingerprint)
    environment = environment.but(host="", data=origin)
    spec = run.spec()
    arrays = inspector().ask(GetWeights(Weights.of(run.path))).by_path()
    names = class_names(run)
    shape = _input_shape(run)
    manifest = Manifest(FORMAT, run.id, shape, __version__)
    with TemporaryDirectory() as folder, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = Path(folder)
        write_tables(run, tables)
        archive.writestr("README.md", _readme(run, report, environment, evaluate(predictions, names).n))
        archive.writestr(_MANIFEST, manifest.to_json(indent=2))
        archive.writestr(_SPEC, spec.to_json())
        for name, record in (("report.json", report), ("environment.json", environment), ("data.json", seen)):
            archive.writestr(name, record.to_json(indent=2))
        archive.writestr(_JOURNAL, "".join(f"{record.to_json().strip()}\n" for record in run.epochs()))
        for name, content in ((_PREDICTIONS, predictions), (_WEIGHTS, arrays)):
            archive.writestr(name, _npz(content))
        for table in sorted(tables.iterdir()):
            archive.write(table, f"tables/{table.name}")


def unpack(file: Path, root: Path | None = None) -> RunDirectory:
    """Open an archive as a new run of this machine, checked by content; of a refused one nothing is left.

    Args:
        root: the folder of runs.
    Raises:
        RunError: it is none, holds what none may hold, or does not fit together; says which file in it.
    """
    root = paths.ensure(root or paths.runs_dir())
    with _opened(file) as archive, TemporaryDirectory(prefix=".import-", dir=root) as folder:
        aside = Path(folder)
        manifest = _record(archive, _MANIFEST, Manifest)
        if manifest.format > FORMAT:
            raise RunError(
                f"{file.name} was written by cnnviz {manifest.cnnviz or 'of a later version'}, and this is "
                f"{__version__}. Open it with that version or a later one."
            )
        spec = _spec(archive)
        records = {name: _record(archive, name, kind) for name, kind in _RECORDS.items()}
        epochs = list(_epochs(archive))
        for name in (_WEIGHTS, _PREDICTIONS):
            with archive.open(name) as packed, (aside / name).open("wb") as out:
                _copied(packed, out, name)
        made = RunDirectory.create(aside, spec.experiment, name=spec.name, user="")
        seen = records["data.json"]
        assert isinstance(seen, DataSeen)
        _fill(made, aside, manifest, spec, seen, epochs, records)
        return RunDirectory.adopt(made, root)


def _fill(
    run: RunDirectory,
    aside: Path,
    manifest: Manifest,
    spec: RunSpec,
    seen: DataSeen,
    epochs: list[EpochRecord],
    records: Mapping[str, Record],
) -> None:
    classes = len(seen.class_names)
    summarise(spec.experiment.architecture, manifest.input_shape, classes)  # refuses what can't be built
    for name in (_WEIGHTS, _PREDICTIONS):
        _check_arrays(aside / name)
    (aside / _PREDICTIONS).replace(run.path / _PREDICTIONS)
    predictions = run.predictions() or {}
    evaluate(predictions, seen.class_names)  # refuses those of other classes
    for record in epochs:
        run.append_epoch(record)
    report, environment = records["report.json"], records["environment.json"]
    assert isinstance(report, RunReport)
    assert isinstance(environment, RunEnvironment)
    run.write_data(seen)
    run.write_environment(environment)
    run.write_report(report)
    inspector().ask(
        SaveNetwork(
            spec.experiment.architecture, manifest.input_shape, classes, aside / _WEIGHTS, run.model_path
        )
    )
    run.set_status(state="done", epoch=report.epochs or 0)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """A zip within all limits, whose names lead nowhere else.

    Raises:
        RunError: it is none, or one of its entries must not be.
    """
    advice = "Export the run again, with cnnviz export RUN --format zip."
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if missing := [name for name in _NEEDED if name not in names]:
                raise RunError(f"{file.name} is no run of cnnviz: {missing[0]} is missing. {advice}")
            if len(entries) > _MOST_ENTRIES or len(set(names)) < len(names):
                raise RunError(f"{file.name} holds too many files, or two of one name. {advice}")
            for entry in entries:
                path = PurePosixPath(entry.filename)
                linked = (entry.external_attr >> 16) & 0o170000 == 0o120000
                if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or linked:
                    raise RunError(f"{file.name} holds '{entry.filename}', which leads out of it. {advice}")
                most = MOST_BYTES if entry.filename.endswith(".npz") else _MOST_TEXT
                if entry.file_size > most:
                    raise RunError(f"'{entry.filename}' in {file.name} is larger than {words.size(most)}.")
            yield archive
    except FileNotFoundError as error:
        raise RunError(f"There is no file {file}.") from error
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        # zipfile names unknown compression and passwords with these.
        if isinstance(error, CnnvizError):
            raise
        raise RunError(f"{file.name} can't be read as a zip: {error}. {advice}") from error


def _text(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as packed:
        text = packed.read(_MOST_TEXT + 1)  # what the archive says of its size may be wrong
    if len(text) > _MOST_TEXT:
        raise RunError(f"'{name}' in the archive is larger than {words.size(_MOST_TEXT)}.")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RunError(f"'{name}' in the archive is no text.") from error


def _record(archive: zipfile.ZipFile, name: str, kind: type[R]) -> R:
    return kind.from_json(_text(archive, name), f"{name} in the archive")


def _spec(archive: zipfile.ZipFile) -> RunSpec:
    try:
        return RunSpec.from_json(_text(archive, _SPEC))
    except CnnvizError as error:
        raise RunError(f"{_SPEC} in the archive can't be used: {error}") from error


def _epochs(archive: zipfile.ZipFile) -> Iterator[EpochRecord]:
    for number, line in enumerate(_text(archive, _JOURNAL).splitlines(), start=1):
        if line.strip():
            yield EpochRecord.from_json(line, f"line {number} of {_JOURNAL} in the archive")


def _copied(packed: IO[bytes], out: IO[bytes], name: str) -> None:
    left = MOST_BYTES
    while block := packed.read(1 << 20):
        left -= len(block)
        if left < 0:
            raise RunError(f"'{name}' in the archive is larger than {words.size(MOST_BYTES)}.")
        out.write(block)


def _check_arrays(path: Path) -> None:
    """Refuse an `.npz` that unfolds beyond the limit, or claims to, before numpy makes room for it."""
    try:
        with zipfile.ZipFile(path) as arrays:
            size = sum(entry.file_size for entry in arrays.infolist())
            for entry in arrays.infolist():
                with arrays.open(entry) as file:
                    size = max(size, _claimed(file))
        if size > MOST_BYTES:
            raise RunError(f"'{path.name}' in the archive unfolds to more than {words.size(MOST_BYTES)}.")
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as found:
            for name in found.files:
                found[name]
    except (*_DAMAGE, KeyError) as error:
        raise RunError(f"'{path.name}' in the archive holds no arrays that can be read: {error}.") from error


def _claimed(file: IO[bytes]) -> int:
    """Bytes that an array takes by its own header, whatever follows it."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(file)
    return math.prod(shape) * kind.itemsize


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def _input_shape(run: RunDirectory) -> tuple[int, int, int]:
    from cnnviz import datasets

    return datasets.facts(run.spec().experiment.dataset).input_shape


def _readme(run: RunDirectory, report: RunReport, environment: RunEnvironment, n: int) -> str:
    spec = run.spec()
    experiment, versions = spec.experiment, environment.versions
    reached = words.percent(report.test_accuracy, 2)
    return f"""# {spec.name or run.id}

{experiment.architecture.label()} on {experiment.dataset.name}: {reached} of {n:,} test images right.

Trained by cnnviz {versions.get("cnnviz", "")} (Keras {versions.get("keras", "")}) on {environment.device}, \
{words.duration(report.fit_seconds)} for {report.epochs} epochs, seed {experiment.training.seed}.

Open it in cnnviz, on the page Home or with `cnnviz import {run.id}.zip`. Without cnnviz:

| file | holds |
|---|---|
| `{_SPEC}` | what was asked: data set, network, training |
| `{_WEIGHTS}` | all weights by their paths, for numpy |
| `{_PREDICTIONS}` | probabilities, labels and places of the test, training and validation images |
| `{_JOURNAL}`, `report.json`, `environment.json`, `data.json` | curves, final figures, machine, images |
| `tables/` | curves, classes, confusion matrix and predictions as CSV |
"""
