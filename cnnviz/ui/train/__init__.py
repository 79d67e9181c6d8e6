"""The parts of the page Train, one a file."""
