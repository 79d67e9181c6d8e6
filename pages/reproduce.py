"""Reproduce: the experiments of five reports, published beside measured."""

from cnnviz.ui import jobs, show
from cnnviz.ui.reproduce import experiment_results, reproduce_view

ICON, PLACE, MENU = ":material/fact_check:", 140, "Further"

if reproduce_view.pick_look() == reproduce_view.ALL:
    reproduce_view.all_experiments()
else:
    recipe, scale = reproduce_view.pick()
    job = reproduce_view.controls(recipe, scale)
    with show.guard():
        experiment_results.results(recipe, scale, job)
        jobs.delete(
            job, "Its table, verdicts and pictures at this scale are deleted for good; its runs stay."
        )
