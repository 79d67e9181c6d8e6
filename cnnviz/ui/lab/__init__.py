"""The parts of the page Convolution lab, one a file."""
