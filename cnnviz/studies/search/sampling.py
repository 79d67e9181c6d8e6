"""What to try next, what mattered, and what is given up early.

The first two by Optuna, told of the finished candidates each time anew.

Nothing of Optuna is stored. The same search and the same finished candidates give the same next one, so
that a search that was cut goes on as if it had not been. Optuna is imported here only, and only when
asked: it brings SQLAlchemy and takes a third of a second.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnnviz.studies.search.search_space import Dimension, SearchSpec, Settings, text
from cnnviz.studies.study_spec import SettingValue

if TYPE_CHECKING:
    import optuna

#: Draws that may hit candidates known already before those left are listed.
_ATTEMPTS = 30
_GUIDED_ATTEMPTS = 5
#: Fewer finished candidates say nothing about what mattered.
LEAST_FOR_IMPORTANCE = 5


class Tried(NamedTuple):
    """A candidate so far. `score`: mean accuracy, None while it is open; `given_up`: it was poor."""

    settings: Settings
    score: float | None
    given_up: bool = False


def suggest(spec: SearchSpec, tried: Sequence[Tried]) -> Settings | None:
    """The next candidate, other than all before; None where the space has no other."""
    known = {_mark(spec, candidate.settings) for candidate in tried}
    for attempt in range(_ATTEMPTS):
        settings = _draw(spec, tried, attempt)
        if settings is not None and _mark(spec, settings) not in known:
            return settings
    if not all(dimension.choices for dimension in spec.space):
        return None
    names = [dimension.name for dimension in spec.space]
    grids = itertools.product(*(dimension.grid for dimension in spec.space))
    points = (dict(zip(names, values, strict=True)) for values in grids)
    return next((point for point in points if _mark(spec, point) not in known), None)


def importance(spec: SearchSpec, tried: Sequence[Tried]) -> dict[str, float]:
    """How much of the differences in accuracy each setting explains, largest first; shares of 1.

    Functional analysis of variance over a random forest (Hutter, Hoos and Leyton-Brown 2014), with
    candidates trained to their end only. Empty while there are too few, or all alike.
    """
    finished = [candidate for candidate in tried if candidate.score is not None and not candidate.given_up]
    if len(finished) < LEAST_FOR_IMPORTANCE or len({candidate.score for candidate in finished}) < 2:
        return {}
    study = _study_of(spec, finished, None)
    import optuna

    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=spec.seed)
    shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in shares.items() if math.isfinite(share)}


def _draw(spec: SearchSpec, tried: Sequence[Tried], attempt: int) -> Settings | None:
    """One suggestion of the method; a guided one that only repeats itself gives way to chance."""
    import optuna

    seed = int(np.random.SeedSequence([spec.seed, len(tried), attempt]).generate_state(1)[0])
    sampler: optuna.samplers.BaseSampler
    if spec.method == "grid":
        grid = {dimension.name: [text(value) for value in dimension.grid] for dimension in spec.space}
        sampler = optuna.samplers.GridSampler(grid, seed=spec.seed)
        number = len(tried) + attempt
        if number >= math.prod(len(dimension.grid) for dimension in spec.space):
            return None
        study = _study_of(spec, [Tried({}, None)] * number, sampler)
        labels: dict[str, optuna.distributions.BaseDistribution] = {
            name: optuna.distributions.CategoricalDistribution(values) for name, values in grid.items()
        }
        drawn = study.ask(labels).params
        return {dimension.name: _of_text(dimension.grid, drawn[dimension.name]) for dimension in spec.space}
    if spec.method == "tpe" and attempt < _GUIDED_ATTEMPTS:
        first = min(10, max(3, spec.planned // 4))
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=first)
    else:
        sampler = optuna.samplers.RandomSampler(seed=seed)
    drawn = _study_of(spec, tried, sampler).ask(_distributions(spec.space)).params
    return {
        dimension.name: _of_text(dimension.choices, drawn[dimension.name])
        if dimension.choices
        else dimension.fitted(drawn[dimension.name])
        for dimension in spec.space
    }


def _study_of(
    spec: SearchSpec, tried: Iterable[Tried], sampler: optuna.samplers.BaseSampler | None
) -> optuna.Study:
    """A fresh study in memory that knows what came out so far.

    An impossible or failed candidate counts as one that got nothing right, so that it is not sought again.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    complete, failed = optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL
    distributions = _distributions(spec.space)
    for candidate in tried:
        known = [
            (dimension, candidate.settings[dimension.name]) for dimension in spec.space if candidate.settings
        ]
        params = {dimension.name: text(value) if dimension.choices else value for dimension, value in known}
        trial = optuna.trial.create_trial(
            state=failed if candidate.score is None else complete,
            value=candidate.score,
            params=params,
            distributions={name: distributions[name] for name in params},
        )
        study.add_trial(trial)
    return study


def _distributions(space: Sequence[Dimension]) -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna import distributions

    by_name: dict[str, optuna.distributions.BaseDistribution] = {}
    for dimension in space:
        if dimension.choices:
            labels = [text(choice) for choice in dimension.choices]
            by_name[dimension.name] = distributions.CategoricalDistribution(labels)
        elif dimension.whole:
            by_name[dimension.name] = distributions.IntDistribution(
                round(dimension.lowest), round(dimension.highest), log=dimension.log
            )
        else:
            by_name[dimension.name] = distributions.FloatDistribution(
                dimension.lowest, dimension.highest, log=dimension.log
            )
    return by_name


def _of_text(values: Sequence[SettingValue], label: str) -> SettingValue:
    return next(value for value in values if text(value) == label)


def _mark(spec: SearchSpec, settings: Settings) -> tuple[str, ...]:
    return tuple(text(settings[dimension.name]) for dimension in spec.space)


# The median rule --------------------------------------------------------------------------------------

#: Finished candidates without which nobody is judged.
LEAST_FINISHED = 4
#: Epochs by which nobody is judged.
WARM_UP = 1
MEDIAN_RULE = (
    f"Given up early: after epoch {WARM_UP} of a fold, whoever's best validation accuracy so far lies below "
    f"the median of the finished candidates at that epoch. The first {LEAST_FINISHED} are always trained to "
    "the end."
)


def is_poor(curve: Sequence[float], others: Sequence[Sequence[float]], *, over: bool = False) -> bool:
    """Whether a candidate should be given up now.

    After an epoch, one is given up when its best validation accuracy so far in this fold lies below the
    median of what the finished candidates had reached by the same epoch of the same fold. The first ones
    are always trained to their end, and none is judged by its first epoch, unless that is the fold's last.
    Source: Golovin et al. 2017, Google Vizier, section 3.5, with the best so far in place of the running
    average, as in Optuna's MedianPruner.

    Args:
        curve: its validation accuracy after each epoch of a fold so far.
        others: the same of every finished candidate in the same fold.
        over: the fold has ended, so that even its first epoch counts.
    """
    epoch = len(curve)
    if not epoch or (epoch <= WARM_UP and not over):
        return False
    known = [max(other[:epoch]) for other in others if other]
    return len(known) >= LEAST_FINISHED and max(curve) < median(known)
