"""Compare: several runs side by side, and two of them image by image."""

from cnnviz.ui import show
from cnnviz.ui.compare import compare_entries, compare_figures, compare_view

ICON, PLACE = ":material/compare_arrows:", 80

runs = compare_view.pick()
if runs:
    with show.guard():
        compare_view.caution(runs)
        entries = compare_view.entries(runs)
        compare_figures.pictures(entries)
        compare_entries.table(entries)
        compare_view.render(runs, entries)
