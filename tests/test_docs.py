"""README and docs say what is true: commands exist, variables are listed, pictures are there."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

from cnnviz.cli import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
]
#: Set by others, or read only by the tests: not settings of cnnviz.
FOREIGN = {"CI"}


def code_lines(text: str) -> list[str]:
    """Lines of all fenced blocks, continued lines joined, comments cut."""
    blocks = re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+#.*", "", line).strip() for line in lines]


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text("utf-8")
        inline = re.findall(r"`((?:python -m )?cnnviz [^`\n]+)`", text)
        for line in [*code_lines(text), *inline]:
            line = re.sub(r"^\$ |^([A-Z_]+=\S+ )+", "", line).replace("python -m cnnviz ", "cnnviz ")
            if line.startswith("cnnviz ") and not line.startswith("cnnviz -"):
                found.append((page.name, line))
    return found


def test_the_readme_begins_with_the_two_commands():
    lines = [line for line in code_lines((ROOT / "README.md").read_text("utf-8")) if line]
    assert lines[:2] == ["make run", "make test"]


def test_the_readme_shows_the_command_line():
    shown = {shlex.split(line)[1] for page, line in commands() if page == "README.md"}
    assert shown >= set(typer.main.get_group(app).commands)


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_in_the_docs_parses(page, line):
    name, *rest = shlex.split(re.split(r"\s(?:\||>|&&)\s", line)[0])[1:]
    group = typer.main.get_group(app)
    assert name in group.commands, f"{page}: no command '{name}'"
    # Raises a usage error for unknown options and missing arguments; runs nothing.
    group.commands[name].make_context(name, rest, resilient_parsing=False)


@pytest.mark.parametrize("target", ["run", "test", "bench", "screenshots", "reproduction", "clean"])
def test_every_make_target_is_in_the_makefile(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)


def variables_read() -> set[str]:
    """Names of all environment variables beginning with CNNVIZ_ in the code, tests and CI."""
    files = [
        *ROOT.glob("cnnviz/**/*.py"),
        *ROOT.glob("pages/*.py"),
        *ROOT.glob("tests/**/*.py"),
        *ROOT.glob("benchmarks/*.py"),
        ROOT / "app.py",
        ROOT / ".ci" / "run",
    ]
    texts = [file.read_text("utf-8") for file in files if file.exists() and file != Path(__file__)]
    return {name for text in texts for name in re.findall(r"\bCNNVIZ_[A-Z_]+\b", text)} - FOREIGN


def test_every_environment_variable_is_documented():
    documented = set(re.findall(r"`(CNNVIZ_[A-Z_]+)`", (ROOT / "README.md").read_text("utf-8")))
    assert variables_read() == documented


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_exists(page):
    text = page.read_text("utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'(?:src|srcset|href)="([^"#]+)"', text)
    missing = [t for t in targets if not re.match(r"https?:|mailto:", t) and not (page.parent / t).exists()]
    assert missing == []


def test_every_screenshot_is_shown_somewhere():
    shown = "".join(page.read_text("utf-8") for page in PAGES)
    files = [file for file in (ROOT / "docs" / "screenshots").glob("*") if file.suffix in (".png", ".webp")]
    assert files
    assert [file.name for file in files if file.name not in shown] == []


def test_every_module_says_what_lives_in_it():
    """But for files of entries, which a stranger adds as the examples show: each says what it is itself."""
    silent = [
        str(file.relative_to(ROOT))
        for file in ROOT.glob("cnnviz/**/*.py")
        if file.parent.name not in ("registered", "explanations", "drawings")
        and not file.name.endswith("_job.py")
        and not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert silent == []


CODE = (ROOT / "docs" / "code.md").read_text("utf-8")


def test_the_map_of_the_code_has_every_part_and_no_other():
    drawn = re.findall(r"^  (\w+/|\w+\.py) ", CODE.split("```")[1], re.M)
    folders = [f"{part.name}/" for part in (ROOT / "cnnviz").iterdir() if (part / "__init__.py").exists()]
    modules = [file.name for file in (ROOT / "cnnviz").glob("*.py") if file.name[0] != "_"]
    assert sorted(drawn) == sorted(folders + modules)


def test_every_process_that_is_started_stands_in_the_table_of_processes():
    table = CODE.split("## Ten kinds of processes")[1].split("##")[0]
    assert len(re.findall(r"^\| ", table, re.M)) == 1 + 10  # with the heading
    started = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
        for file in ROOT.glob("cnnviz/**/*.py")
        if file.name == "__main__.py" or '__name__ == "__main__"' in file.read_text("utf-8")
    }
    assert started == set(re.findall(r"`(?:python -m )?(cnnviz[\w.]*)`", table))
