"""The parts of the page Sweep, one a file."""
