"""What came out of an experiment: table, verdicts, pictures, and what stands behind them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnnviz import words
from cnnviz.errors import CnnvizError
from cnnviz.reports import planned
from cnnviz.reports.claims import evidence
from cnnviz.reports.drawings import Drawing, Drawn, draw_all
from cnnviz.reports.library import library
from cnnviz.reports.outcome import planned_outcome, read_outcome
from cnnviz.reports.recipe import Recipe, ScaleName
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.reports.results import Results, read_results
from cnnviz.ui import navigation, show
from cnnviz.ui.compare.compare_view import MOST_RUNS, PART_KEY, WEIGHTS
from cnnviz.ui.reproduce import experiment_drawings

#: The drawing that stands first: published beside measured.
_TABLE = "table"


def results(recipe: Recipe, scale: ScaleName, folder: ReproductionJob) -> None:
    """Show all there is; where there is nothing yet, what the report says and what will be tested."""
    try:
        found = read_results(folder)
    except CnnvizError as error:
        show.problem(error)
        return
    if found is None:
        expected(recipe, scale)
        return
    if found.state == "stopped":
        st.caption("Stopped before its end: what came out so far stands below, and nothing of it is lost.")
    drawn = _drawn(recipe, recipe.hash(), scale, (folder.path / "results.json").stat().st_mtime_ns)
    main = [drawing for one in drawn if one.name == _TABLE for drawing in one.drawings]
    others = [drawing for one in drawn if one.name != _TABLE for drawing in one.drawings]
    # Its note says what differs, which stands on the page in any case.
    experiment_drawings.tables([drawing._replace(note="") for drawing in main], f"main_{recipe.id}")
    differs(found)
    claims(found, scale)
    experiment_drawings.pictures([one for one in others if not one.table], f"drawing_{recipe.id}")
    experiment_drawings.tables([one for one in others if one.table], f"table_{recipe.id}")
    runs(recipe, scale, found)
    source(recipe)


@st.cache_resource(max_entries=16, show_spinner="Drawing …")
def _drawn(_recipe: Recipe, recipe_hash: str, scale: ScaleName, stamp: int) -> tuple[Drawn, ...]:
    """Drawings of an outcome; `stamp` changes with its results, the hash with a person's own file."""
    return draw_all(read_outcome(_recipe, scale, ReproductionJob.at(_recipe.id, scale)))


def expected(recipe: Recipe, scale: ScaleName) -> None:
    """Show what the report says and what will stand beside it."""
    found, claims, shown = _announced(recipe, recipe.hash(), scale)
    experiment_drawings.tables([one for one in found if one.table], f"before_{recipe.id}_{scale}")
    st.caption(shown)
    if claims:
        with st.container(border=True, key="reproduce_claims"):
            for claim in claims:
                st.markdown(f":gray[:material/hourglass_empty: **not tested yet**] · {claim.text}")
                st.caption(claim.decided_by)
    experiment_drawings.pictures([one for one in found if not one.table], f"published_{recipe.id}_{scale}")
    source(recipe)


@st.cache_data(max_entries=64, show_spinner=False)
def _announced(
    _recipe: Recipe, recipe_hash: str, scale: ScaleName
) -> tuple[Sequence[Drawing], list[planned.Expected], str]:
    outcome = planned_outcome(_recipe, scale, ReproductionJob.at(_recipe.id, scale))
    return planned.drawings(outcome), planned.claims(outcome), planned.shown(outcome)


_VERDICT_WORDS = {
    "holds": ":green[:material/check_circle: **holds**]",
    "does not hold": ":orange[:material/cancel: **does not hold**]",
    "not enough evidence": ":gray[:material/help: **not enough evidence**]",
}


def claims(found: Results, scale: ScaleName) -> None:
    """Every claim with its verdict at this scale, and below it the numbers that led to it."""
    if not found.claims:
        return
    with st.container(border=True, key="reproduce_claims"):
        for claim in found.claims:
            here = "" if scale == "full" or claim.exact else f" at the scale {scale}"
            st.markdown(f"{_VERDICT_WORDS[claim.verdict]}{here} · {claim.text}")
            st.caption(evidence(claim))


def differs(found: Results) -> None:
    """Scale, seeds, hardware and versions, in a few sentences."""
    if found.differences:
        st.caption(f"**What differs.** {' '.join(found.differences)}")


def runs(recipe: Recipe, scale: ScaleName, found: Results) -> None:
    """A link to every run, and one to all of them side by side."""
    names = {variant.label: recipe.name(variant, scale) for variant in recipe.variants}
    rows = [(names.get(row.label, row.label), row.runs) for row in found.rows if row.runs]
    if not rows:
        return
    number = found.trainings
    with st.container(key="reproduce_runs"):
        st.markdown(
            "**The run behind it**" if number == 1 else f"**The {words.count(number)} runs behind it**"
        )
        if number == len(rows):
            with st.container(horizontal=True, gap="small"):
                for label, of in rows:
                    _link(label, label, *of.items())
        else:
            for label, of in rows:
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.markdown(label, width="content")
                    for seed, run in of.items():
                        _link(f"seed {seed}", label, (seed, run))
        _beside(rows, found)


def _link(text: str, variant: str, run: tuple[int, str]) -> None:
    """Lead to the report of one run, given with its seed."""
    st.page_link(
        navigation.page("report"),
        label=text,
        query_params={"run": run[1]},
        icon=":material/grading:",
        help=f"Report of {variant}, seed {run[0]}",
    )


def _beside(rows: list[tuple[str, dict[int, str]]], found: Results) -> None:
    """Lead to Compare with the first run of each variant, and to their weights where these are drawn."""
    first = [next(iter(of.values())) for _, of in rows][:MOST_RUNS]
    if len(first) < 2 and not _weights(found):
        return
    query = {"runs": ",".join(first)}
    if _weights(found):
        query[PART_KEY] = WEIGHTS
    st.page_link(
        navigation.page("compare"),
        icon=":material/compare_arrows:",
        query_params=query,
        label="Compare their weights and biases" if _weights(found) else "Compare these runs",
    )


def _weights(found: Results) -> bool:
    return any(drawn.name == "weight_histograms" for drawn in found.drawings)


def source(recipe: Recipe) -> None:
    """Where the published numbers come from, and what is known about how they were made."""
    report = library().report_of[recipe.id]
    title = "The report, and what it leaves open" if report.key else "Where this experiment comes from"
    with st.expander(title, icon=":material/article:"):
        hardware = (
            f" Published numbers were measured on: {recipe.published_on}." if recipe.published_on else ""
        )
        st.markdown(f"{recipe.source}.{hardware}")
        for notes in (recipe.notes, report.notes):
            if notes:
                st.markdown(" ".join(notes.split()))
