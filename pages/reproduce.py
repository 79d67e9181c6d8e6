"""Reproduce: the experiments of five reports, published beside measured."""

from cnnviz.ui import show
from cnnviz.ui.reproduce import results, view

show.header("Reproduce", "Does it come out as published?")
recipe, scale = view.pick()
folder = view.controls(recipe, scale)
with show.guard():
    results.results(recipe, scale, folder)
