"""The parts of the page Architecture, one a file."""
