"""The parts of the page Report, one a file."""
