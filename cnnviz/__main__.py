"""`python -m cnnviz`, and the `cnnviz` command."""

from cnnviz import registry


def main() -> None:
    """Run the command of the command line."""
    with registry.ends_in_a_sentence():
        from cnnviz.cli import main as command
    command()


if __name__ == "__main__":
    main()
