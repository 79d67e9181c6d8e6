"""What came out of an experiment: drawings, verdicts, what differs from the report, the runs behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cnnviz.errors import CnnvizError
from cnnviz.studies.drawing import Drawing, Drawn, draw_all
from cnnviz.studies.folder import StudyDirectory
from cnnviz.studies.outcome import read_outcome
from cnnviz.studies.recipe import Recipe, ScaleName, recipes
from cnnviz.ui import navigation, show, words

_VERDICTS = {
    "holds": ":green[:material/check_circle: holds]",
    "does not hold": ":orange[:material/cancel: does not hold]",
    "not enough evidence": ":gray[:material/help: not enough evidence]",
}


def results(recipe: Recipe, scale: ScaleName, folder: StudyDirectory) -> None:
    """Show all there is; where there is nothing yet, what to do."""
    try:
        found = folder.results()
    except CnnvizError as error:
        show.problem(error)
        return
    if not found or "rows" not in found:
        show.empty("Not run at this scale yet.", "Press the button above; finished parts appear here.")
        return
    for problem in found.get("problems", []):
        st.warning(problem, icon=":material/info:")
    _drawings(recipe, scale, folder)
    _claims(found)
    _differs(recipe, found)
    _runs(found)


def _drawings(recipe: Recipe, scale: ScaleName, folder: StudyDirectory) -> None:
    stamp = (folder.path / "results.json").stat().st_mtime_ns
    single = [drawing for drawn in _drawn(recipe.id, scale, stamp) for drawing in drawn.drawings]
    tables = [drawing for drawing in single if drawing.table is not None]
    pictures = [drawing for drawing in single if drawing.table is None]
    for number, drawing in enumerate(tables):
        _one(drawing, f"table_{recipe.id}_{number}")
    for start in range(0, len(pictures), 2):
        pair = pictures[start : start + 2]
        for offset, (column, drawing) in enumerate(
            zip(st.columns(len(pair), gap="medium"), pair, strict=True)
        ):
            with column:
                _one(drawing, f"drawing_{recipe.id}_{start + offset}")


@st.cache_resource(max_entries=16, show_spinner="Drawing …")
def _drawn(recipe_id: str, scale: ScaleName, stamp: int) -> tuple[Drawn, ...]:
    """Drawings of an outcome; `stamp` changes with its results."""
    recipe = recipes().get(recipe_id)
    return draw_all(read_outcome(recipe, scale, StudyDirectory.reproduction(recipe_id, scale)))


def _one(drawing: Drawing, key: str) -> None:
    if drawing.figure is not None:
        show.figure(drawing.figure, key=key, alt=drawing.alt or drawing.title)
    if drawing.table is not None:
        st.markdown(f"**{drawing.title}**")
        table = pd.DataFrame(list(drawing.table.rows), columns=list(drawing.table.headings))
        st.dataframe(table, hide_index=True, key=key, height=min(38 * (len(table) + 1), 460))
    if drawing.png is not None:
        st.markdown(f"**{drawing.title}**")
        show.sprite(drawing.png, key=key, alt=drawing.alt or drawing.title)
    if drawing.note:
        st.caption(drawing.note)


def _claims(found: dict[str, Any]) -> None:
    for claim in found.get("claims", []):
        with st.container(border=True):
            st.markdown(f"{_VERDICTS[claim['verdict']]} — {claim['text']}")
            st.caption(f"{claim['reason']} Test: {claim['test']}; n = {claim['n']}.")


def _differs(recipe: Recipe, found: dict[str, Any]) -> None:
    with st.expander("What differs from the report", icon=":material/difference:"):
        for line in found.get("differences", []):
            st.markdown(f"- {line}")
        st.caption(
            f"Source: {recipe.source}."
            + (f" Published on {recipe.published_on}." if recipe.published_on else "")
        )
        if recipe.notes:
            st.markdown(recipe.notes)


def _runs(found: dict[str, Any]) -> None:
    rows = [(row["label"], seed, run) for row in found["rows"] for seed, run in row["runs"].items()]
    if not rows:
        return
    with st.expander(f"The runs behind it ({words.count(len(rows))})", icon=":material/list:"):
        for label, seed, run in rows:
            st.page_link(
                navigation.page("report"), label=f"{label}, seed {seed}", query_params={"run": run},
                icon=":material/grading:",
            )  # fmt: skip
