"""Report: how well a run does, class by class, and where it goes wrong."""

from cnnviz.ui import report_view, report_view_cell, report_view_details, show

run, split = report_view.pick()
if run and report_view.ready(run):
    with show.guard():
        result = report_view.evaluation(run, split)
        report_view.headline(run, result)
        report_view_cell.render(run, result)
        report_view_details.render(run, result)
