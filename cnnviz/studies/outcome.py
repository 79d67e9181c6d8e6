"""Outcome: an experiment of the reports as it came out here, the published numbers beside the measured.

Read from run directories alone, without Keras. What has to be computed inside the networks is computed
once by another process and lies in the study's folder (`looks.json` and npz files).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cnnviz import datasets
from cnnviz.runs import RunSummary
from cnnviz.specs import DatasetSpec
from cnnviz.studies import wording
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.recipe import Recipe, ScaleName
from cnnviz.studies.spec import Member, StudySpec
from cnnviz.studies.variant import Measure, VariantOutcome

__all__ = ["Measure", "Outcome", "VariantOutcome", "planned_outcome", "read_looks", "read_outcome"]


@dataclass(frozen=True)
class Outcome:
    """A recipe at one scale, with everything that came out."""

    recipe: Recipe
    scale: ScaleName
    rows: tuple[VariantOutcome, ...]
    folder: StudyDirectory
    study: StudySpec | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that every variant is trained with; none where nothing is."""
        return self.study.seeds if self.study else ()

    @property
    def amount(self) -> str:
        """Scale and seeds, to stand with every measured number: `lecture, 3 seeds`."""
        return f"{self.scale}, {wording.seeds(len(self.seeds))}" if self.study else self.scale

    @property
    def shown_seed(self) -> str:
        """Which of several seeds is looked at where only one can be; nothing where there is one."""
        several = len(self.seeds) > 1
        return f"Shown: seed {self.seeds[0]}, the first of {len(self.seeds)}." if several else ""

    @property
    def ran(self) -> tuple[VariantOutcome, ...]:
        """The variants that have at least one finished run."""
        return tuple(row for row in self.rows if row.runs)

    def row(self, label: str) -> VariantOutcome | None:
        """The variant of that label, where this scale has it."""
        return next((row for row in self.rows if row.label == label), None)

    def name_of(self, label: str) -> str:
        """What the variant of that label is called at this scale; the label itself where there is none."""
        row = self.row(label)
        return row.name if row else label

    @cached_property
    def environments(self) -> tuple[dict[str, Any], ...]:
        """Device, threads and versions of the runs, each combination once."""
        keys = ("device", "device_kind", "threads", "versions")
        found = [run.environment or {} for row in self.rows for run in row.runs.values()]
        kept = [{key: environment.get(key) for key in keys} for environment in found]
        return tuple(one for place, one in enumerate(kept) if one not in kept[:place])

    @cached_property
    def dataset(self) -> DatasetSpec:
        """The data set of this scale: of the first variant, else of the recipe's own settings."""
        trained = next((row.experiment for row in self.rows if row.experiment), None)
        if trained:
            return trained.dataset
        scale, base = self.recipe.scales[self.scale], self.recipe.base
        images, available = (
            datasets.entry(str(one.get("dataset.name", DatasetSpec().name))).n_train
            for one in (base, {**base, **scale.set})
        )
        settings = scale.applied(base, images, available)
        groups = ((key.partition("."), value) for key, value in settings.items())
        return DatasetSpec.parse({name: value for (group, _, name), value in groups if group == "dataset"})

    @cached_property
    def options(self) -> dict[str, Any]:
        """What the recipe wants drawn, at this scale."""
        return self.recipe.options_at(self.scale)


def read_outcome(
    recipe: Recipe, scale: ScaleName, folder: StudyDirectory, study: StudySpec | None = None
) -> Outcome:
    """Collect what there is so far, whether the study is finished or not.

    Args:
        study: what is trained; None: as the folder's study.json asks, or nothing.
    Raises:
        SpecError, DataError: a variant of the recipe is impossible.
    """
    variants = recipe.chosen(scale)
    if study is None and recipe.trains and (folder.path / "study.json").exists():
        study = folder.spec()
    if study is None:
        return Outcome(recipe, scale, tuple(map(VariantOutcome, variants)), folder)
    return Outcome(recipe, scale, tuple(_trained(recipe, scale, study, folder)), folder, study)


def planned_outcome(recipe: Recipe, scale: ScaleName, folder: StudyDirectory) -> Outcome:
    """What would be run at a scale, with nothing measured: for a look at it before.

    Raises:
        SpecError, UnknownNameError: a variant of the recipe is impossible.
    """
    study = recipe.study(scale)
    rows = (
        VariantOutcome(
            variant,
            recipe.experiment(variant, scale) if study else None,
            changes=recipe.changes(variant, scale) if study else (),
            named=recipe.name(variant, scale) if study else "",
        )
        for variant in recipe.chosen(scale)
    )
    return Outcome(recipe, scale, tuple(rows), folder, study)


def _trained(
    recipe: Recipe, scale: ScaleName, study: StudySpec, folder: StudyDirectory
) -> Iterator[VariantOutcome]:
    progress, looks = folder.progress(), read_looks(folder)
    experiments = {variant.label: variant.experiment for variant in study.variants}
    for variant in recipe.chosen(scale):
        members = [(member, run) for member, run in progress.members if member.label == variant.label]
        problems = [progress.problem(member, run) for member, run in members]
        yield VariantOutcome(
            variant,
            experiments.get(variant.label),
            _finished(members),
            tuple(dict.fromkeys(filter(None, problems))),
            recipe.changes(variant, scale),
            looks,
            recipe.name(variant, scale),
        )


def _finished(members: Sequence[tuple[Member, RunSummary | None]]) -> dict[int, RunSummary]:
    return {member.seed: run for member, run in members if run and run.state == "done" and run.report}


def read_looks(folder: StudyDirectory) -> dict[str, dict[str, float]]:
    """Numbers found inside networks, by run id; empty before anybody looked."""
    try:
        data = json.loads((folder.path / "looks.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # computed again by the next reproduction
    return {str(run): dict(numbers) for run, numbers in dict(data).items()}
