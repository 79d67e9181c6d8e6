"""The parts of the page Reproduce, one a file."""
