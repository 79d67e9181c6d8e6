"""Sweep: what a setting does, over several seeds, and whether it is more than chance."""

from cnnviz.ui import show
from cnnviz.ui.sweep import sweep_form, sweep_view

ICON, PLACE, MENU = ":material/stacked_line_chart:", 110, "Further"

sweep = sweep_view.pick()
with show.guard():
    if sweep is None:
        sweep_form.form()
    else:
        sweep_view.live(sweep)
        sweep_view.asked(sweep)
