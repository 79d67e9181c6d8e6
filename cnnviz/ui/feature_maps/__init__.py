"""The parts of the page Feature maps, one a file."""
