"""The parts of the page Home, one a file."""
