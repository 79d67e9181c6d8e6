"""Report: how well a run does, class by class, and where it goes wrong; at its end or after any epoch."""

from cnnviz.ui import show
from cnnviz.ui.report import confusion_cell, report_details, report_epochs, report_view

ICON, PLACE = ":material/grading:", 50

run, split = report_view.pick()
if run and report_view.ready(run):
    with show.guard():
        result, kept = report_view.evaluation(run, split), report_epochs.of(run)
        before = report_epochs.past(kept, result)
        report_view.headline(run, result, before, kept)
        if before:
            confusion_cell.render_past(run, before, kept)
        else:
            confusion_cell.render(run, result)
        report_details.render(run, before or result)
