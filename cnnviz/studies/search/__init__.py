"""Searches: which settings suit best, by cross-validation on training images alone.

`space` says what is asked, `sampling` what is tried next (Optuna, imported only when it is needed),
`median` what is given up early, `folder` what lies on disk, `runner` does the work in a process of its own.
Test images choose nothing here.
"""

from cnnviz.studies.search.folder import Candidate, Progress, SearchDirectory, list_searches
from cnnviz.studies.search.space import Dimension, Method, SearchSpec, report_space, settings_of

__all__ = [
    "Candidate",
    "Dimension",
    "Method",
    "Progress",
    "SearchDirectory",
    "SearchSpec",
    "list_searches",
    "report_space",
    "settings_of",
]
