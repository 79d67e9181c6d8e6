"""The `cnnviz` command: what the app can do, without a browser.

Every command takes `--json` and then prints one JSON document on stdout and nothing else there.
Exit codes: 0; 2 with one line on stderr for what the user can mend; 130 after Ctrl-C. Commands import
what they need when they run, so that `describe` starts without Keras and `runs` without numpy's friends.
"""

from __future__ import annotations

import sys

import typer

from cnnviz import __version__
from cnnviz.cli import catalogue, exporting, jobs, reproduce, results, search, sweep, training, transfer
from cnnviz.cli.console import say
from cnnviz.errors import CnnvizError
from cnnviz.registry import refusing

app = typer.Typer(
    name="cnnviz",
    help="A laboratory for convolutional networks: data sets, networks, trainings and their reports.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"cnnviz {__version__}")
        raise typer.Exit


@app.callback()
def _whole(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print it."),
) -> None:
    """A laboratory for convolutional networks: data sets, networks, trainings and their reports."""


for module in (catalogue, training, results, exporting, sweep, search, reproduce, transfer, jobs):
    module.register(app)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit.

    Args:
        arguments: without the program's name; None: those of the process.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with refusing():  # whoever wrote a wrong entry sits here
            code = app(given or ["--help"], prog_name="cnnviz", standalone_mode=False)
    except typer.Exit as leaving:
        code = leaving.exit_code
    except (CnnvizError, typer.TyperException) as error:
        say(f"cnnviz: {error.format_message() if isinstance(error, typer.TyperException) else error}")
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:
        # The reader (head, less) has left; without this Python complains again while it closes stdout.
        sys.stdout = None
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
