"""The parts of the page Data, one a file."""
