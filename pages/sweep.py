"""Sweep: what a setting does, over several seeds, and whether it is more than chance."""

from cnnviz.ui import show
from cnnviz.ui.sweep import form, view

sweep = view.pick()
with show.guard():
    if sweep is None:
        form.form()
    else:
        view.live(sweep)
        view.asked(sweep)
