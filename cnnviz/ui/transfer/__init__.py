"""The parts of the page Transfer, one a file."""
