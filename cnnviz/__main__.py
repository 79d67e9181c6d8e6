"""`python -m cnnviz`, and the `cnnviz` command."""

import sys

from cnnviz.errors import CnnvizError


def main() -> None:
    """Run the command of the command line.

    Entries (settings, data sets, metrics, …) are checked while they are imported, so that this is where a
    wrong one becomes one sentence.
    """
    try:
        from cnnviz.cli import main as command
    except CnnvizError as error:
        print(f"cnnviz: {error}", file=sys.stderr)
        sys.exit(2)
    command()


if __name__ == "__main__":
    main()
