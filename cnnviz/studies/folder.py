"""StudyDirectory: a study's folder beside the runs, and its progress as a whole.

    runs/.studies/<id>/study.json       what was asked
                       results.json     what came out (tables, verdicts); replaced whole
                       refused.json     members that this machine can't train, with the reasons
                       *.npz            what was looked up inside the networks
                       stage.json       what is done after the training, for the page
                       stop             empty file: no further run of it is started
    runs/.reproductions/<ID>-<scale>/   the same for an experiment of the reports

A study owns no runs. Each member is found by its experiment's hash among all runs, so that what was
trained already, for whatever reason, is not trained again, and deleting a study costs no result.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnnviz import paths
from cnnviz.engine.lock import locked
from cnnviz.errors import RunError
from cnnviz.runs import atomic
from cnnviz.studies.progress import Progress, find_members
from cnnviz.studies.spec import Member, StudySpec

__all__ = ["Progress", "StudyDirectory", "list_reproductions", "list_studies"]

STUDIES, REPRODUCTIONS = ".studies", ".reproductions"


class StudyDirectory:
    """One study on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def create(cls, spec: StudySpec, root: Path | None = None) -> StudyDirectory:
        """Make the folder of a study, or find the one that asks exactly the same."""
        folder = paths.ensure((root or paths.runs_dir()) / STUDIES)
        ending = spec.hash()[:10]
        with locked(folder / ".lock"):
            for known in sorted(folder.glob(f"*-{ending}")):
                if (known / "study.json").exists():
                    return cls(known)
            study = cls(paths.ensure(folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{ending}"))
            study.ask(spec)
        return study

    @classmethod
    def reproduction(cls, recipe: str, scale: str, root: Path | None = None) -> StudyDirectory:
        """The folder of one experiment of the reports at one scale; it need not be there yet."""
        return cls((root or paths.runs_dir()) / REPRODUCTIONS / f"{recipe}-{scale}")

    @property
    def root(self) -> Path:
        """The folder of runs that its members lie in."""
        return self.path.parent.parent

    def ask(self, spec: StudySpec) -> None:
        """Write what is asked, in place of what was asked before."""
        paths.ensure(self.path)
        atomic.write_text(self.path / "study.json", spec.to_json())

    def spec(self) -> StudySpec:
        """Read what was asked.

        Raises:
            RunError: the file is missing or damaged.
        """
        return self._asked()[0]

    def _asked(self) -> tuple[StudySpec, tuple[tuple[Member, str], ...]]:
        path = self.path / "study.json"
        try:
            stat = path.stat()
            return _read(path, (stat.st_mtime_ns, stat.st_size))
        except (OSError, ValueError) as error:
            raise RunError(f"study.json of study {self.id} can't be read: {error}") from error

    def progress(self) -> Progress:
        """Find the run of every member: the finished one, else the newest."""
        found = find_members(self._asked()[1], self.root)
        return Progress(found, self.stop_wished(), self.refused())

    def wish_stop(self, wanted: bool = True) -> None:
        """Start no further run, or take that back."""
        if wanted:
            with atomic.storage_errors(self.path):
                (self.path / "stop").touch()
        else:
            (self.path / "stop").unlink(missing_ok=True)

    def stop_wished(self) -> bool:
        """Whether somebody wished it to stop."""
        return (self.path / "stop").exists()

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """Keep why members, by label, can't be trained on this machine."""
        if dict(reasons) != self.refused():
            atomic.write_json(self.path / "refused.json", dict(reasons))

    def refused(self) -> dict[str, str]:
        """What `refuse` kept."""
        return {str(label): str(reason) for label, reason in (self._json("refused.json") or {}).items()}

    def save_results(self, data: dict[str, Any]) -> None:
        """Replace what came out."""
        paths.ensure(self.path)
        atomic.write_json(self.path / "results.json", data)

    def results(self) -> dict[str, Any] | None:
        """What came out; None before.

        Raises:
            RunError: the file is damaged.
        """
        return self._json("results.json")

    def _json(self, name: str) -> dict[str, Any] | None:
        try:
            data = json.loads((self.path / name).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunError(f"{name} of study {self.id} is damaged: {error}.") from error
        if not isinstance(data, dict):
            raise RunError(f"{name} of study {self.id} is damaged: it is not an object.")
        return data


def list_studies(root: Path | None = None) -> list[StudyDirectory]:
    """All studies but the reports' experiments, newest first."""
    folder = (root or paths.runs_dir()) / STUDIES
    found = sorted(folder.glob("*/study.json"), reverse=True)
    return [StudyDirectory(path.parent) for path in found]


def list_reproductions(root: Path | None = None) -> list[StudyDirectory]:
    """The reports' experiments that were run here, whole or in part, by ID and scale."""
    folder = (root or paths.runs_dir()) / REPRODUCTIONS
    return [StudyDirectory(path.parent) for path in sorted(folder.glob("*/results.json"))]


@lru_cache(maxsize=64)
def _read(path: Path, stamp: tuple[int, int]) -> tuple[StudySpec, tuple[tuple[Member, str], ...]]:
    """The spec and each member with its experiment's hash; read again when the file was replaced."""
    del stamp
    spec = StudySpec.from_json(path.read_text("utf-8"))
    return spec, tuple((member, member.experiment.hash()) for member in spec.members())
