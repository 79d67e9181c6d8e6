"""DESIGN.md's import rules and sizes, held by reading the source; lazy imports count like all others."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: What each part may import of cnnviz, itself aside. Imports point down.
BASE = {"specs", "errors", "registry", "paths"}
#: Pure arithmetic on arrays, which knows nothing of cnnviz.
PURE = {"convolution", "kernels", "words"}
DATA = BASE | {"datasets", "architectures", "runs"}
WORK = DATA | {"training", "evaluation", "inspection", "metrics"}
ALLOWED = {
    "backend": set(),
    "errors": set(),
    "convolution": set(),
    "kernels": set(),
    "words": set(),
    "paths": {"errors"},
    "registry": {"errors"},
    "specs": {"errors", "registry"},
    "datasets": BASE | {"words"},
    "architectures": BASE | PURE,
    "runs": BASE,
    "training": DATA | PURE | {"backend", "evaluation", "metrics"},
    "evaluation": DATA | PURE,
    "metrics": DATA | PURE | {"evaluation"},
    "inspection": DATA | PURE | {"backend", "evaluation"},
    "engine": WORK | PURE,
    "jobs": BASE | {"runs", "engine"},
    # A study draws what it found; figures lie below it, as they take arrays.
    "studies": WORK | PURE | {"engine", "jobs", "figures"},
    "reports": WORK | PURE | {"engine", "jobs", "studies", "figures"},
    # Result types of runs, evaluation and architectures for typing; arrays and NamedTuples otherwise.
    "figures": BASE | PURE | {"evaluation", "architectures", "runs"},
    "exports": WORK | PURE | {"engine", "jobs", "studies", "reports", "figures"},
    "ui": WORK | PURE | {"engine", "jobs", "studies", "reports", "figures", "exports"},
    "cli": WORK | PURE | {"engine", "jobs", "studies", "reports", "exports"},
    "__main__": {"cli", "registry"},
}
KERAS = (
    "cnnviz/architectures/build.py",
    "cnnviz/training/",
    "cnnviz/inspection/",
    "cnnviz/studies/transfer/networks.py",
)
TENSORFLOW = ("cnnviz/backend.py",)
STREAMLIT = ("cnnviz/ui/", "pages/", "app.py")
LONGEST_PAGE = 100
#: Another name on the package index than the one that is imported.
DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "pynvml": "nvidia-ml-py",
    "pillow_heif": "pillow-heif",
}
#: Brought along by others, as part of what those offer.
BROUGHT_ALONG: dict[str, str] = {"h5py": "keras", "pyarrow": "streamlit", "starlette": "streamlit"}


@cache
def sources() -> tuple[str, ...]:
    """All source files of the project, tests aside, as paths from its root."""
    files = [*ROOT.glob("cnnviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]
    return tuple(sorted(str(file.relative_to(ROOT)) for file in files if file.exists()))


@cache
def imports(source: str) -> tuple[str, ...]:
    """Full dotted names of all modules (and names in them) that a file imports, wherever in it."""
    tree = ast.parse((ROOT / source).read_text("utf-8"))
    return tuple(name for node in ast.walk(tree) for name in _names(node, source))


def _names(node: ast.AST, source: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{source}:{node.lineno}: relative import"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
            yield node.args[0].value


def part(source: str) -> str:
    """The part a file belongs to: `datasets`, `cli`, …; a module of the package is one by itself."""
    return Path(source).parts[1].removesuffix(".py")


def users_of(library: str, within: tuple[str, ...] = ("",)) -> list[str]:
    return [
        source
        for source in sources()
        if source.startswith(within) and any(name.split(".")[0] == library for name in imports(source))
    ]


def test_imports_point_down():
    wrong = []
    for source in sources():
        if not source.startswith("cnnviz/") or source == "cnnviz/__init__.py":
            continue
        here = part(source)
        assert here in ALLOWED, f"{source}: nothing says what '{here}' may import"
        seen = {name.split(".")[1] for name in imports(source) if name.startswith("cnnviz.")}
        if too_much := seen - ALLOWED[here] - {here, "__version__"}:
            wrong.append(f"{source} imports {sorted(too_much)}; {here} may import {sorted(ALLOWED[here])}")
    assert not wrong, "\n".join(wrong)


def module(source: str) -> str:
    """`cnnviz/runs/__init__.py` → `cnnviz.runs`."""
    return source.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_no_circle_among_files():
    files = {module(source): source for source in sources()}

    def imported(source: str) -> Iterator[str]:
        for name in imports(source):
            while name and name not in files:
                name = name.rpartition(".")[0]  # a name in a module
            if name and name != module(source):
                yield name

    graph = {name: set(imported(source)) for name, source in files.items()}
    assert graph["cnnviz.reports.claims"] >= {"cnnviz.metrics", "cnnviz.reports.recipe", "cnnviz.words"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports, lazy ones too: {' ← '.join(error.args[1])}")


def test_nothing_imports_pages_or_the_app():
    wrong = [s for s in sources() if any(name.split(".")[0] in ("pages", "app") for name in imports(s))]
    assert not wrong


def test_only_the_ui_imports_streamlit():
    assert [source for source in users_of("streamlit") if not source.startswith(STREAMLIT)] == []


def test_only_building_training_and_inspection_import_keras():
    assert [source for source in users_of("keras") if not source.startswith(KERAS)] == []


def test_tensorflow_is_confined_to_one_module_of_training_and_one_of_inspection():
    assert [source for source in users_of("tensorflow") if source not in TENSORFLOW] == []


def test_what_stands_in_the_link_is_known_to_one_module():
    found = re.compile(r"\bst\.query_params|[\"']query-params[\"']")
    users = [source for source in sources() if found.search((ROOT / source).read_text("utf-8"))]
    assert users == ["cnnviz/ui/linked.py"]


def test_the_rules_are_read_from_real_imports():
    # Were the reading broken, every rule above would hold of nothing.
    assert users_of("keras")
    assert users_of("streamlit")
    assert users_of("pydantic")


def test_pages_are_short():
    lines = {s: (ROOT / s).read_text("utf-8").count("\n") for s in sources() if s.startswith("pages/")}
    long = {source: count for source, count in lines.items() if count > LONGEST_PAGE}
    assert not long, f"longer than {LONGEST_PAGE} lines: a page composes and decides nothing"


def test_nothing_is_pickled_or_left_for_later():
    refused = re.compile(
        r"allow_pickle=True|pickle\.(?:dump|loads?)\(|joblib\.(?:dump|load)\("
        r"|\b(?:TODO|FIXME|XXX)\b|raise NotImplementedError"
    )
    found = {source: refused.findall((ROOT / source).read_text("utf-8")) for source in sources()}
    assert not {source: words for source, words in found.items() if words}


def pins(requirements: str) -> set[str]:
    lines = (ROOT / requirements).read_text("utf-8").splitlines()
    return {line.split("==")[0].lower() for line in lines if line and line[0] != "#"}


def test_every_imported_library_is_a_pinned_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [
        re.split("[^A-Za-z0-9-]", line)[0] for e in project["optional-dependencies"].values() for line in e
    ]
    pinned = pins("requirements.txt") | set(extras)
    libraries = {name.split(".")[0] for source in sources() for name in imports(source)}
    # _typeshed is mypy's own: nothing imports it when cnnviz runs.
    libraries -= set(sys.stdlib_module_names) | {"cnnviz", "_typeshed"}
    wanted = {
        DISTRIBUTIONS.get(library, BROUGHT_ALONG.get(library, library)).lower() for library in libraries
    }
    assert wanted <= pinned, f"imported but not in requirements.txt: {sorted(wanted - pinned)}"


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_pinned_exactly(requirements):
    lines = (ROOT / requirements).read_text("utf-8").splitlines()
    loose = [
        line for line in lines if line and not re.fullmatch(r"#.*|[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*", line)
    ]
    assert loose == []
