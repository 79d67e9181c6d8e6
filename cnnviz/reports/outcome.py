"""Outcome: an experiment of the reports as it came out here, the published numbers beside the measured.

Read from run directories alone, without Keras. What has to be computed inside the networks is computed
once by another process and lies in the study's folder (`looks.json` and npz files).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from cnnviz import datasets, words
from cnnviz.architectures import NetworkSummary, summarise
from cnnviz.architectures.layer_training import counted
from cnnviz.engine.estimate import training_seconds
from cnnviz.evaluation.trouble import at_chance
from cnnviz.metrics import value
from cnnviz.reports.recipe import LOOKED_UP, Recipe, RecipeVariant, ScaleName, read_options, report_says
from cnnviz.runs import RunEnvironment, RunSummary, atomic
from cnnviz.specs import DatasetSpec, ExperimentSpec, Spec
from cnnviz.studies.intervals import Measure
from cnnviz.studies.study import AnyStudy, Progress
from cnnviz.studies.study_spec import StudySpec, experiment_of

S = TypeVar("S", bound=Spec)


@dataclass(frozen=True)
class Outcome:
    """A recipe at one scale, with everything that came out; `folder`: of the job that keeps it."""

    recipe: Recipe
    scale: ScaleName
    rows: tuple[VariantOutcome, ...]
    folder: Path
    study: StudySpec | None = None

    @property
    def root(self) -> Path:
        """The folder of runs beside which the job lies."""
        return self.folder.parent.parent

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that every variant is trained with; none where nothing is."""
        return self.study.seeds if self.study else ()

    @property
    def amount(self) -> str:
        """Scale and seeds, to stand with every measured number: `lecture, 3 seeds`."""
        return f"{self.scale}, {words.plural(len(self.seeds), 'seed')}" if self.study else self.scale

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
    def samples(self) -> dict[str, dict[str, tuple[float, ...]]]:
        """Numbers of one network each, by what it is called: one for every image or fold (`SAMPLED`)."""
        return read_samples(self.folder)

    @cached_property
    def environments(self) -> tuple[RunEnvironment, ...]:
        """Where the runs were trained: each combination of device, threads and versions once."""
        found: dict[object, RunEnvironment] = {}
        for run in (run for row in self.rows for run in row.runs.values()):
            there = run.environment
            key = there.device, there.device_kind, there.threads, tuple(sorted(there.versions.items()))
            found.setdefault(key, there)
        return tuple(found.values())

    @cached_property
    def dataset(self) -> DatasetSpec:
        """The data set of this scale: of the first variant, else of the recipe's own settings."""
        trained = next((row.experiment for row in self.rows if row.experiment), None)
        if trained:
            return trained.dataset
        settings = self.recipe.settings_at(self.recipe.base, self.scale)
        groups = ((key.partition("."), value) for key, value in settings.items())
        return DatasetSpec.parse({name: value for (group, _, name), value in groups if group == "dataset"})

    def asked(self, options: type[S]) -> S:
        """What the recipe tells a drawing (or a kind) at this scale, by the spec of its options.

        Raises:
            SpecError: a value is refused, or one that is needed is missing.
        """
        return read_options(options, self.recipe.options_at(self.scale))


def read_outcome(recipe: Recipe, scale: ScaleName, job: AnyStudy, study: StudySpec | None = None) -> Outcome:
    """Collect what there is so far, whether the study is finished or not.

    Args:
        job: the one that reproduces it.
        study: what is trained; None: as the job's study.json asks, or nothing.
    Raises:
        SpecError, DataError: a variant of the recipe is impossible.
    """
    if study is None and recipe.trains and (job.path / "study.json").exists():
        study = job.study()
    if study is None:
        return Outcome(recipe, scale, tuple(map(VariantOutcome, recipe.chosen(scale))), job.path)
    return _outcome(recipe, scale, job.path, study, job.progress())


def planned_outcome(recipe: Recipe, scale: ScaleName, folder: Path) -> Outcome:
    """What would be run at a scale, with nothing measured: for a look at it before.

    Raises:
        SpecError, UnknownNameError: a variant of the recipe is impossible.
    """
    study = recipe.study(scale)
    if study is None:
        return Outcome(recipe, scale, tuple(map(VariantOutcome, recipe.chosen(scale))), folder)
    return _outcome(recipe, scale, folder, study, Progress(()))


def _outcome(recipe: Recipe, scale: ScaleName, folder: Path, study: StudySpec, progress: Progress) -> Outcome:
    looks = read_looks(folder)
    experiments = {variant.label: variant.experiment for variant in study.variants}
    rows = []
    for variant in recipe.chosen(scale):
        runs, problems = progress.of(variant.label)
        rows.append(
            VariantOutcome(
                variant,
                experiments.get(variant.label),
                runs,
                problems,
                recipe.changes(variant, scale),
                looks,
                recipe.name(variant, scale),
            )
        )
    return Outcome(recipe, scale, tuple(rows), folder, study)


def read_looks(folder: Path) -> dict[str, dict[str, float]]:
    """Numbers found inside networks, by run id; empty before anybody looked."""
    try:
        data = json.loads((folder / "looks.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # computed again by the next reproduction
    return {str(run): dict(numbers) for run, numbers in dict(data).items()}


def read_samples(folder: Path) -> dict[str, dict[str, tuple[float, ...]]]:
    """Numbers by network and metric, one for every image or fold; empty before anybody looked."""
    try:
        data = json.loads((folder / _SAMPLES).read_text("utf-8"))
        return {
            str(network): {str(metric): tuple(map(float, found)) for metric, found in metrics.items()}
            for network, metrics in data.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # looked up again by the next reproduction


def keep_samples(folder: Path, found: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """Write numbers as `read_samples` gives them, beside those of other networks and metrics."""
    known = read_samples(folder)
    for network, metrics in found.items():
        known[network] = {**known.get(network, {}), **{name: tuple(of) for name, of in metrics.items()}}
    atomic.write_json(folder / _SAMPLES, known)


_SAMPLES = "samples.json"
#: Numbers of a network's arithmetic, as its summary names them: the same for every seed and machine.
COUNTED = {"params": "total_params", "trainable_params": "trainable_params", "macs": "macs"}


@dataclass(frozen=True)
class VariantOutcome:
    """One variant: what was published, what was asked here, and the run of every seed.

    Attributes:
        variant: its label, its published numbers and all its settings as published.
        experiment: the same at this scale; None where nothing is trained.
        runs: seed → its finished run; a seed without one is not in it.
        problems: why seeds have none.
        changes: how this scale differs from what was published, in phrases.
        named: what it is called at this scale, where that is not its label.
        looks: run id → numbers found inside its network (`weights_rms`, `map_sharpness`).
    """

    variant: RecipeVariant
    experiment: ExperimentSpec | None = None
    runs: Mapping[int, RunSummary] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    looks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    named: str = ""

    @property
    def label(self) -> str:
        """Its key in the recipe; it may name more epochs or images than were run: see `name`."""
        return self.variant.label

    @property
    def name(self) -> str:
        """What people read: the label with the epochs and images of this scale."""
        return self.named or self.label

    @property
    def report_says(self) -> str:
        """What the report's number belongs to, where that is not what the name says: `10 epochs`; or ""."""
        return report_says(self.label, self.name)

    @property
    def published(self) -> Mapping[str, float]:
        """The report's numbers, by metric."""
        return self.variant.published

    @cached_property
    def as_published(self) -> ExperimentSpec | None:
        """The experiment as the report has it; None where its settings name no network."""
        return experiment_of(self.variant.set) if "architecture.name" in self.variant.set else None

    @property
    def dataset(self) -> DatasetSpec:
        """The images that it is trained with at this scale; as published where nothing is trained."""
        asked = self.experiment or self.as_published
        return asked.dataset if asked else DatasetSpec()

    @property
    def run(self) -> RunSummary | None:
        """The run of the first seed that has one: the one to look at more closely."""
        return next(iter(self.runs.values()), None)

    @cached_property
    def network(self) -> NetworkSummary | None:
        """Layers and counts of the network as published; None where there is no network.

        Raises:
            SpecError, DataError: the network is impossible for its data set.
        """
        return _network(self.as_published) if self.as_published else None

    @cached_property
    def narrower(self) -> NetworkSummary | None:
        """The network that is trained in its place at this scale; None where it is the published one."""
        if self.experiment is None or self.as_published is None:
            return None
        same = self.experiment.architecture == self.as_published.architecture
        return None if same else _network(self.experiment)

    @property
    def n_train(self) -> dict[int, int]:
        """Training images of every seed's run that says so."""
        return {seed: run.figures.n_train for seed, run in self.runs.items() if run.figures.n_train}

    def values(self, metric: str) -> dict[int, float]:
        """`metric` of every seed's run that has it; counts come from the published network's arithmetic.

        Args:
            metric: as `cnnviz.metrics` has it, or what was looked up inside the networks (`LOOKED_UP`).
        Raises:
            RunError: the file that it is computed from is damaged.
        """
        if metric in COUNTED:
            return {0: float(getattr(self.network, COUNTED[metric]))} if self.network else {}
        of_seeds = {
            seed: self.looks.get(run.id, {}).get(metric) if metric in LOOKED_UP else value(run, metric)
            for seed, run in self.runs.items()
        }
        return {
            seed: number for seed, number in of_seeds.items() if number is not None and math.isfinite(number)
        }

    def measure(self, metric: str) -> Measure | None:
        """Mean and spread of `metric` over the seeds; None where no run has it."""
        return Measure.of(self.values(metric).values())


def _network(experiment: ExperimentSpec) -> NetworkSummary:
    facts, network = datasets.facts(experiment.dataset), experiment.architecture
    whole = summarise(network, facts.input_shape, len(facts.class_names))
    return counted(whole, network, experiment.training)


def differences(outcome: Outcome) -> tuple[str, ...]:
    """Sentences to stand beside the numbers; none where nothing was run."""
    if not outcome.study:
        return ()
    shared = shared_changes(outcome)
    found = [f"Scale {outcome.scale}: {'; '.join(shared)}." if shared else ""]
    if any(set(row.changes) - set(shared) for row in outcome.rows):
        found.append("More differs from variant to variant: see the table.")
    found.append(_no_better_than_chance(outcome))
    return tuple(filter(None, [*found, _seeds(outcome), _hardware(outcome), _versions(outcome)]))


def _no_better_than_chance(outcome: Outcome) -> str:
    """Which variants have learnt nothing yet at this scale, and what it would take; "" where all have."""
    rows = [
        row for row in outcome.ran if any(run.report and at_chance(run.report) for run in row.runs.values())
    ]
    if not rows:
        return ""
    text = (
        f"No better than chance: {words.listed([f'“{row.name}”' for row in rows])}. What is shown of "
        f"{'it' if len(rows) == 1 else 'them'} is the form of the experiment, not its finding."
    )
    whole = [row.as_published for row in rows if row.as_published and row.changes]
    expected = [found.seconds for experiment in whole if (found := training_seconds(experiment))]
    if whole and len(expected) == len(whole):
        text += f" As published: about {words.duration(sum(expected))} of training here with one seed."
    return text


def shared_changes(outcome: Outcome) -> tuple[str, ...]:
    """What this scale changes in all variants alike."""
    rows = [row.changes for row in outcome.rows]
    return tuple(change for change in rows[0] if all(change in row for row in rows)) if rows else ()


def scale_note(outcome: Outcome) -> str:
    """How much was run, to stand with a picture: scale, seeds, images, epochs, and which seed is shown."""
    return f"{amount_note(outcome)} {outcome.shown_seed}".rstrip()


def amount_note(outcome: Outcome) -> str:
    """How much is run, in one sentence: scale, seeds, images, epochs."""
    return "; ".join((f"Scale: {outcome.amount}", *shared_changes(outcome))) + "."


def _seeds(outcome: Outcome) -> str:
    n = len(outcome.seeds)
    here = "one seed" if n == 1 else f"{n} seeds"
    beside = "; the published numbers come from one" if outcome.recipe.compares else ""
    return f"Measured with {here}{beside}."


def _hardware(outcome: Outcome) -> str:
    devices = [environment.device for environment in outcome.environments if environment.device]
    if not devices:
        return ""
    there = f"published times: {outcome.recipe.published_on}" if outcome.recipe.published_on else ""
    return f"Measured on {words.listed(list(dict.fromkeys(devices)))}{'; ' + there if there else ''}."


def _versions(outcome: Outcome) -> str:
    versions = [environment.versions for environment in outcome.environments if environment.versions]
    texts = [
        f"Keras {packages.get('keras')}, TensorFlow {packages.get('tensorflow')}" for packages in versions
    ]
    beside = "; the published numbers come from others" if outcome.recipe.compares else ""
    return f"{words.listed(list(dict.fromkeys(texts)))}{beside}." if texts else ""
