"""What came out of an experiment: table, verdicts, pictures, and what stands behind them."""

from __future__ import annotations

import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.studies.drawing import Drawn, draw_all
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.outcome import read_outcome
from cnnviz.studies.recipe import Recipe, ScaleName, recipes
from cnnviz.ui import show
from cnnviz.ui.reproduce import before, behind, drawings

#: The drawing that stands first: published beside measured.
_TABLE = "table"


def results(recipe: Recipe, scale: ScaleName, folder: StudyDirectory) -> None:
    """Show all there is; where there is nothing yet, what the report says and what will be tested."""
    try:
        found = folder.results()
    except CnnvizError as error:
        show.problem(error)
        return
    if not found or "rows" not in found:
        before.expected(recipe, scale)
        return
    if found.get("state") == "stopped":
        st.caption("Stopped before its end: what came out so far stands below, and nothing of it is lost.")
    else:
        for problem in found.get("problems", []):
            st.warning(problem, icon=":material/info:")
    drawn = _drawn(recipe.id, scale, (folder.path / "results.json").stat().st_mtime_ns)
    main = [drawing for one in drawn if one.name == _TABLE for drawing in one.drawings]
    others = [drawing for one in drawn if one.name != _TABLE for drawing in one.drawings]
    # Its note says what differs, which stands on the page in any case.
    drawings.tables([drawing._replace(note="") for drawing in main], f"main_{recipe.id}")
    behind.differs(found)
    behind.claims(found, scale)
    drawings.pictures([one for one in others if not one.table], f"drawing_{recipe.id}")
    drawings.tables([one for one in others if one.table], f"table_{recipe.id}")
    behind.runs(recipe, scale, found)
    behind.source(recipe)


@st.cache_resource(max_entries=16, show_spinner="Drawing …")
def _drawn(recipe_id: str, scale: ScaleName, stamp: int) -> tuple[Drawn, ...]:
    """Drawings of an outcome; `stamp` changes with its results."""
    recipe = recipes().get(recipe_id)
    return draw_all(read_outcome(recipe, scale, StudyDirectory.reproduction(recipe_id, scale)))
