"""An experiment that was not run yet: published numbers with room for the measured, and claims to test."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz.studies import before
from cnnviz.studies.drawing import Drawing
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.outcome import planned_outcome
from cnnviz.studies.recipe import Recipe, ScaleName, recipes
from cnnviz.ui.reproduce import behind, drawings


def expected(recipe: Recipe, scale: ScaleName) -> None:
    """Show what the report says and what will stand beside it."""
    found, claims, shown = _announced(recipe.id, scale)
    drawings.tables([one for one in found if one.table], f"before_{recipe.id}_{scale}")
    st.caption(shown)
    if claims:
        with st.container(border=True, key="reproduce_claims"):
            for claim in claims:
                st.markdown(f":gray[:material/hourglass_empty: **not tested yet**] · {claim.text}")
                st.caption(claim.decided_by)
    drawings.pictures([one for one in found if not one.table], f"published_{recipe.id}_{scale}")
    behind.source(recipe)


@st.cache_data(max_entries=64, show_spinner=False)
def _announced(recipe_id: str, scale: ScaleName) -> tuple[Sequence[Drawing], list[before.Expected], str]:
    recipe = recipes().get(recipe_id)
    planned = planned_outcome(recipe, scale, StudyDirectory.reproduction(recipe_id, scale))
    return before.drawings(planned), before.claims(planned), before.shown(planned)
