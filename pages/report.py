"""Report: how well a run does, class by class, and where it goes wrong; at its end or after any epoch."""

from cnnviz.ui import show
from cnnviz.ui.report import cell, details, epochs, headline, past, view

run, split = view.pick()
if run and view.ready(run):
    with show.guard():
        result, kept = view.evaluation(run, split), epochs.of(run)
        before = epochs.past(kept, result)
        headline.headline(run, result, before, kept)
        if before:
            past.render(run, before, kept)
            details.render_past(run, before)
        else:
            cell.render(run, result)
            details.render(run, result)
