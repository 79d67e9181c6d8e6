"""Compare: several runs side by side, and two of them image by image."""

from cnnviz.ui import compare_view, compare_view_tabs, show

runs = compare_view.pick()
if runs:
    with show.guard():
        compare_view.pictures(runs)
        compare_view.table(runs)
        compare_view_tabs.render(runs)
