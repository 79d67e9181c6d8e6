"""Run directories: the only contract between app, worker, command line and cluster.

One writer, many readers, no pickles. See `rundir` for the layout.
"""

from cnnviz.runs.rundir import RunDirectory, RunSpec
from cnnviz.runs.status import ACTIVE, FINISHED, State, Status
from cnnviz.runs.store import RunSummary, delete, find_finished, find_run, list_runs, load_summary, resolve

__all__ = [
    "ACTIVE",
    "FINISHED",
    "RunDirectory",
    "RunSpec",
    "RunSummary",
    "State",
    "Status",
    "delete",
    "find_finished",
    "find_run",
    "list_runs",
    "load_summary",
    "resolve",
]
