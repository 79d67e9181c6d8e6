"""One line a run for select boxes: unique and unchanging.

A select box knows its choice by the shown text. Two options with one text become one, and a text that
changes ("5 min ago") throws the choice back to the first option; so the moment is written out, and
runs that would still look alike carry the end of their id's first part.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cnnviz import paths, words
from cnnviz.architectures import ARCHITECTURES
from cnnviz.datasets import DATASETS
from cnnviz.figures.theme import CATEGORICAL
from cnnviz.runs import RunSummary, load_summary


def run_lines(
    runs: Iterable[RunSummary], *, results: bool = False, most: int | None = None
) -> dict[str, str]:
    """Lines by id: title and moment; in the given order, no two alike.

    Args:
        results: the test accuracy too; only where all runs have ended, because it changes when one ends.
        most: titles are cut to so many letters; None: whole.
    """
    runs = list(runs)
    lines = {run.id: _line(run, results, most) for run in runs}
    often = Counter(lines.values())
    return {run_id: line if often[line] == 1 else f"{line} · {run_id}" for run_id, line in lines.items()}


def titles(runs: Iterable[RunSummary]) -> dict[str, str]:
    """Short labels by id, for figures and tables: the titles; those that are alike numbered."""
    named = {run.id: run_title(run) for run in runs}
    often, seen, labels = Counter(named.values()), Counter[str](), {}
    for run_id, title in named.items():
        seen[title] += 1
        labels[run_id] = title if often[title] == 1 else f"{title} #{seen[title]}"
    return labels


def short(title: str, most: int) -> str:
    """A title of at most so many letters: the first part is cut to its first word before the last is cut.

    Titles of studies begin alike and differ at the end: `E8 Pooling or strides? · max pooling`.
    """
    if len(title) > most and " · " in title:
        first, _, rest = title.partition(" · ")
        title = " · ".join([*first.split()[:1], rest])
    return words.shortened(title, most)


def short_labels(titles: Iterable[str], most: int) -> list[str]:
    """Titles of at most so many letters, in order, no two alike: those that would be are numbered.

    Where a title is too long, parts that all titles have are left out first: they tell nothing apart.
    """
    titles = list(titles)
    whole = _apart(titles) if any(len(title) > most for title in titles) else titles
    cut = [short(title, most) for title in whole]
    often, seen, labels = Counter(cut), Counter[str](), []
    for label, title in zip(cut, whole, strict=True):
        seen[label] += 1
        labels.append(label if often[label] == 1 else f"{short(title, most - 3)} #{seen[label]}")
    return labels


def _apart(titles: list[str]) -> list[str]:
    """Titles without the parts that all of them have; whole, where nothing would be left of one."""
    parts = [title.split(" · ") for title in titles]
    shared = set[str].intersection(*map(set, parts)) if len(parts) > 1 else set[str]()
    left = [" · ".join(part for part in own if part not in shared) for own in parts]
    return left if all(left) else titles


def _line(run: RunSummary, results: bool, most: int | None) -> str:
    title = run_title(run)
    title = title if most is None else short(title, most)
    result = words.percent(run.figures.test_accuracy) if results else ""
    try:
        then = datetime.fromisoformat(run.created).astimezone()
        moment = f"{then.day} {then:%b %H:%M}"
    except ValueError:
        moment = run.id
    return " · ".join(part for part in (title, result, moment) if part)


def run_title(run: RunSummary) -> str:
    """The name that it was given; else data set and network as pages call them."""
    unnamed = not run.name and run.architecture
    return f"{dataset_title(run.dataset)} · {network_title(run.architecture)}" if unnamed else run.title


def dataset_title(name: str) -> str:
    """`cifar10` → `CIFAR-10`; a folder of own images is called as it is, also when it is gone."""
    return DATASETS.get(name).title if name in DATASETS else name.partition(":")[2]


def network_title(label: str) -> str:
    """`two-pairs (kernel_size 5)` → `Two pairs of convolutions, kernel size 5`."""
    name, _, changed = label.partition(" (")
    known = ARCHITECTURES.get(name).title if name in ARCHITECTURES else name
    return ", ".join(part for part in (known, changed.removesuffix(")").replace("_", " ")) if part)


def colour_of(run_id: str) -> int:
    """The run's own place in `theme.run_colour`: the same on every page, visit and link."""
    number = load_summary(paths.runs_dir() / run_id).number
    # Of version 0.1, or damaged: any number that stays.
    return (zlib.crc32(run_id.encode()) if number is None else number) % len(CATEGORICAL)


def colours_of(run_ids: Sequence[str]) -> dict[str, int]:
    """Places in `theme.run_colour` for runs shown together.

    A run has its own colour. Only where one of those shown has it already, and another is free, it gets that:
    the run made later, in whatever order they were chosen.
    """
    return assign({run_id: colour_of(run_id) for run_id in run_ids}, len(CATEGORICAL))


def assign(own: Mapping[str, int], colours: int) -> dict[str, int]:
    """The rule of `colours_of`, by the colours that runs have when they are alone."""
    shown: dict[str, int] = {}
    for run_id in sorted(own):
        free = set(range(colours)) - set(shown.values())
        shown[run_id] = (
            own[run_id] if own[run_id] in free or not free else min(free - {*own.values()} or free)
        )
    return shown
