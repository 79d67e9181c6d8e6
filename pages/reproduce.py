"""Reproduce: the experiments of five reports, published beside measured."""

from cnnviz.ui import reproduce_view, reproduce_view_results, show

show.header("Reproduce", "Does it come out as published?")
recipe, scale = reproduce_view.pick()
folder = reproduce_view.controls(recipe, scale)
with show.guard():
    reproduce_view_results.results(recipe, scale, folder)
