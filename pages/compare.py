"""Compare: several runs side by side, and two of them image by image."""

from cnnviz.ui import show
from cnnviz.ui.compare import tabs, view

runs = view.pick()
if runs:
    with show.guard():
        view.pictures(runs)
        view.table(runs)
        tabs.render(runs)
