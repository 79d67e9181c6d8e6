"""cnnviz: a laboratory for convolutional networks in the browser."""

__version__ = "0.2.0"
