"""cnnviz: a laboratory for convolutional networks in the browser."""

__version__ = "0.1.0"
