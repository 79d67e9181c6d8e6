"""What the snapshots of a run hold, read file by file and kept while nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from cnnviz import datasets, words
from cnnviz.errors import CnnvizError
from cnnviz.runs import RunSummary, snapshots
from cnnviz.runs.snapshots import Probes, Snapshot
from cnnviz.ui.run_labels import run_title


class Film(NamedTuple):
    """A run's snapshots, oldest first; `problems` says what could not be read."""

    run: RunSummary
    probes: Probes
    frames: tuple[Snapshot, ...]
    stamp: tuple[tuple[int, int, int], ...]  # epoch, time and size of each file
    problems: tuple[str, ...]

    @property
    def layers(self) -> list[str]:
        """Convolutions of which maps were kept in all snapshots."""
        known = self.frames[0].maps
        return [name for name in known if all(name in frame.maps for frame in self.frames)]

    @property
    def images(self) -> str:
        """Which images the confusion matrices and the dead units are of."""
        return "training" if self.probes.from_training else "validation"

    @property
    def class_names(self) -> list[str]:
        """Names of the classes; numbers where the data set has others by now."""
        count = self.frames[0].probabilities.shape[1]
        experiment = self.run.experiment
        names = datasets.facts(experiment.dataset).class_names if experiment else ()
        return list(names) if len(names) == count else [f"class {label}" for label in range(count)]


def film(run: RunSummary) -> Film | None:
    """All readable snapshots of a run; None where it has none.

    Raises:
        RunError: the probe images are damaged.
    """
    folder = run.directory.snapshots_dir
    files = snapshots.files(folder)
    if not files:
        return None
    probes = _probes(folder, _stamp(folder / snapshots.PROBES))
    frames: list[Snapshot] = []
    stamps: list[tuple[int, int, int]] = []
    problems: list[str] = []
    for path in files:
        try:
            stamp = _stamp(path)
            frame = _frame(path, stamp, len(probes.labels))
        except CnnvizError as error:
            problems.append(str(error))
            continue
        if frames and _shapes(frame) != _shapes(frames[0]):
            problems.append(f"The snapshot {path.name} is of another network; it is left out.")
            continue
        frames.append(frame)
        stamps.append((frame.epoch, *stamp))
    return Film(run, probes, tuple(frames), tuple(stamps), tuple(problems)) if frames else None


def read_films(runs: Sequence[RunSummary]) -> list[Film]:
    """Of all runs that have snapshots.

    Raises:
        RunError: as `film`.
    """
    return [known for run in runs if (known := film(run))]


def _shapes(frame: Snapshot) -> tuple[object, ...]:
    """Snapshots with the same can be shown one after the other."""
    kernels = None if frame.kernels is None else frame.kernels.shape
    maps = {name: values.shape for name, values in frame.maps.items()}
    return kernels, maps, frame.probabilities.shape


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:  # reading says why
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


@st.cache_resource(max_entries=16, show_spinner=False)
def _probes(folder: Path, stamp: tuple[int, int]) -> Probes:
    return snapshots.read_probes(folder)


@st.cache_resource(max_entries=256, show_spinner=False)
def _frame(path: Path, stamp: tuple[int, int], probes: int) -> Snapshot:
    return snapshots.read(path, probes)


def tell(films: Sequence[Film]) -> None:
    """Say what is kept of an epoch, what could not be read, and what earlier versions did not keep."""
    st.caption(
        "Of each epoch these answers are kept, not its weights. What any image looks like inside is shown by "
        "*Maps*: with the last weights, and beside it, under *This run, untrained*, with the first ones."
    )
    for each in films:
        title, more = run_title(each.run), len(each.problems) - 1
        if each.problems:
            others = f" And {words.plural(more, 'further one')}." if more else ""
            st.caption(f"{title}: {each.problems[0]}{others}")
        if not any(frame.histograms for frame in each.frames):
            st.caption(
                f"{title} was trained before confusion matrices, weights and dead units were kept with each "
                "epoch. Train it again to see them too."
            )
