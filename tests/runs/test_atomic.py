"""Whole files are complete or absent; a failing disk is told, and costs nothing saved."""

import errno
import json
import math
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz.errors import StorageError
from cnnviz.runs import atomic


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_failure_while_writing_keeps_the_old_file_and_leaves_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    atomic.write_text(path, "old")

    def write_half() -> None:
        with atomic.replacing(path) as beside:
            assert beside.suffix == ".keras"
            beside.write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageError, match="no space left"):
        write_half()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["model.keras"]


def test_what_is_just_being_written_counts_neither_as_a_file_nor_as_a_folder(tmp_path: Path) -> None:
    with atomic.new_folder(tmp_path / "b") as folder, atomic.replacing(tmp_path / "a.json") as beside:
        beside.write_text("{}")
        (folder / "asked.json").write_text("{}")
        assert [*tmp_path.glob("*.json")] == [beside], "why `whole` is there"
        assert atomic.whole(tmp_path, "*.json") == []
        assert atomic.whole(tmp_path, "*/asked.json") == []
    assert atomic.whole(tmp_path, "*.json") == [tmp_path / "a.json"]
    assert atomic.whole(tmp_path, "*/asked.json") == [tmp_path / "b" / "asked.json"]


def test_what_a_killed_process_left_is_removed_when_it_is_a_day_old(tmp_path: Path) -> None:
    left = [tmp_path / name for name in (".new.run", ".deleted.run")]
    kept = [tmp_path / name for name in (".studies", "run", ".upload-x1", ".new.young")]
    for folder in left + kept:
        folder.mkdir()
        (folder / "file").write_text("content")
    files = [tmp_path / ".0a1b2c3d.model.keras", tmp_path / "model.keras", tmp_path / ".cafe.txt"]
    for file in files:
        file.write_text("content")
    for path in [*left, *kept[:-1], *files]:
        os.utime(path, (1, 1))
    atomic.clear_aside(tmp_path, ".new.", ".deleted.")
    atomic.clear_aside(tmp_path / "nothing", ".new.")
    assert sorted(tmp_path.iterdir()) == sorted([*kept, *files[1:]])


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    """A real limit on file size, in a process of its own, stands for a full disk."""
    code = (
        "import resource, signal, sys; from pathlib import Path; from cnnviz.runs import atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "atomic.write_bytes(Path(sys.argv[1]), b'x' * 5000)\n"
    )
    path = tmp_path / "report.json"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert "StorageError: report.json could not be written: no space left" in done.stderr
    assert path.read_text() == "old"
    assert names(tmp_path) == ["report.json"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_a_new_folder_is_whole_or_absent(tmp_path: Path) -> None:
    with atomic.new_folder(tmp_path / "one") as beside:
        (beside / "spec").write_text("one")
    assert (tmp_path / "one" / "spec").read_text() == "one"

    def write_half() -> None:
        with atomic.new_folder(tmp_path / "two") as beside:
            (beside / "spec").write_text("two")
            raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        write_half()
    assert names(tmp_path) == ["one"]


def test_numbers_that_are_not_finite_become_null(tmp_path: Path) -> None:
    atomic.write_json(tmp_path / "report.json", {"loss": math.nan, "more": [1.5, -math.inf], "n": 3})
    assert json.loads((tmp_path / "report.json").read_text()) == {"loss": None, "more": [1.5, None], "n": 3}
