"""The metrics that cnnviz knows; a file put here is found."""
