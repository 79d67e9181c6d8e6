"""Searches: which settings suit best, by cross-validation on training images alone.

`search_space` says what is asked, `sampling` what is tried next (Optuna, imported only when it is needed)
and what is given up early, `search_job` does the work and keeps the books, `search_shown` gives the
figures their points. Test images choose nothing here.
"""

from cnnviz.studies.search.search_job import Candidate, SearchJob, Tried
from cnnviz.studies.search.search_space import Dimension, Method, SearchSpec, report_space, settings_of

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
