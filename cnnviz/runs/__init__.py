"""Run directories: the only contract between app, worker, command line and cluster.

One writer, many readers, no pickles. See `rundir` for the layout.
"""

from cnnviz.runs.records import (
    ACTIVE,
    FINISHED,
    BatchRecord,
    DataSeen,
    EpochRecord,
    RunEnvironment,
    RunReport,
    State,
    Status,
)
from cnnviz.runs.rundir import RunDirectory, RunSpec
from cnnviz.runs.store import RunSummary, delete, list_runs, load_summary, resolve, runs_of

__all__ = [
    "ACTIVE",
    "FINISHED",
    "BatchRecord",
    "DataSeen",
    "EpochRecord",
    "RunDirectory",
    "RunEnvironment",
    "RunReport",
    "RunSpec",
    "RunSummary",
    "State",
    "Status",
    "delete",
    "list_runs",
    "load_summary",
    "resolve",
    "runs_of",
]
