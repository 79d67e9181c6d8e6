"""Compare: several runs side by side, and two of them image by image."""

from cnnviz.ui import show
from cnnviz.ui.compare import pictures, table, tabs, view

runs = view.pick()
if runs:
    with show.guard():
        view.caution(runs)
        entries = view.entries(runs)
        pictures.pictures(entries)
        table.table(entries)
        tabs.render(runs, entries)
