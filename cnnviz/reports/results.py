"""What came out of a reproduction as plain data: results.json, for page, command line and docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import cnnviz
from cnnviz.metrics import METRICS
from cnnviz.reports.claims import judge_all
from cnnviz.reports.drawings import Drawn
from cnnviz.reports.outcome import Outcome, VariantOutcome, differences
from cnnviz.reports.recipe import LOOKED_UP
from cnnviz.runs import RunEnvironment


def results_of(
    outcome: Outcome, state: str, drawn: Sequence[Drawn], problems: Mapping[str, str]
) -> dict[str, Any]:
    """All of an outcome that is worth keeping.

    Args:
        state: "done", "incomplete" (something failed; the rest is there) or "stopped".
        drawn: what the recipe's drawings gave.
        problems: what could not be prepared, by name.
    """
    recipe = outcome.recipe
    failed = {one.name: one.problem for one in drawn if one.problem}
    return {
        "recipe": recipe.id,
        "title": recipe.title,
        "question": recipe.question,
        "scale": outcome.scale,
        "state": state,
        "seeds": list(outcome.seeds),
        "rows": [_row(row) for row in outcome.rows],
        "claims": [verdict.as_dict() for verdict in judge_all(outcome)],
        "drawings": [_drawing(one) for one in drawn],
        "problems": _told(outcome, {**failed, **problems}),
        "differences": list(differences(outcome)),
        "environment": {
            "cnnviz": cnnviz.__version__,
            "runs": [_environment(one) for one in outcome.environments],
        },
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _environment(environment: RunEnvironment) -> dict[str, Any]:
    return {
        "device": environment.device,
        "device_kind": environment.device_kind,
        "threads": environment.threads,
        "versions": dict(environment.versions),
    }


def _row(row: VariantOutcome) -> dict[str, Any]:
    measured = {name: measure for name in (*METRICS, *LOOKED_UP) if (measure := row.measure(name))}
    return {
        "label": row.label,
        "name": row.name,
        "published": dict(row.published),
        "measured": {metric: measure._asdict() for metric, measure in measured.items()},
        "runs": {str(seed): run.id for seed, run in row.runs.items()},
        "changes": list(row.changes),
        "problems": list(row.problems),
    }


def _drawing(drawn: Drawn) -> dict[str, Any]:
    return {
        "name": drawn.name,
        "problem": drawn.problem,
        "drawings": [
            {"title": one.title, "kind": one.kind, "alt": one.alt, "note": one.note} for one in drawn.drawings
        ],
    }


def _told(outcome: Outcome, problems: Mapping[str, str]) -> list[str]:
    rows = [f"{row.name}: {problem}" for row in outcome.rows for problem in row.problems]
    return rows + [f"{name.replace('_', ' ')}: {problem}" for name, problem in problems.items()]
