"""Reproduce: the experiments of five reports, published beside measured."""

from cnnviz.ui import show
from cnnviz.ui.reproduce import results, view

if view.pick_look() == view.ALL:
    view.all_experiments()
else:
    recipe, scale = view.pick()
    folder = view.controls(recipe, scale)
    with show.guard():
        results.results(recipe, scale, folder)
