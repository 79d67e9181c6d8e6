"""Every export format on one run that a worker has trained, read again by the tools that it is for."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz import architectures, datasets, exports
from cnnviz.errors import RunError
from cnnviz.exports import EXPORTS, archive
from cnnviz.exports.entry import ExportFormat
from cnnviz.runs import RunDirectory, list_runs, load_summary
from cnnviz.specs import DatasetSpec, ExperimentSpec, TrainingSpec
from tests.commands import cnnviz
from tests.trained_runs import trained

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
NAME = "</script><script>alert(1)</script> *b* 5×5"
#: With all that a script must repeat: channel shift, moved images, penalties, weights of classes.
EXPERIMENT = ExperimentSpec(
    dataset=DatasetSpec(name="digits", train_size=200, test_size=50, validation_split=0.2),
    architecture=architectures.make("two-pairs", filters=(4, 6), dense=16),
    training=TrainingSpec.parse(
        {
            "epochs": 2,
            "seed": 3,
            "l2": 1e-3,
            "class_weight": "balanced",
            "schedule": "cosine",
            "augmentation": {"rotation": 10, "width_shift": 0.1, "channel_shift": 0.1},
        }
    ),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDirectory]:
    """The run; `CNNVIZ_RUNS_DIR` is its folder during all tests of this module."""
    root = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS_DIR", str(root))
        yield trained(root, EXPERIMENT, NAME)


@pytest.fixture(scope="module")
def written(run: RunDirectory, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write a format, once."""
    folder, known = tmp_path_factory.mktemp("written"), dict[str, Path]()
    return lambda name: known.get(name) or known.setdefault(name, exports.export(run, name, folder))


@pytest.mark.parametrize("name", EXPORTS)
def test_a_format_says_what_it_is_and_writes_something(name: str, written: Callable[[str], Path]) -> None:
    entry = EXPORTS.get(name)
    assert EXPORTS.problems(name, entry) == []
    path = written(name)
    assert path.suffix == entry.suffix
    assert any(path.rglob("*")) if path.is_dir() else path.stat().st_size > 100


@pytest.mark.parametrize("name", EXPORTS)
def test_a_run_that_was_never_trained_is_refused_or_has_only_what_it_has(name: str, tmp_path: Path) -> None:
    waiting = RunDirectory.create(tmp_path / "runs", EXPERIMENT)
    if name in ("csv", "script", "notebook", "tensorboard"):  # what was asked, or nothing yet
        assert exports.export(waiting, name, tmp_path / "out").exists()
        return
    with pytest.raises(RunError, match=r"\.$"):
        exports.export(waiting, name, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": " "}, "no title"),
        ({"help": "No stop"}, "full stop"),
        ({"suffix": "zip"}, "begin with a dot"),
        ({"extra": "x"}, "go together"),
    ],
)
def test_a_wrong_format_is_refused_with_a_sentence(wrong: dict[str, Any], says: str) -> None:
    usual: dict[str, Any] = {"title": "T", "help": "H.", "write": lambda run, path: None}
    entry = ExportFormat(**(usual | wrong))
    [problem] = EXPORTS.problems("of-a-test", entry)
    assert says in problem


# Code ----------------------------------------------------------------------------------------------


def executed(code: str, folder: Path) -> str:
    """Run code in a Python that can't import cnnviz; what it printed."""
    script = folder / "run.py"
    script.write_text(f"import sys\nsys.modules['cnnviz'] = None\n{code}", "utf-8")
    environment = os.environ | {"MPLBACKEND": "Agg", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=environment, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", ["script", "notebook"])
def test_code_alone_repeats_the_run(
    name: str, run: RunDirectory, written: Callable[[str], Path], tmp_path: Path
) -> None:
    path = written(name)
    shutil.copy(path.with_name(f"{run.id}-data.npz"), tmp_path)
    if name == "script":
        code = path.read_text("utf-8")
    else:
        import nbformat

        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    code += "\nprint('SHAPES', [list(weight.shape) for weight in model.weights], model.count_params())\n"
    said = executed(code, tmp_path)
    loss = float(re.search(r"First epoch: loss ([\d.]+)", said)[1])  # type: ignore[index]
    assert loss == pytest.approx(run.epochs()[0].loss, abs=2e-6)
    report = run.report()
    assert report is not None
    assert f"Accuracy: {report.test_accuracy:.4f} of 50 test images" in said
    assert said.rstrip().endswith(f" {report.params}")
    predictions = run.predictions()
    assert predictions is not None
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (predictions["test_labels"], predictions["test_probabilities"].argmax(axis=1)), 1)
    assert str(matrix) in said
    assert (tmp_path / f"{run.id}-figures.png").stat().st_size > 5000


def test_the_images_beside_are_those_of_the_run(run: RunDirectory, written: Callable[[str], Path]) -> None:
    data = datasets.load(EXPERIMENT.dataset)
    with np.load(written("script").with_name(f"{run.id}-data.npz"), allow_pickle=False) as kept:
        for name in ("train", "validation", "test"):
            split = getattr(data, name)
            np.testing.assert_array_equal(kept[f"{name}_images"], split.images)
            np.testing.assert_array_equal(kept[f"{name}_labels"], split.labels)


# Models --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ten(run: RunDirectory) -> tuple[np.ndarray, np.ndarray]:
    """Ten test images, and the probabilities that the run has saved for them."""
    predictions = run.predictions()
    assert predictions is not None
    images = datasets.load(EXPERIMENT.dataset).full_test.images_at(predictions["test_indices"][:10])
    return images, predictions["test_probabilities"][:10].astype(np.float32)


def _keras(path: Path, images: np.ndarray) -> np.ndarray:
    import keras

    return np.asarray(keras.models.load_model(path).predict(images, verbose=0))


def _savedmodel(path: Path, images: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    assert len(json.loads((path / "labels.json").read_text("utf-8"))["classes"]) == 10
    model = tf.saved_model.load(str(path))  # its variables live as long as it does
    return np.asarray(model.serve(tf.constant(images)))


def _onnx(path: Path, images: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    assert len(json.loads(session.get_modelmeta().custom_metadata_map["classes"])) == 10
    return np.asarray(session.run(None, {session.get_inputs()[0].name: images})[0])


def _litert(path: Path, images: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=str(path))
    given = interpreter.get_input_details()[0]
    interpreter.resize_tensor_input(given["index"], images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], images)
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.parametrize(
    ("name", "answers"),
    [("keras", _keras), ("savedmodel", _savedmodel), ("onnx", _onnx), ("litert", _litert)],
)
def test_another_tools_model_says_what_the_run_said(
    name: str,
    answers: Callable[[Path, np.ndarray], np.ndarray],
    written: Callable[[str], Path],
    ten: tuple[np.ndarray, np.ndarray],
) -> None:
    images, saved = ten
    # Saved as float16: half a step of it, and the rounding of another runtime.
    np.testing.assert_allclose(answers(written(name), images), saved, rtol=2**-11, atol=1e-6)


def test_a_missing_extra_is_said_with_how_to_install_it(
    run: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    done = cnnviz("export", run.id, "--format", "onnx", "--to", str(tmp_path))
    assert done.returncode == 2
    assert "pip install 'cnnviz[onnx]'" in done.stderr


# Tables, event files, pages ------------------------------------------------------------------------


def test_tables_hold_the_runs_numbers(run: RunDirectory, written: Callable[[str], Path]) -> None:
    folder = written("csv")
    with (folder / "epochs.csv").open(encoding="utf-8") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert losses == [record.loss for record in run.epochs()]
    with (folder / "predictions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    report = run.report()
    assert report is not None
    assert np.mean([row["true"] == row["predicted"] for row in rows]) == pytest.approx(report.test_accuracy)


def test_tensorboard_reads_the_curves(run: RunDirectory, written: Callable[[str], Path]) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for name, column in (("train", "loss"), ("validation", "val_loss")):
        events = EventAccumulator(str(written("tensorboard") / name)).Reload()
        read = [
            (event.step, float(np.asarray(event.tensor_proto.float_val)[0]))
            for event in events.Tensors("epoch_loss")
        ]
        wanted = [(record.epoch - 1, getattr(record, column)) for record in run.epochs()]
        assert [step for step, _ in read] == [step for step, _ in wanted]
        assert [value for _, value in read] == pytest.approx([value for _, value in wanted])


class _Fetched(HTMLParser):
    """What a page would fetch, and the text that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1] not in ("script", "style"):
            self.text += data


def test_the_page_to_print_fetches_nothing_and_shows_names_letter_by_letter(
    run: RunDirectory, written: Callable[[str], Path], tmp_path: Path
) -> None:
    together = exports.export_together([run, run], tmp_path)
    for path in (written("html"), together):
        page = _Fetched()
        page.feed(path.read_text("utf-8"))
        assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
        assert NAME in page.text
        assert "<script>alert" not in path.read_text("utf-8")
        report = run.report()
        assert report is not None
        assert f"{100 * (report.test_accuracy or 0):.1f} %" in page.text.replace("\N{NO-BREAK SPACE}", " ")


# A zip, and back -----------------------------------------------------------------------------------


def test_a_zip_is_opened_as_the_same_run(
    run: RunDirectory, written: Callable[[str], Path], runs_dir: Path
) -> None:
    done = cnnviz("import", str(written("zip")), "--json")
    assert done.returncode == 0, done.stderr
    opened = RunDirectory.open(runs_dir / json.loads(done.stdout)["run"])
    assert opened.spec().experiment == run.spec().experiment
    assert opened.spec().name == NAME
    for part in ("report", "data"):
        assert getattr(opened, part)() == getattr(run, part)()
    made, told = run.environment(), opened.environment()
    assert made is not None
    assert told is not None
    assert (told.device, told.versions, told.phases) == (made.device, made.versions, made.phases)
    assert (told.host, "/" in told.data.origin) == ("", False)
    assert opened.epochs() == run.epochs()
    ours, theirs = run.predictions(), opened.predictions()
    assert ours is not None
    assert theirs is not None
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert load_summary(opened.path).state == "done"
    again = exports.export(opened, "keras", runs_dir / "out")
    images = datasets.load(EXPERIMENT.dataset).test.images[:4]
    np.testing.assert_allclose(_keras(again, images), _keras(written("keras"), images), atol=1e-6)
    assert not [path for path in runs_dir.iterdir() if path.name.startswith(".import")]


def changed(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a zip with other content."""
    with zipfile.ZipFile(source) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    change(content)
    with zipfile.ZipFile(target, "w") as packed:
        for name, data in content.items():
            packed.writestr(name, data)
    return target


def _other_weights(content: dict[str, bytes]) -> None:
    content["weights.npz"] = archive._npz({"block1_conv1/kernel": np.zeros((3, 3, 1, 5), np.float32)})


def _enormous(content: dict[str, bytes]) -> None:
    """An array that claims a million million numbers, and holds none."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("block1_conv1/kernel.npy", header.getvalue())
    content["weights.npz"] = out.getvalue()


def _not_finite(content: dict[str, bytes]) -> None:
    with np.load(io.BytesIO(content["weights.npz"])) as known:
        arrays = {name: known[name] for name in known.files}
    next(iter(arrays.values()))[0] = np.nan
    content["weights.npz"] = archive._npz(arrays)


def _pickled(content: dict[str, bytes]) -> None:
    out = io.BytesIO()
    np.savez(out, test_labels=np.array([{"a": 1}], object))
    content["predictions.npz"] = out.getvalue()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda content: content.pop("spec.json"), "spec.json is missing"),
        (lambda content: content.update({"../evil": b"x"}), "leads out of it"),
        (lambda content: content.update({"/etc/evil": b"x"}), "leads out of it"),
        (lambda content: content.update({f"f{i}": b"" for i in range(99)}), "too many files"),
        (lambda content: content.update({"spec.json": b"{}"}), "spec.json in the archive"),
        (lambda content: content.update({"report.json": b"[1]"}), "report.json in the archive"),
        (lambda content: content.update({"epochs.jsonl": b"{broken"}), "line 1 of epochs.jsonl"),
        (
            lambda content: content.update(
                {"cnnviz.json": b'{"format": 99, "run": "x", "input_shape": [1, 1, 1]}'}
            ),
            "",
        ),
        (lambda content: content.update({"weights.npz": b"no zip"}), "weights.npz"),
        (_other_weights, "not those of this network"),
        (_enormous, "unfolds to more than"),
        (_not_finite, "numbers that are none"),
        (_pickled, "predictions.npz"),
    ],
)
def test_a_zip_that_must_not_be_opened_is_refused_and_leaves_nothing(
    change: Callable[[dict[str, bytes]], None],
    says: str,
    written: Callable[[str], Path],
    runs_dir: Path,
    tmp_path: Path,
) -> None:
    done = cnnviz("import", str(changed(written("zip"), tmp_path / "changed.zip", change)))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list_runs(runs_dir) == []
    assert not [path for path in runs_dir.iterdir() if path.is_dir() and path.name != ".queue"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 2**20), noise=st.binary(min_size=1, max_size=40), cut=st.booleans())
def test_a_damaged_zip_is_one_sentence(
    place: int, noise: bytes, cut: bool, written: Callable[[str], Path], runs_dir: Path, tmp_path: Path
) -> None:
    data = bytearray(written("zip").read_bytes())
    at = place % len(data)
    if cut:
        del data[at:]
    else:
        data[at : at + len(noise)] = noise
    (tmp_path / "damaged.zip").write_bytes(data)
    done = cnnviz("import", str(tmp_path / "damaged.zip"))
    assert done.returncode in (0, 2)  # 0: what was damaged is a table, which nobody reads
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_wrong_commands_are_one_line(run: RunDirectory, tmp_path: Path) -> None:
    for arguments, says in (
        (["export", run.id], "--format"),
        (["export", "--format", "zip"], "Name a run"),
        (["export", run.id, run.id, "--format", "zip"], "html alone"),
        (["export", run.id, "--format", "nope"], "no export format"),
        (["export", "--experiment", "C7", "--format", "html", "--to", str(tmp_path)], "was not run"),
        (["export", "--experiment", "C7", "--format", "html", "--scale", "huge"], "--scale takes"),
        (["import", str(tmp_path / "none.zip")], "There is no file"),
    ):
        done = cnnviz(*arguments)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), arguments
        assert says in done.stderr
