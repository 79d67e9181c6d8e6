"""The recipes and finished runs of tests/studies, for the reports' tests too."""

from tests.studies.conftest import outcome, recipe, run_of

__all__ = ["outcome", "recipe", "run_of"]
