"""A setting that is added to a copy of the package: where it appears, and how a wrong one is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import cnnviz
from cnnviz.architectures import make
from cnnviz.specs import DatasetSpec, ExperimentSpec, setting
from tests.commands import Done, refusal
from tests.patience import PATIENCE

PACKAGE = Path(cnnviz.__file__).parent
#: The example with which setting.py begins, without the line that heeds it.
EXAMPLE = "\n".join(
    line for line in (setting.__doc__ or "").partition("\n\nKind, range")[0].splitlines() if line[:1] == " "
)
Python = Callable[..., Done]


@pytest.fixture
def with_field(tmp_path: Path) -> Callable[[str], Python]:
    """Python with a package whose TrainingSpec has one field more; all other parts are those of here."""

    def add(field: str) -> Python:
        copy = tmp_path / "cnnviz"
        copy.mkdir()
        for part in PACKAGE.iterdir():
            if part.name not in ("specs", "__pycache__"):
                (copy / part.name).symlink_to(part)
        shutil.copytree(PACKAGE / "specs", copy / "specs", ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / "specs" / "experiment.py"
        before, after = file.read_text("utf-8").split("    early_stopping:")
        field = textwrap.indent(textwrap.dedent(field).strip(), "    ")
        file.write_text(f"{before}{field}\n    early_stopping:{after}", "utf-8")
        return run

    def run(*arguments: str) -> Done:
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return add


def test_the_example_for_a_stranger_is_a_setting_and_changes_no_earlier_hash(
    with_field: Callable[[str], Python],
) -> None:
    python = with_field(EXAMPLE)
    listed = json.loads(python("-m", "cnnviz", "settings", "--json").stdout)
    (clip,) = (item for item in listed if item["setting"] == "training.clip_norm")
    assert (clip["default"], clip["empty"], clip["above"], clip["maximum"]) == (None, "off", 0, 1000)
    program = """
        from cnnviz.cli.set_option import experiment
        from cnnviz.evaluation.settings import contrast
        from cnnviz.studies.search.search_space import setting_names

        settings = (["training.clip_norm=off"], ["training.clip_norm=2"])
        plain, clipped = (experiment("digits", "two-pairs", given) for given in settings)
        print(plain.hash(), clipped.hash(), clipped.training.clip_norm, contrast([plain, clipped]).differing)
        print("training.clip_norm" in setting_names("two-pairs"))
    """
    done = python("-c", textwrap.dedent(program))
    assert done.returncode == 0, done.stderr
    before = ExperimentSpec(dataset=DatasetSpec(name="digits"), architecture=make("two-pairs"))
    first, offered = done.stdout.splitlines()
    plain, clipped, *said = first.split(maxsplit=3)
    assert plain == before.hash()
    assert clipped != plain
    assert said == ["2.0", "{'longest gradient': ['off', '2']}"]
    assert offered == "True"


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("warmup: int = 0", "specs/experiment.py) is refused: it has no words"),
        (
            """
            warmup: Annotated[
                int, Setting("Warm-up", "Epochs of a rising rate.", tries=(40,))
            ] = Field(default=20, ge=0, le=10)
            """,
            "its default is not allowed (training.warmup must be a whole number from 0 to 10; received '20')",
        ),
        (
            'warmup: Annotated[Literal["a", "b"], Setting("W", "Rises.", choices=("c",))] = "a"',
            "its choices are not those of its type",
        ),
        (
            'warmup: Annotated[int, Setting("Warm-up")] = 0',
            "specs/experiment.py can't be read: TypeError in line",
        ),
        (
            'warmup: Annotated[int, Seting("Warm-up", "Rises.")] = 0',
            "it has no words; annotate it as `warmup: Annotated[…, Setting(",
        ),
        ('warmup: Annotated[int, Setting("Warm-up", "Rises.")]] = 0', "can't be read: SyntaxError in line"),
    ],
)
def test_a_wrong_setting_is_one_sentence_on_the_command_line(
    with_field: Callable[[str], Python], field: str, says: str
) -> None:
    assert says in refusal(with_field(field)("-m", "cnnviz", "settings"))
