"""One contract test a door: every data set, architecture, page and setting keeps what its registry asks for.

A new entry is tested here for free. Explanations, drawings, metrics and kinds of job have theirs beside their
own tests. Wrong entries are refused with a sentence: each mistake is tried.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import keras
import numpy as np
import pytest
from pydantic import Field, create_model
from streamlit.testing.v1 import AppTest

from cnnviz import datasets, registry
from cnnviz.architectures import ARCHITECTURES, find_setting, make, parts, summarise
from cnnviz.architectures.architecture_entry import ArchitectureEntry, architecture
from cnnviz.architectures.build import build_model
from cnnviz.cli import main
from cnnviz.cli.set_option import experiment, value
from cnnviz.datasets.dataset_entry import DATASETS, Arrays, DatasetEntry, checked_arrays, problems_of_arrays
from cnnviz.errors import DataError, EntryError, SpecError
from cnnviz.specs import SETTINGS, ArchitectureSpec, DatasetSpec, Setting, Spec
from cnnviz.specs.setting import by_path, settings_of_spec
from cnnviz.studies.search.search_space import setting_names
from cnnviz.ui import navigation, show
from tests.examples import ROOT, doors, examples, placed
from tests.pages.finished_runs import finished
from tests.patience import PATIENCE

MAIN = ROOT / "cnnviz" / "ui" / "main.py"

# All


def test_no_entry_of_the_house_is_left_out() -> None:
    """A wrong one harms no other, and so would be missed by the tests that run over all entries."""
    assert all(len(door) for door in doors())
    assert registry.left_out() == ()


# Data sets


@pytest.mark.parametrize("name", DATASETS)
def test_a_data_set_is_what_its_entry_says(name: str) -> None:
    entry = DATASETS.get(name)
    assert DATASETS.problems(name, entry) == []
    if entry.make is None:
        for download in entry.downloads:
            assert download.url.startswith("https://")
            assert download.size > 0
            assert not Path(download.file).is_absolute()
        if datasets.availability(name) == "download":
            return
        assert datasets.load(DatasetSpec(name=name)).facts.n_train_full == entry.n_train
        return
    for side in entry.sizes or (entry.shape[0],):
        arrays = entry.make(side)
        assert problems_of_arrays(entry, arrays, side) == []
        again = entry.make(side)
        pairs = zip(arrays, again, strict=True)
        assert all(np.array_equal(first, second) for first, second in pairs), "draw with a fixed seed"
    assert set(np.unique(arrays.train_labels)) == set(range(len(entry.class_names)))


def grey(**changes: Any) -> DatasetEntry:
    """A data set of 6 training and 2 test images, with mistakes."""
    plain = DatasetEntry(
        name="of_a_test",
        title="Grey",
        description="Grey squares.",
        source="drawn here",
        class_names=("dark", "light"),
        shape=(8, 8, 1),
        n_train=6,
        n_test=2,
        make=lambda side: grey_arrays(),
    )
    return replace(plain, **changes)


def grey_arrays() -> Arrays:
    labels = np.arange(8) % 2
    images = np.full((8, 8, 8, 1), 100, np.uint8)
    return Arrays(images[:6], labels[:6], images[6:], labels[6:])


def test_a_right_data_set_is_taken_and_its_labels_are_int64() -> None:
    entry = grey()
    assert DATASETS.problems("of_a_test", entry) == []
    narrow = grey_arrays()._replace(train_labels=np.zeros(6, np.uint8))
    assert checked_arrays(entry, lambda: narrow, 8).train_labels.dtype == np.int64


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "of-a-test"}, "calls itself 'of-a-test'; write the same name twice"),
        ({"description": ""}, "no title, description or source"),
        ({"shape": (8, 16, 1)}, "8×16×1; they must be squares"),
        ({"shape": (8, 8, 2)}, "with 1 or 3 channels"),
        ({"sizes": (16, 8)}, "first size is 16, but its shape says 8"),
        ({"class_names": ("dark",)}, "fewer than two classes"),
        ({"class_names": ("dark", "dark")}, "two of its names of a class are 'dark'"),
        ({"coarse_names": ("all",)}, "coarse_of must give each class"),
        ({"n_train": 1}, "fewer training images than classes"),
        ({"make": None}, "give one of the two"),
        ({"make": None, "candidates": lambda roots: []}, "nothing says where its files come from"),
    ],
)
def test_a_wrong_data_set_is_refused_with_a_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(EntryError, match=r"The data set 'of_a_test' is refused: .*" + says):
        DATASETS.add("of_a_test", grey(**changes))
    assert "of_a_test" not in DATASETS


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"train_images": np.zeros((6, 8, 8, 1))}, r"float64 .* must be uint8"),
        ({"test_images": np.zeros((2, 8, 8), np.uint8)}, r"\(2, 8, 8\); they must be"),
        ({"train_images": np.zeros((5, 8, 8, 1), np.uint8)}, r"shape \(6, 8, 8, 1\)"),
        ({"train_labels": np.zeros((6, 1), int)}, r"shape \(6, 1\); .* shape \(6,\)"),
        ({"test_labels": np.zeros(2)}, "test labels are float64"),
        ({"test_labels": np.array([0, 2])}, "from 0 to 2; with 2 .* from 0 to 1"),
    ],
)
def test_wrong_arrays_are_refused_when_they_are_first_used(wrong: dict[str, np.ndarray], says: str) -> None:
    with pytest.raises(DataError, match=f"Grey can't be used: .*{says}"):
        checked_arrays(grey(), lambda: grey_arrays()._replace(**wrong), 8)


def test_a_data_set_that_fails_while_it_is_made_says_so() -> None:
    with pytest.raises(
        DataError,
        match=r"Grey can't be made \(ZeroDivisionError in line \d+: .*\)\. Mend what registers it in tests/",
    ):
        checked_arrays(grey(), lambda: grey_arrays()._replace(train_labels=np.array(1 // 0)), 8)
    with pytest.raises(
        DataError, match=r"Grey can't be made \(FileNotFoundError in line \d+: .*no such place"
    ):
        checked_arrays(grey(), lambda: np.load("no such place"), 8)
    with pytest.raises(DataError, match=r"Grey can't be made \(TypeError: it gives tuple, and no Arrays\)"):
        checked_arrays(grey(), lambda: tuple(grey_arrays()), 8)  # type: ignore[arg-type, return-value]


def test_a_changed_file_of_make_is_made_anew(tmp_path: Path, cache_dir: Path) -> None:
    """Without a new `version`, which tells of changes elsewhere."""

    def first_pixel(file: Path) -> int:
        names: dict[str, Any] = {"arrays": grey_arrays()}
        exec(compile(file.read_text(), str(file), "exec"), names)
        DATASETS._entries["of_a_test"] = grey(make=names["make"])
        try:
            return int(datasets.load(DatasetSpec(name="of_a_test")).train.images_at([0]).flat[0])
        finally:
            del DATASETS._entries["of_a_test"]

    file = tmp_path / "of_a_test.py"
    file.write_text("def make(side):\n    return arrays\n")
    assert [first_pixel(file), first_pixel(file)] == [100, 100]
    assert len(list(cache_dir.rglob("train_images.npy"))) == 1
    file.write_text("def make(side):\n    return arrays._replace(train_images=arrays.train_images + 7)\n")
    assert first_pixel(file) == 107


def test_wrong_arrays_of_a_registered_data_set_never_reach_a_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CNNVIZ_CACHE_DIR", str(tmp_path))
    wrong = grey(make=lambda side: grey_arrays()._replace(test_labels=np.array([0, 7])))
    monkeypatch.setattr(DATASETS, "_entries", {**DATASETS._entries, "of_a_test": wrong})
    with pytest.raises(DataError, match="test labels run from 0 to 7"):
        datasets.load(DatasetSpec(name="of_a_test"))
    assert not list(tmp_path.rglob("*.npy"))


# Architectures


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_suits_its_data_set_and_is_counted_as_keras_counts(name: str) -> None:
    entry = ARCHITECTURES.get(name)
    assert ARCHITECTURES.problems(name, entry) == []
    facts = datasets.facts(DatasetSpec(name=entry.dataset))
    spec = make(name)
    assert ArchitectureSpec.from_json(spec.to_json()) == spec
    summary = summarise(spec, facts.input_shape, facts.classes)
    model = build_model(spec, facts.input_shape, facts.classes)
    built = model.layers[2:]  # after the input and the rescaling
    assert [layer.name for layer in built] == [layer.name for layer in summary.layers]
    for ours, theirs in zip(summary.layers, built, strict=True):
        assert ours.type == type(theirs).__name__
        assert ours.output_shape == tuple(theirs.output.shape[1:]), ours.name
        assert ours.params == theirs.count_params(), ours.name
        trainable = sum(int(np.prod(weight.shape)) for weight in theirs.trainable_weights)
        assert ours.trainable_params == trainable, ours.name
    assert summary.total_params == model.count_params()
    keras.backend.clear_session()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_parameter_of_an_architecture_has_an_effect(name: str) -> None:
    """What a person can set changes the network, and stays within what its words allow."""
    plain = make(name)
    for parameter in ARCHITECTURES.get(name).parameters:
        others: list[object] = [*parameter.tries, *parameter.choices]
        if parameter.kind == "bool":
            others = [not parameter.default]
        elif parameter.kind == "ints":
            others = [tuple(number + 1 for number in parameter.default)]
        elif not others:
            others = [(parameter.default or 0) + (1 if parameter.kind == "int" else 0.05)]
        networks = [make(name, **{parameter.name: other}) for other in others]
        assert any(network.layers != plain.layers for network in networks), parameter.path


def builder(*, kernel_size: parts.KernelSize = 3) -> ArchitectureSpec:
    return parts.network(parts.conv(1, 1, 4, kernel_size), parts.flatten(), parts.classifier())


def without_words(*, kernel_size: int = 3) -> ArchitectureSpec:
    return builder(kernel_size=kernel_size)


def positional(kernel_size: parts.KernelSize = 3) -> ArchitectureSpec:
    return builder(kernel_size=kernel_size)


def text_default(*, kernel_size: parts.KernelSize = "3") -> ArchitectureSpec:  # type: ignore[assignment]
    return builder(kernel_size=kernel_size)


def out_of_range(*, kernel_size: parts.KernelSize = 0) -> ArchitectureSpec:
    return builder(kernel_size=kernel_size)


@pytest.mark.parametrize(
    ("wrong", "changes", "says"),
    [
        (without_words, {}, "the argument 'kernel_size': it has no words; annotate it"),
        (positional, {}, "'kernel_size' must be keyword-only"),
        (out_of_range, {}, "its default is not allowed .*must be a whole number from 1 to 255; received '0'"),
        (text_default, {}, "its default is the text '3'; write a whole number"),
        (builder, {"title": ""}, "no title or no description"),
        (builder, {"defaults": {"epochs": 0}}, "suggested training is impossible .epochs"),
    ],
)
def test_a_wrong_architecture_is_refused_with_a_sentence(
    wrong: Callable[..., ArchitectureSpec], changes: dict[str, Any], says: str
) -> None:
    described = {"title": "Wrong", "description": "It is wrong.", "dataset": "digits", **changes}
    with pytest.raises(EntryError, match=r"The architecture 'of_a_test' is refused: .*" + says):
        architecture("of_a_test", **described)(wrong)
    assert "of_a_test" not in ARCHITECTURES


def raising(*, kernel_size: parts.KernelSize = 3) -> ArchitectureSpec:
    return builder(kernel_size=1 // (kernel_size - 3))


def twice(*, kernel_size: parts.KernelSize = 3) -> ArchitectureSpec:
    return parts.network(parts.flatten(), parts.flatten(), parts.classifier())


def without_flatten(*, kernel_size: parts.KernelSize = 3) -> ArchitectureSpec:
    return parts.network(parts.conv(1, 1, 4, kernel_size), parts.classifier())


def a_list(*, kernel_size: parts.KernelSize = 3) -> Any:
    return [parts.flatten(), parts.classifier()]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (raising, r"its builder in tests/test_contracts\.py raises ZeroDivisionError in line \d+: .*; make"),
        (twice, "'flatten' occurs twice"),
        (without_flatten, r"its builder in tests/test_contracts\.py makes a network that takes no image"),
        (a_list, r"its builder in tests/test_contracts\.py returns list; return an ArchitectureSpec"),
    ],
)
def test_a_builder_that_fails_is_refused_at_its_first_use(
    wrong: Callable[..., ArchitectureSpec], says: str
) -> None:
    entry = ArchitectureEntry("of_a_test", "Wrong", "It is wrong.", (), "digits", wrong)
    (problem,) = ARCHITECTURES.problems("of_a_test", entry)
    assert re.search(says, problem)


def test_one_that_cannot_be_built_is_in_no_list_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in ("_entries", "_orders", "_unused"):
        monkeypatch.setattr(ARCHITECTURES, field, copy.copy(getattr(ARCHITECTURES, field)))
    monkeypatch.setattr(registry, "_left_out", {})
    architecture("of_a_test", title="Wrong", description="It is wrong.", dataset="digits")(raising)
    assert "of_a_test" not in ARCHITECTURES.names()
    with pytest.raises(
        EntryError, match=r"'of_a_test' is refused: its builder in tests/test_contracts\.py raises"
    ):
        make("of_a_test")
    (sentence,) = registry.left_out()
    assert "ZeroDivisionError" in sentence


# The examples of the docstrings, as somebody would put them there


def test_every_example_is_known_and_short() -> None:
    """At most 30 lines in a file, or two with the page of a kind of job; each door's own test runs it."""
    doors = {file: code for file, code in examples().items() if not file.startswith("cnnviz/shades/")}
    assert sorted(doors) == [
        "cnnviz/architectures/registered/wide.py",
        "cnnviz/datasets/registered/grey.py",
        "cnnviz/exports/registered/labels.py",
        "cnnviz/inspection/explanations/gradient_times_input.py",
        "cnnviz/metrics/registered/worst_class.py",
        "cnnviz/reports/drawings/loss_table.py",
        "cnnviz/studies/countdown_job.py",
        "pages/countdown.py",
        "pages/kernels.py",
    ]
    lines = {file: len([line for line in code.splitlines() if line]) for file, code in doors.items()}
    lines["cnnviz/studies/countdown_job.py"] += lines["pages/countdown.py"]
    assert max(lines.values()) <= 30, lines


def test_the_example_of_a_data_set_keeps_the_contract(tmp_path: Path) -> None:
    with placed("cnnviz/datasets/registered/grey.py", tmp_path) as name:
        test_a_data_set_is_what_its_entry_says(name)


def test_the_example_of_an_architecture_keeps_the_contract(tmp_path: Path) -> None:
    with placed("cnnviz/architectures/registered/wide.py", tmp_path) as name:
        test_an_architecture_suits_its_data_set_and_is_counted_as_keras_counts(name)
        test_every_parameter_of_an_architecture_has_an_effect(name)
        assert [item.key for item in ARCHITECTURES.get(name).parameters] == [
            "wide.kernel_size",
            "wide.filters",
        ]
        counted = summarise(make(name, filters=8), (16, 16, 1), 10).total_params
        assert counted == 8 * 9 + 8 + 8 * 64 * 10 + 10


def test_the_examples_of_pages_keep_the_contract(tmp_path: Path, runs_dir: Path) -> None:
    with placed("pages/kernels.py", tmp_path) as name:
        test_a_page_says_what_the_menu_shows(name)
        test_a_page_opens_where_nothing_was_trained_and_where_a_run_has_ended(name, runs_dir)
    with placed("cnnviz/studies/countdown_job.py", tmp_path), placed("pages/countdown.py", tmp_path) as name:
        test_a_page_says_what_the_menu_shows(name)
        test_a_page_opens_where_nothing_was_trained_and_where_a_run_has_ended(name, runs_dir)


@pytest.mark.long
def test_with_all_examples_pasted_nothing_else_has_to_be_touched(tmp_path: Path) -> None:
    """In a copy of cnnviz, the tests of all doors are green, those of the examples' own names among them."""
    for part in ("cnnviz", "pages", "tests", "docs", "benchmarks"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    for file, code in examples().items():
        if not file.startswith("cnnviz/shades/"):
            assert not (tmp_path / file).exists()
            (tmp_path / file).write_text(code)
    files = [
        "test_contracts",
        "test_metrics",
        "test_registry",
        "test_docs",
        "test_layers",
        "jobs/test_contract",
    ]
    files += ["reports/test_drawing_contract", "reports/test_own_experiments", "test_cli"]
    files += ["inspection/explanations/test_methods"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *(f"tests/{file}.py" for file in files)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]


WRONG_FILES = [
    ("cnnviz/datasets/registered/grey.py", ('name="grey"', 'name="gray"'), "calls itself 'gray'"),
    ("cnnviz/datasets/registered/grey.py", ("n_test=200, ", ""), "TypeError in line 13: .*'n_test'. Mend"),
    ("cnnviz/datasets/registered/grey.py", ("(16, 16, 1)", '"16"'), "checking it ends in ValueError"),
    ("cnnviz/architectures/registered/wide.py", ("maximum=4096", "maximum=8"), "default .* not allowed"),
    ("cnnviz/architectures/registered/wide.py", (") -> ArchitectureSpec:", ")"), "SyntaxError in line 18"),
    ("cnnviz/architectures/registered/wide.py", ('"wide"', '"lenet"'), "an architecture of that name is"),
    ("cnnviz/metrics/registered/worst_class.py", ('better="higher", ', ""), "TypeError in line .*'better'"),
    ("cnnviz/metrics/registered/worst_class.py", ("float(", "1 / 0 * float("), "ZeroDivisionError in line"),
    (
        "cnnviz/metrics/registered/worst_class.py",
        ("from cnnviz.evaluation", "from cnnviz.valuation"),
        "No module",
    ),
    ("cnnviz/inspection/explanations/gradient_times_input.py", ("2016,", "2012,"), "its paper is of 2012"),
    ("cnnviz/reports/drawings/loss_table.py", ("digits: int", "digits: int = 'x'"), "SyntaxError"),
    ("cnnviz/reports/drawings/loss_table.py", ("default=3, ", ""), "option 'digits' has no default"),
    ("cnnviz/studies/countdown_job.py", ('".countdowns"', '".searches"'), "is that of 'search'"),
    ("cnnviz/studies/countdown_job.py", ("def work", "def do"), "does no work"),
    ("pages/kernels.py", ("grid_on", "grid_onn"), "no Material symbol 'grid_onn'. Did you mean 'grid_on'"),
    ("pages/kernels.py", (", 65", ", 60"), "has the same PLACE"),
    ("pages/kernels.py", ("Kernels: ", "Train: "), "train.py has the same title, 'Train'"),
    ("pages/kernels.py", ("Kernels: ", "Kernels, "), "its docstring must be"),
    ("pages/kernels.py", ("ICON, PLACE =", "ICON, PLACE"), "can't be read"),
]


@pytest.mark.parametrize(("file", "change", "says"), WRONG_FILES)
def test_a_wrong_file_is_left_out_by_name_and_everything_else_stays(
    tmp_path: Path, file: str, change: tuple[str, str], says: str
) -> None:
    before = [door.names() for door in doors()]
    with placed(file, tmp_path, change):
        (sentence,) = registry.left_out()
        assert Path(file).name in sentence.split(": ")[0]
        assert re.search(says, sentence), sentence
        example = {
            "wide",
            "grey",
            "worst_recall",
            "gradient-times-input",
            "loss_table",
            "countdown",
            "kernels",
        }
        left = [tuple(name for name in names if name not in example) for names in before]
        assert [tuple(name for name in door if name not in example) for door in doors()] == left


def test_a_command_ends_with_one_line_beside_a_wrong_file(
    tmp_path: Path, runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with placed("cnnviz/metrics/registered/worst_class.py", tmp_path, ("title=", "titel=")):
        with pytest.raises(SystemExit) as left:
            main(["runs"])
        assert left.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert re.match(
            r"cnnviz: \S+worst_class\.py can't be read: TypeError in line \d+: .*'titel'.*\. Mend", line
        )


def test_the_app_says_calmly_what_it_leaves_out(tmp_path: Path, runs_dir: Path) -> None:
    with placed("cnnviz/metrics/registered/worst_class.py", tmp_path, ('better="higher"', 'better="up"')):
        test = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
        assert not test.exception
        (warning,) = test.warning
        said = "class.py: The metric 'worst_recall' is refused: it doesn't say which way"
        assert show.plain(said) in warning.value
        assert warning.value.endswith("left out until it is mended and cnnviz is started anew.")


# Settings


@pytest.mark.parametrize("path", SETTINGS)
def test_a_setting_reaches_sidebar_command_line_searches_and_words(path: str) -> None:
    setting = SETTINGS[path]
    assert find_setting(path) is setting
    assert setting.say(setting.default)
    assert setting.say_alone(setting.default)
    assert (path in setting_names("two-pairs")) is setting.varied
    # What its words say is what `--set` takes.
    if setting.varied:
        for tried in setting.tries or setting.choices or (setting.default,):
            shown = str(tried).lower() if isinstance(tried, bool) else str(tried)
            needed = ["training.optimizer=SGD"] if setting.name == "momentum" else []
            given = experiment("digits", "two-pairs", [*needed, f"{path}={shown}"])
            for name in path.split("."):
                given = getattr(given, name)
            assert given == setting.parse(value(shown))


class Made(Spec):
    """A spec with a new field, as somebody would add one."""

    blur: Annotated[float, Setting("Blur", "Smears each image.", unit="pixels", tries=(0.0, 2.0))] = Field(
        default=0.0, ge=0, le=9
    )


def test_a_new_field_is_a_setting_with_all_that_its_definition_says() -> None:
    (blur,) = settings_of_spec(Made, "training")
    assert (blur.path, blur.key, blur.kind, blur.default) == ("training.blur", "blur", "float", 0.0)
    assert (blur.minimum, blur.maximum, blur.title) == (0, 9, "Blur (pixels)")
    assert (blur.noun, blur.say(2.5), blur.say_alone(2.5)) == ("blur", "2.5", "blur 2.5")
    assert blur.varied
    with pytest.raises(ValueError, match=r"training\.blur must be a number from 0 to 9; received '10'"):
        blur.parse("10")


class Silent(Spec):
    blur: float = 0.0


class Empty(Spec):
    blur: Annotated[float | None, Setting("Blur", "Smears each image.")] = None


class Mumbled(Spec):
    blur: Annotated[float, Setting("Blur", "smears")] = 0.0


class TooMuch(Spec):
    blur: Annotated[float, Setting("Blur", "Smears each image.", tries=(10.0,))] = Field(0, le=9, ge=0)


class TooLittle(Spec):
    blur: Annotated[float, Setting("Blur", "Smears each image.")] = Field(0.0, gt=0)


class Unlike(Spec):
    blur: Annotated[Literal["a", "b"], Setting("Blur", "Smears each image.", choices=("a", "c"))] = "a"


class Numbered(Spec):
    blur: Annotated[Literal[1, 2], Setting("Blur", "Smears each image.")] = 1


class Shapeless(Spec):
    blur: Annotated[list[float], Setting("Blur", "Smears each image.")] = Field(default_factory=list)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (Silent, r"'training\.blur' \(Silent in tests/test_contracts\.py\) is refused: it has no words"),
        (Empty, "say in `empty` what it means to leave it empty"),
        (Mumbled, "a help of whole sentences"),
        (TooMuch, "one of its tries is not allowed.*take another one"),
        (
            TooLittle,
            r"its default is not allowed \(training\.blur must be a number above 0; received '0\.0'\)",
        ),
        (Unlike, r"its choices are not those of its type; leave `choices` to Literal"),
        (Numbered, r"its choices are not those of its type"),
        (Shapeless, r"no widget holds its type; take bool, int"),
    ],
)
def test_a_field_that_contradicts_its_words_is_refused(spec: type[Spec], says: str) -> None:
    with pytest.raises(EntryError, match=says):
        settings_of_spec(spec, "training")


@pytest.mark.parametrize(
    ("field", "allowed", "refused"),
    [
        (Field(0.5, gt=0, lt=1), "a number above 0 and below 1", (0, 1)),
        (Field(0.5, gt=0, le=1), "a number above 0 and of at most 1", (0, 1.5)),
        (Field(0.5, ge=0, le=1), "a number from 0 to 1", (-1, 2)),
        (Field(0.5, ge=0), "a number of at least 0", (-1,)),
        (Field(0.5), "a number", ()),
    ],
)
def test_bounds_are_said_and_kept(field: Any, allowed: str, refused: tuple[float, ...]) -> None:
    words = Setting("Blur", "Smears each image.")
    spec = create_model("Bounded", __base__=Spec, blur=(Annotated[float, words], field))
    (blur,) = settings_of_spec(spec, "training")
    assert blur.allowed() == allowed
    for number in refused:
        with pytest.raises(SpecError, match=f"blur must be {allowed}; received"):
            blur.parse(number)
        with pytest.raises(SpecError, match="blur"):
            spec.parse({"blur": number})


def test_open_bounds_of_whole_numbers_are_the_next_ones() -> None:
    words = Setting("Blur", "Smears each image.", empty="off")
    at_least = Annotated[int, Field(gt=0, lt=10)]  # a type that has its bounds with it, as Seed
    spec = create_model("Bounded", __base__=Spec, blur=(Annotated[at_least | None, words], None))
    (blur,) = settings_of_spec(spec, "training")
    assert (blur.kind, blur.allowed(), blur.ends) == ("int", "a whole number from 1 to 9", (1, 9))
    assert blur.parse("off") is None


def test_two_settings_of_one_name_are_refused() -> None:
    made = settings_of_spec(Made, "training")
    with pytest.raises(
        EntryError, match=r"'training\.blur' and 'training\.blur' are both called 'blur' in links"
    ):
        by_path(made, made)
    other = replace(made[0], path="training.other", key="other")
    with pytest.raises(
        EntryError, match=r"called 'blur' in sentences and in Compare: give one .* another `noun`"
    ):
        by_path(made, (other,))


def test_a_fold_that_is_nearly_another_ones_is_refused() -> None:
    made = settings_of_spec(Made, "training")[0]
    first = [replace(made, path=f"training.{n}", key=n, noun=n, group="Schedule") for n in ("a", "b")]
    alone = replace(first[0], path="training.x", key="x", noun="x", group="Shedule")
    with pytest.raises(EntryError, match=r"alone in the fold 'Shedule'\. Did you mean 'Schedule'"):
        by_path(tuple(first), (alone,))
    assert "training.x" in by_path(tuple(first), (replace(alone, group="Colours"),)), "a new fold is free"


# Pages


@pytest.mark.parametrize("name", navigation.PAGES)
def test_a_page_says_what_the_menu_shows(name: str) -> None:
    entry = navigation.PAGES.get(name)
    assert navigation.read_page(entry.file) == entry
    assert navigation.title(name) == entry.title


@pytest.mark.parametrize("name", navigation.PAGES)
def test_a_page_opens_where_nothing_was_trained_and_where_a_run_has_ended(name: str, runs_dir: Path) -> None:
    test = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
    opened = test.switch_page(str(navigation.PAGES.get(name).file)).run()
    assert not opened.exception, opened.exception
    finished(runs_dir, "a run")
    opened.run()
    assert not opened.exception, opened.exception


def test_the_menu_keeps_the_order_that_people_know() -> None:
    """Pages of today stay where they are; a new one may stand anywhere between them."""
    first = ["home", "data", "architecture", "train", "report", "feature_maps", "convolution_lab", "compare"]
    further = ["sweep", "transfer", "search", "reproduce"]
    for menu, known in (("", first), ("Further", further)):
        shown = [name for name in navigation.PAGES if navigation.PAGES.get(name).menu == menu]
        assert [name for name in shown if name in known] == known


_ICON = 'ICON = ":material/grid_on:"'


@pytest.mark.parametrize(
    ("docstring", "constants", "says"),
    [
        ("Nothing", f"{_ICON}; PLACE = 9991", "its docstring must be"),
        ("Of a test: what it is.", "PLACE = 9991", "its icon is ''"),
        ("Of a test: what it is.", "ICON, PLACE = 'grid', 9991", "its icon is 'grid'; write ICON"),
        ("Of a test: what it is.", _ICON, "no place in the menu"),
        ("Of a test: what it is.", "ICON, PLACE = ':material/grid_onn:', 9991", "mean 'grid_on'"),
        ("Data: what it is.", f"{_ICON}; PLACE = 9991", "data.py has the same title"),
        ("Of a test: what it is.", f"{_ICON}; PLACE = 20", "data.py has the same PLACE"),
        (
            "Of a test: what it is.",
            f"{_ICON}; PLACE = 9991; MENUE = 'Further'",
            "of_a_test.py says MENUE, which nothing reads. Write MENU",
        ),
    ],
)
def test_a_wrong_page_is_refused_with_a_sentence(
    tmp_path: Path, docstring: str, constants: str, says: str
) -> None:
    file = tmp_path / "of_a_test.py"
    file.write_text(f'"""{docstring}"""\n{constants}\n')
    with pytest.raises(EntryError, match=says):
        navigation.PAGES.add("of_a_test", navigation.read_page(file))
    assert "of_a_test" not in navigation.PAGES


def test_two_pages_of_one_address_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "Feature-Maps.py"
    file.write_text(f'"""Of a test: what it is."""\n{_ICON}; PLACE = 9991\n')
    with pytest.raises(
        EntryError, match=r"feature_maps\.py has the same address, /feature-maps; give the file"
    ):
        navigation.PAGES.add(file.stem, navigation.read_page(file))


def test_a_page_is_read_without_being_run(tmp_path: Path) -> None:
    file = tmp_path / "of_a_test.py"
    file.write_text('"""Of a test: what\nit is."""\nICON, PLACE = ":material/grid_on:", 9991\n1 / 0\n')
    entry = navigation.read_page(file)
    assert (entry.title, entry.summary, entry.place) == ("Of a test", "what it is.", 9991)
    assert navigation.PAGES.problems("of_a_test", entry) == []
    file.write_text("def (")
    with pytest.raises(EntryError, match=r"of_a_test\.py can't be read: .*line 1\). Mend it"):
        navigation.read_page(file)
