"""The words and tables of docs/reproduction.md: one experiment after the other, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cnnviz.studies.differences import shared_changes
from cnnviz.studies.drawing import Cell, Drawing, Drawn, Table
from cnnviz.studies.outcome import Outcome
from cnnviz.studies.recipe import recipes, reports
from cnnviz.studies.verdict_words import evidence
from cnnviz.studies.wording import listed

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
    results: Mapping[str, Any]
    drawn: tuple[Drawn, ...]
    environments: tuple[Mapping[str, Any], ...]  # environment.json of every run

    @property
    def id(self) -> str:
        """The recipe's ID."""
        return self.outcome.recipe.id


def document(found: Sequence[Found], pictures: Mapping[tuple[str, str], str], note: str = "") -> str:
    """The whole page.

    Args:
        found: the experiments that were run, in the order of the reports.
        pictures: Markdown of a picture by ID and title of the drawing.
        note: what the reader must know about the machine.
    """
    known = {one.id: one for one in found}
    parts = [_introduction(found, note), _overview(found)]
    for report in reports():
        mine = [known[recipe.id] for recipe in report.recipes() if recipe.id in known]
        if mine:
            year = f", {report.year}" if report.year else ""
            by = f" ({report.author}{year})" if report.author else ""
            parts.append(f"## Report {report.key}: {report.title}{by}")
            parts += [" ".join(report.notes.split())] if report.notes else []
            parts += [_experiment(one, pictures) for one in mine]
    missing = [name for name in recipes() if name not in known]
    if missing:
        parts.append(f"## Not run here\n\n{listed([f'{m} ({recipes().get(m).title})' for m in missing])}.")
    return "\n\n".join(parts) + "\n"


def _introduction(found: Sequence[Found], note: str) -> str:
    scale = found[0].outcome.scale
    runs = {run for one in found for row in one.results["rows"] for run in row["runs"].values()}
    origin = (
        "`make reproduction` writes this page from finished runs; every number comes from their files. "
        "Published numbers come from other machines, other versions and a single seed each: they stand "
        "beside, and nothing was tuned to them. Measured accuracies and times are means ± standard deviation "
        "over seeds; what the page Reproduce draws in more detail is named at each experiment."
    )
    amount = (
        f"All of it was run at the scale **{scale}** (`cnnviz reproduce --all --scale {scale}`): fewer "
        f"images or epochs than published, as said at each experiment. {len(found)} of "
        f"{len(list(recipes()))} experiments, {len(runs)} trainings."
    )
    parts = ("# The five reports, reproduced", origin, amount, _machine(found), note)
    return "\n\n".join(filter(None, parts))


def _machine(found: Sequence[Found]) -> str:
    """Hardware, versions, seeds and dates, as the runs' own files have them."""
    environments = [one for each in found for one in each.environments]
    versions = ("python", "keras", "tensorflow", "numpy", "cnnviz")
    kinds = _each(one.get("device_kind") for one in environments)
    lines = {
        "processor or GPU": _each(one.get("device") for one in environments),
        "GPU": [] if not environments or "GPU" in kinds else ["none"],
        "system": _each(one.get("system") for one in environments),
        "versions": [
            f"{name} {number}"
            for name in versions
            for number in _each(one.get("versions", {}).get(name) for one in environments)
        ],
        "precision": _each(one.get("precision") for one in environments),
        "seeds": _each(seed for each in found for row in each.results["rows"] for seed in row["runs"]),
        "made": _dates(found),
    }
    rows = tuple((name, ", ".join(values)) for name, values in lines.items() if values)
    return markdown(Table(("", ""), rows))


def _each(values: Iterable[Any]) -> list[str]:
    return sorted({str(value) for value in values if value not in (None, "")})


def _dates(found: Sequence[Found]) -> list[str]:
    days = _each(str(one.results.get("made", ""))[:10] for one in found)
    return days if len(days) < 2 else [f"{days[0]} to {days[-1]}"]


def _overview(found: Sequence[Found]) -> str:
    rows = tuple(
        (
            f"[{one.id}](#{_anchor(one)})",
            one.outcome.recipe.title,
            str(sum(len(row["runs"]) for row in one.results["rows"]) or "–"),
            "; ".join(_VERDICTS[claim["verdict"]] for claim in one.results["claims"]),
        )
        for one in found
    )
    return markdown(Table(("ID", "experiment", "runs", "claims"), rows))


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
    parts += [_left_out([d for d in drawings if (one.id, d.title) not in pictures])]
    parts += [f"- **{_VERDICTS[c['verdict']]}**: {c['text']} {evidence(c)}" for c in one.results["claims"]]
    parts += [f"Could not be done: {problem}" for problem in one.results["problems"]]
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
        return ""
    seeds, published = len(outcome.seeds), outcome.recipe.published_on
    changes = shared_changes(outcome) or (
        () if any(row.changes for row in outcome.rows) else ("as published",)
    )
    text = f"Scale: {'; '.join([*changes, '1 seed' if seeds == 1 else f'{seeds} seeds'])}."
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
