"""The parts of the page Search, one a file."""
