"""Write docs/reproduction.md from finished reproductions: `make reproduction`.

`python -m docs.reproduction [RUNS ...]` reads the experiments of the reports that were run at the scale
"lecture" in the given folders of runs (default: the configured one; the first folder that has an
experiment gives it) and writes them down, published beside measured, with a few pictures. Nothing is
trained. Numbers that were not measured do not appear, and experiments that were not run are listed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.served import ROOT, browser
from cnnviz import paths
from cnnviz.runs import RunDirectory
from cnnviz.studies.drawing import draw_all
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.outcome import read_outcome
from cnnviz.studies.recipe import Recipe, ScaleName, recipes
from cnnviz.studies.reproduce import scale_named
from docs import reproduction_pictures
from docs.reproduction_text import Found, document

DOCS = ROOT / "docs"


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", type=Path, help="folders of runs")
    parser.add_argument("--scale", default="lecture", help="smoke, lecture or full")
    parser.add_argument("--note", default="", help="what the reader must know about the machine")
    parser.add_argument("--into", type=Path, default=DOCS, help="where reproduction.md is written")
    asked = parser.parse_args()
    found = read(asked.runs or [paths.runs_dir()], scale_named(asked.scale))
    if not found:
        sys.exit(f"Nothing was reproduced at the scale {asked.scale}. Run `cnnviz reproduce` first.")
    with browser() as chromium:
        pictures = reproduction_pictures.save(found, asked.into / "reproduction", chromium)
    page = asked.into / "reproduction.md"
    text, folder = document(found, pictures, asked.note), str(paths.data_dir())
    # Messages of the time name the folder of that machine; the reader has another one.
    text = text.replace(f"{folder}/", "the data folder's ").replace(folder, "the data folder")
    page.write_text(text, "utf-8")
    print(f"{page}: {len(found)} experiments, {len(pictures)} pictures")


def read(roots: Sequence[Path], scale: ScaleName) -> list[Found]:
    """All experiments that were run at a scale, in the order of the reports."""
    known = recipes()
    return [one for name in known if (one := _first(roots, known.get(name), scale))]


def _first(roots: Sequence[Path], recipe: Recipe, scale: ScaleName) -> Found | None:
    for root in roots:
        folder = StudyDirectory.reproduction(recipe.id, scale, root)
        results = folder.results()
        if results and results.get("state") in ("done", "incomplete"):
            outcome = read_outcome(recipe, scale, folder)
            drawn = draw_all(outcome)
            if any(one.drawings for one in drawn):
                runs = [root / name for row in results["rows"] for name in row["runs"].values()]
                return Found(outcome, results, drawn, tuple(_environments(runs)))
    return None


def _environments(runs: Iterable[Path]) -> Iterable[dict[str, object]]:
    for path in dict.fromkeys(runs):
        environment = RunDirectory.open(path).read_json("environment.json")
        if environment:
            yield environment


if __name__ == "__main__":
    main()
