"""Report: how well a run does, class by class, and where it goes wrong."""

from cnnviz.ui import show
from cnnviz.ui.report import cell, details, view

run, split = view.pick()
if run and view.ready(run):
    with show.guard():
        result = view.evaluation(run, split)
        view.headline(run, result)
        cell.render(run, result)
        details.render(run, result)
