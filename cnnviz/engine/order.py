"""Who is next: first come, first served, but a user with many runs does not keep the others waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cnnviz.runs import RunSummary


def fair(waiting: Sequence[RunSummary], working: Iterable[RunSummary]) -> list[RunSummary]:
    """Waiting runs in the order in which they shall start.

    Everybody's first run comes before anybody's second one; runs at work count as first ones.
    """
    turns = Counter(run.user for run in working)
    ranked = []
    for run in sorted(waiting, key=lambda run: (run.created, run.id)):
        ranked.append((turns[run.user], run.created, run.id, run))
        turns[run.user] += 1
    return [run for *_, run in sorted(ranked, key=lambda entry: entry[:3])]
