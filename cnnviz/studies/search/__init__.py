"""Searches: which settings suit best, by cross-validation on training images alone.

`space` says what is asked, `sampling` what is tried next (Optuna, imported only when it is needed),
`median` what is given up early, `search_job` what lies on disk, `search_work` does the work.
Test images choose nothing here.
"""

from cnnviz.studies.search.search_job import Candidate, SearchJob, Tried
from cnnviz.studies.search.space import Dimension, Method, SearchSpec, report_space, settings_of

__all__ = [
    "Candidate",
    "Dimension",
    "Method",
    "Tried",
    "SearchJob",
    "SearchSpec",
    "report_space",
    "settings_of",
]
