"""Sweep: what a setting does, over several seeds, and whether it is more than chance."""

from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.ui import jobs
from cnnviz.ui.sweep import sweep_form, sweep_view

ICON, PLACE, MENU = ":material/stacked_line_chart:", 110, "Further"

jobs.page(
    SweepJob,
    "Sweep",
    "Is the difference real?",
    ask=sweep_form.form,
    draw=sweep_view.draw,
    asked=sweep_view.asked,
    deleted="What was asked and its results are deleted for good; its runs stay.",
)
