"""The `cnnviz` command: in this process, as cheap as a function, or in one of its own, as a user types it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

import pytest

from cnnviz.cli import main
from tests.patience import PATIENCE


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def cnnviz(*arguments: str, folders: Mapping[str, str] | None = None) -> Done:
    """Run a command in this process; nobody is at the keyboard.

    Args:
        folders: variables that name folders, on top of those that are set.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
    ):
        patch.setattr(sys, "stdin", io.StringIO())
        for variable, folder in (folders or {}).items():
            patch.setenv(variable, folder)
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
    assert isinstance(left.value.code, int)
    return Done(left.value.code, out.getvalue(), err.getvalue())


def typed(*arguments: str, folders: Mapping[str, str] | None = None) -> Done:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "cnnviz", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, **(folders or {})},
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def printed(*arguments: str, folders: Mapping[str, str] | None = None) -> Any:
    """What a command prints that is given --json and must succeed."""
    done = cnnviz(*arguments, "--json", folders=folders)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(*arguments: str, folders: Mapping[str, str] | None = None) -> str:
    """The one line of a command that must be refused: exit code 2, and nothing on stdout."""
    return refusal(cnnviz(*arguments, folders=folders))


def refusal(done: Done) -> str:
    """What it says, if it is one line on stderr and exit code 2."""
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.startswith("cnnviz: ")
    assert done.stderr.count("\n") == 1
    return done.stderr
