"""What differs between a reproduction and what was published: scale, seeds, hardware, versions."""

from __future__ import annotations

from cnnviz.studies.outcome import Outcome
from cnnviz.studies.wording import listed


def differences(outcome: Outcome) -> tuple[str, ...]:
    """Sentences to stand beside the numbers; none where nothing was run."""
    if not outcome.study:
        return ()
    shared = shared_changes(outcome)
    found = [f"Scale {outcome.scale}: {'; '.join(shared)}." if shared else ""]
    if any(set(row.changes) - set(shared) for row in outcome.rows):
        found.append("More differs from variant to variant: see the table.")
    return tuple(filter(None, [*found, _seeds(outcome), _hardware(outcome), _versions(outcome)]))


def shared_changes(outcome: Outcome) -> tuple[str, ...]:
    """What this scale changes in all variants alike."""
    rows = [row.changes for row in outcome.rows]
    return tuple(one for one in rows[0] if all(one in row for row in rows)) if rows else ()


def scale_note(outcome: Outcome) -> str:
    """How much was run, to stand with a picture: scale, seeds, images, epochs, and which seed is shown."""
    return f"{amount_note(outcome)} {outcome.shown_seed}".rstrip()


def amount_note(outcome: Outcome) -> str:
    """How much is run, in one sentence: scale, seeds, images, epochs."""
    return "; ".join((f"Scale: {outcome.amount}", *shared_changes(outcome))) + "."


def _seeds(outcome: Outcome) -> str:
    n = len(outcome.seeds)
    here = "one seed" if n == 1 else f"{n} seeds"
    return f"Measured with {here}; the published numbers come from one."


def _hardware(outcome: Outcome) -> str:
    devices = [str(one["device"]) for one in outcome.environments if one.get("device")]
    if not devices:
        return ""
    there = f"published times: {outcome.recipe.published_on}" if outcome.recipe.published_on else ""
    return f"Measured on {listed(list(dict.fromkeys(devices)))}{'; ' + there if there else ''}."


def _versions(outcome: Outcome) -> str:
    versions = [one["versions"] for one in outcome.environments if one.get("versions")]
    texts = [f"Keras {one.get('keras')}, TensorFlow {one.get('tensorflow')}" for one in versions]
    return f"{listed(list(dict.fromkeys(texts)))}; the published numbers come from others." if texts else ""
