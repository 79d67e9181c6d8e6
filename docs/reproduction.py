"""Write docs/reproduction.md from finished reproductions: `make reproduction`.

`python -m docs.reproduction [RUNS ...]` reads the experiments of the reports that were run at the scale
"lecture" in the given folders of runs (default: the configured one; the first folder that has an
experiment gives it), and those that were run at "smoke" alone, and writes them down, published beside
measured, with a few pictures. Nothing is trained. Numbers that were not measured do not appear. All
experiments are listed; beside one that was not run stands why.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from io import BytesIO
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go
from PIL import Image
from playwright.sync_api import Browser, Page
from plotly.offline import get_plotlyjs

from benchmarks.served import ROOT, browser
from cnnviz import datasets, paths, words
from cnnviz.figures import theme
from cnnviz.reports.claims import evidence
from cnnviz.reports.drawings import Cell, Drawing, Drawn, Table, draw_all
from cnnviz.reports.library import reports
from cnnviz.reports.outcome import Outcome, read_outcome, shared_changes
from cnnviz.reports.recipe import SCALES, Recipe, ScaleName
from cnnviz.reports.reproduction_job import ReproductionJob, scale_named
from cnnviz.reports.results import Results
from cnnviz.runs import RunDirectory, RunEnvironment

DOCS = ROOT / "docs"


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", type=Path, help="folders of runs")
    parser.add_argument("--scale", default="lecture", help="smoke, lecture or full")
    parser.add_argument("--pictures", type=Path, help="runs of the scale smoke on images that may be shown")
    parser.add_argument("--note", default="", help="what the reader must know about the machine")
    parser.add_argument("--into", type=Path, default=DOCS, help="where reproduction.md is written")
    asked = parser.parse_args()
    roots = asked.runs or [paths.runs_dir()]
    found = read(roots, scale_named(asked.scale), "smoke")
    if not found:
        sys.exit(f"Nothing was reproduced at the scale {asked.scale}. Run `cnnviz reproduce` first.")
    folder = asked.into / "reproduction"
    with browser() as chromium:
        pictures = save(shown(found), folder, chromium)
    images = save_images(read([asked.pictures], "smoke"), folder) if asked.pictures else {}
    page = asked.into / "reproduction.md"
    reasons = not_run(roots, found)
    text, data = document(found, {**pictures, **images}, asked.note, reasons), str(paths.data_dir())
    # Messages of the time name the folder of that machine; the reader has another one.
    text = text.replace(f"{data}/", "the data folder's ").replace(data, "the data folder")
    page.write_text(text, "utf-8")
    print(f"{page}: {len(found)} experiments, {len(pictures) + len(images)} pictures")


def read(roots: Sequence[Path], *scales: ScaleName) -> list[Found]:
    """All experiments that were run, at the first of the scales at which each was, in the reports' order."""
    known = [recipe for report in reports() for recipe in report.recipes]
    tried = (next(filter(None, (_first(roots, recipe, scale) for scale in scales)), None) for recipe in known)
    return [found for found in tried if found]


def _first(roots: Sequence[Path], recipe: Recipe, scale: ScaleName) -> Found | None:
    for root in roots:
        folder = ReproductionJob.at(recipe.id, scale, root)
        results = folder.results()
        if results and results.state in ("done", "incomplete"):
            outcome = read_outcome(recipe, scale, folder)
            drawn = draw_all(outcome)
            if any(one.drawings for one in drawn):
                runs = dict.fromkeys(root / name for row in results.rows for name in row.runs.values())
                environments = [RunDirectory.open(path).environment() for path in runs]
                return Found(outcome, results, drawn, tuple(filter(None, environments)))
    return None


def not_run(roots: Sequence[Path], found: Sequence[Found]) -> dict[str, str]:
    """Why each experiment that has no result has none, by ID."""
    known, scale = {one.id for one in found}, found[0].outcome.scale
    reasons = {}
    for name in (recipe.id for report in reports() for recipe in report.recipes):
        if name not in known:
            jobs = [job for root in roots if (job := ReproductionJob.at(name, scale, root)).exists]
            said = [problem for job in jobs for problem in job.status().problems]
            reasons[name] = said[0] if said else "It was not asked for."
    return reasons


#: Longer tables fold.
_LONG = 12
_VERDICTS = {
    "holds": "✓ holds",
    "does not hold": "✗ does not hold",
    "not enough evidence": "? not enough evidence",
}


class Found(NamedTuple):
    """One experiment as it came out: its results.json, what is drawn of it, what its runs ran on."""

    outcome: Outcome
    results: Results
    drawn: tuple[Drawn, ...]
    environments: tuple[RunEnvironment, ...]  # environment.json of every run

    @property
    def id(self) -> str:
        """The recipe's ID."""
        return self.outcome.recipe.id


def document(
    found: Sequence[Found],
    pictures: Mapping[tuple[str, str], str],
    note: str = "",
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The whole page.

    Args:
        found: the experiments that were run, in the order of the reports.
        pictures: Markdown of a picture by ID and title of the drawing.
        note: what the reader must know about the machine.
        reasons: why others were not run, by ID.
    """
    known = {one.id: one for one in found}
    parts = [_introduction(found, note), _overview(known, reasons)]
    for report in reports():
        mine = [known[recipe.id] for recipe in report.recipes if recipe.id in known]
        if mine:
            year = f", {report.year}" if report.year else ""
            by = f" ({report.author}{year})" if report.author else ""
            parts.append(f"## Report {report.key}: {report.title}{by}")
            parts += [" ".join(report.notes.split())] if report.notes else []
            parts += [_experiment(one, pictures) for one in mine]
    return "\n\n".join(parts) + "\n"


def _introduction(found: Sequence[Found], note: str) -> str:
    scales = [one.outcome.scale for one in found]
    main = max(SCALES, key=scales.count)
    runs = {run for one in found for row in one.results.rows for run in row.runs.values()}
    origin = (
        "`make reproduction` writes this page from finished runs; every number comes from their files. "
        "Published numbers come from other machines, other versions and a single seed each: they stand "
        "beside, and nothing was tuned to them. Measured accuracies and times are means ± standard deviation "
        "over seeds; what the page Reproduce draws in more detail is named at each experiment."
    )
    counted = [f"{scales.count(scale)} at **{scale}**" for scale in SCALES if scale in scales]
    known = sum(len(report.recipes) for report in reports())
    amount = (
        f"{len(found)} of {known} experiments, {len(runs)} trainings; {', '.join(counted)} (`cnnviz "
        f"reproduce --all --scale {main}`): fewer images or epochs than published, as said at each. "
        "What was run at smoke alone shows the form of an experiment, not its finding."
    )
    parts = ("# The five reports, reproduced", origin, amount, _machine(found), note)
    return "\n\n".join(filter(None, parts))


def _machine(found: Sequence[Found]) -> str:
    """Hardware, versions, seeds and dates, as the runs' own files have them."""
    environments = [one for each in found for one in each.environments]
    versions = ("python", "keras", "tensorflow", "numpy", "cnnviz")
    kinds = _each(one.device_kind for one in environments)
    days = _each(one.results.made[:10] for one in found)
    lines = {
        "processor or GPU": _each(one.device for one in environments),
        "GPU": [] if not environments or "GPU" in kinds else ["none"],
        "system": _each(one.system for one in environments),
        "versions": [
            f"{name} {number}"
            for name in versions
            for number in _each(one.versions.get(name) for one in environments)
        ],
        "precision": _each(one.precision for one in environments),
        "seeds": _each(seed for each in found for row in each.results.rows for seed in row.runs),
        "made": [" to ".join((days[0], *days[1:][-1:]))] if days else [],
    }
    rows = tuple((name, ", ".join(values)) for name, values in lines.items() if values)
    return markdown(Table(("", ""), rows))


def _each(values: Iterable[Any]) -> list[str]:
    return sorted({str(value) for value in values if value not in (None, "")})


def _overview(known: Mapping[str, Found], reasons: Mapping[str, str]) -> str:
    """All experiments of the reports, run or not."""
    rows: list[tuple[Cell, ...]] = []
    for recipe in (recipe for report in reports() for recipe in report.recipes):
        if (one := known.get(recipe.id)) is None:
            reason = f"not run: {reasons.get(recipe.id, '')}"
            rows.append((recipe.id, recipe.title, words.NONE, words.NONE, reason))
            continue
        verdicts = "; ".join(_VERDICTS[claim.verdict] for claim in one.results.claims)
        trainings = str(one.results.trainings or words.NONE)
        link = f"[{one.id}](#{_anchor(one)})"
        rows.append((link, recipe.title, one.outcome.scale, trainings, verdicts))
    return markdown(Table(("ID", "experiment", "scale", "runs", "claims"), tuple(rows)))


def _heading(one: Found) -> str:
    return f"{one.id} {one.outcome.recipe.title}"


def _anchor(one: Found) -> str:
    """As GitHub makes it: small letters, spaces to hyphens, punctuation dropped."""
    kept = "".join(letter for letter in _heading(one).lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def _experiment(one: Found, pictures: Mapping[tuple[str, str], str]) -> str:
    recipe = one.outcome.recipe
    parts = [f"### {_heading(one)}", f"*{recipe.question}*", _scale(one)]
    ordered = sorted(one.drawn, key=lambda drawn: drawn.name != "table")
    drawings = [drawing for drawn in ordered for drawing in drawn.drawings]
    parts += [_table(drawing) for drawing in drawings if drawing.table and _kept(drawing)]
    parts += [pictures[key] for drawing in drawings if (key := (one.id, drawing.title)) in pictures]
    parts += [text for (name, title), text in pictures.items() if (name, title[:6]) == (one.id, _IMAGE)]
    parts += [_left_out([d for d in drawings if (one.id, d.title) not in pictures])]
    parts += [f"- **{_VERDICTS[c.verdict]}**: {c.text} {evidence(c)}" for c in one.results.claims]
    parts += [f"Could not be done: {problem}" for problem in one.results.problems]
    parts += [" ".join(recipe.notes.split())] if recipe.notes else []
    return "\n\n".join(filter(None, parts))


def _left_out(drawings: Iterable[Drawing]) -> str:
    """What only the page Reproduce shows."""
    titles = dict.fromkeys(
        f"the layers of {one.title}" if one.table else one.title
        for one in drawings
        if not (one.table and _kept(one))
    )
    return f"Drawn on the page Reproduce: {'; '.join(titles)}." if titles else ""


def _scale(one: Found) -> str:
    """What differs from the report in all variants alike."""
    outcome = one.outcome
    if not outcome.study:
        return "" if outcome.scale != "smoke" else "At the scale smoke."
    seeds, published = len(outcome.seeds), outcome.recipe.published_on
    changes = shared_changes(outcome) or (
        () if any(row.changes for row in outcome.rows) else ("as published",)
    )
    amount = "1 seed" if seeds == 1 else f"{seeds} seeds"
    text = f"Scale: {'; '.join([outcome.scale, *changes, amount])}."
    return (
        text if not published or published.startswith("not named") else f"{text} Published on: {published}."
    )


def _kept(drawing: Drawing) -> bool:
    """Layers of networks are left to the page Architecture; whether they agree is in the notes."""
    assert drawing.table
    return drawing.table.headings[:2] != ("layer", "type")


def _table(drawing: Drawing) -> str:
    assert drawing.table
    text = markdown(drawing.table)
    first = drawing.title.startswith("Published beside")
    note = "" if first or not drawing.note else f"\n\n{drawing.note}"
    if len(drawing.table.rows) > _LONG:
        return f"<details><summary>{drawing.title}</summary>\n\n{text}{note}\n\n</details>"
    return text + note if first else f"**{drawing.title}**\n\n{text}{note}"


def markdown(table: Table) -> str:
    """A table as Markdown; numbers to the right, texts to the left."""
    numeric = [
        all(isinstance(row[place], int | float) for row in table.rows) for place in range(len(table.headings))
    ]
    lines = [
        table.headings,
        tuple("---:" if right else "---" for right in numeric),
        *(tuple(map(_cell, row)) for row in table.rows),
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: Cell) -> str:
    text = f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


_WIDE, _SCALE = 720, 1.5
#: Which figures are shown; of every other experiment the page Reproduce has them.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "A5": ("parameter_bars",),
    "A8": ("confusion",),
    "A12": ("accuracy_bars", "time_bars"),
    "B6": ("accuracy_bars",),
    "B11": ("curves",),
    "C2": ("padding",),
    "C3": ("pooling",),
    "C4": ("dimensions",),
    "D7": ("weight_histograms",),
    "D8": ("curves",),
    "D10": ("accuracy_bars",),
    "E5": ("overfitting",),
    "E6": ("size_time", "size_accuracy"),
    "E7": ("curves",),
    "E8": ("accuracy_bars", "time_bars"),
}
#: Which pictures of images and maps are shown: of cnnviz's own data set and scikit-learn's, at the scale
#: smoke. Others' images are not ours to pass on.
IMAGES: Mapping[str, tuple[str, ...]] = {
    "A1": ("class_images",),
    "A15": ("first_maps",),
    "C9": ("augmented",),
    "D4": ("mistakes",),
    "D6": ("layer_maps",),
    "E2": ("two_kernels",),
}
_IMAGE = "image "  # before the titles of such pictures
_MODES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_PAGE = Template("""<!doctype html><meta charset="utf-8"><style>
@font-face {font-family: "Source Sans"; src: url(data:font/woff2;base64,$font);}
body {margin: 0; background: transparent;} #figure {width: ${wide}px;}
</style><div id="figure"></div><script>$plotly</script>""")


class Shown(NamedTuple):
    """One drawing that gets a picture, and the name of its file without theme and ending."""

    id: str
    name: str
    drawing: Drawing


def shown(found: Sequence[Found]) -> list[Shown]:
    """The drawings that get a picture."""
    chosen = []
    for one in found:
        for drawn in one.drawn:
            if drawn.name in SHOWN.get(one.id, ()):
                drawings = [drawing for drawing in drawn.drawings if drawing.figure is not None]
                for place, drawing in enumerate(drawings, start=1):
                    chosen.append(Shown(one.id, f"{one.id.lower()}-{drawn.name}-{place}", drawing))
    return chosen


def save_images(found: Sequence[Found], folder: Path) -> dict[tuple[str, str], str]:
    """Write pictures of images that may be shown into `folder`; Markdown by ID and title."""
    texts = {}
    for one in found:
        sets = {one.outcome.dataset.name, *(row.dataset.name for row in one.outcome.ran)}
        if any(datasets.availability(name) != "embedded" for name in sets):
            continue
        drawings = [
            it for drawn in one.drawn if drawn.name in IMAGES.get(one.id, ()) for it in drawn.drawings
        ]
        for place, drawing in enumerate((it for it in drawings if it.png), start=1):
            file = folder / f"{one.id.lower()}-image-{place}.webp"
            Image.open(BytesIO(drawing.png or b"")).save(file, lossless=True)
            alt = (drawing.alt or drawing.title).replace('"', "&quot;")
            texts[one.id, f"{_IMAGE}{place}"] = (
                f'<img alt="{alt}" src="{folder.name}/{file.name}">\n\n{drawing.title}. {drawing.note}'
            )
    return texts


def save(chosen: Sequence[Shown], folder: Path, chromium: Browser) -> dict[tuple[str, str], str]:
    """Draw into `folder`, in place of what was there; Markdown by ID and title of the drawing."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.webp"):
        old.unlink()
    page = chromium.new_page(viewport={"width": _WIDE, "height": 900}, device_scale_factor=_SCALE)
    page.set_content(_PAGE.substitute(font=_font(), wide=_WIDE, plotly=get_plotlyjs()))
    for one in chosen:
        for mode in _MODES:
            _picture(page, one.drawing.figure, mode, folder / f"{one.name}-{mode}.webp")
    page.close()
    return {(one.id, one.drawing.title): _tag(one, folder) for one in chosen}


def _font() -> str:
    """The app's own font, as Streamlit brings it; its absence changes no more than the letters."""
    files = sorted(Path(str(resources.files("streamlit"))).rglob("SourceSansVF-Upright*.woff2"))
    return base64.b64encode(files[0].read_bytes()).decode() if files else ""


def _picture(page: Page, figure: go.Figure, mode: Literal["light", "dark"], path: Path) -> None:
    drawn = go.Figure(figure)
    drawn.update_layout(template=theme.template(mode == "dark"), width=_WIDE)
    page.evaluate(
        "async text => { const it = JSON.parse(text); await document.fonts.ready;"
        " await Plotly.newPlot('figure', it.data, it.layout, {staticPlot: true}); }",
        drawn.to_json(),
    )
    png = page.locator("#figure").screenshot(omit_background=True)
    Image.open(BytesIO(png)).save(path, quality=80, method=6)


def _tag(one: Shown, folder: Path) -> str:
    """The picture in the reader's theme."""
    alt = (one.drawing.alt or one.drawing.title).replace('"', "&quot;")
    path = f"{folder.name}/{one.name}"
    note = f"\n\n{one.drawing.title}." + (f" {one.drawing.note}" if one.drawing.note else "")
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{path}-dark.webp">'
        f'<img width="{_WIDE}" alt="{alt}" src="{path}-light.webp"></picture>{note}'
    )


if __name__ == "__main__":
    main()
