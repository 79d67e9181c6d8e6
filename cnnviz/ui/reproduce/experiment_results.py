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
from cnnviz.reports.results import Results
from cnnviz.ui import navigation, show
from cnnviz.ui.compare.compare_view import MOST_RUNS, PART_KEY, WEIGHTS
from cnnviz.ui.reproduce import experiment_drawings

#: The drawing that stands first: published beside measured.
_TABLE = "table"


def results(recipe: Recipe, scale: ScaleName, job: ReproductionJob) -> None:
    """Show all there is; where there is nothing yet, what the report says and what will be tested."""
    try:
        measured = job.results()
    except CnnvizError as error:
        show.problem(error)
        return
    if measured is None:
        _expected(recipe, scale)
        return
    if measured.state == "stopped":
        st.caption("Stopped before its end: what came out so far stands below, and nothing of it is lost.")
    drawn = _drawn(recipe, recipe.hash(), scale, (job.path / "results.json").stat().st_mtime_ns)
    main = [drawing for each in drawn if each.name == _TABLE for drawing in each.drawings]
    others = [drawing for each in drawn if each.name != _TABLE for drawing in each.drawings]
    # Its note says what differs, which stands on the page in any case.
    experiment_drawings.tables([drawing._replace(note="") for drawing in main], f"main_{recipe.id}")
    if measured.lacking:
        st.caption(show.plain(measured.lacking))
    if measured.differences:
        st.caption(f"**What differs.** {show.plain(' '.join(measured.differences))}")
    if measured.claims:
        with st.container(border=True, key="reproduce_claims"):
            for claim in measured.claims:
                here = "" if scale == "full" or claim.exact else f" at the scale {scale}"
                st.markdown(f"{_VERDICT_WORDS[claim.verdict]}{here} · {show.plain(claim.text)}")
                st.caption(show.plain(evidence(claim)))
    experiment_drawings.pictures([drawing for drawing in others if not drawing.table], f"drawing_{recipe.id}")
    experiment_drawings.tables([drawing for drawing in others if drawing.table], f"table_{recipe.id}")
    _runs(recipe, scale, measured)
    _source(recipe)


def _expected(recipe: Recipe, scale: ScaleName) -> None:
    """What the report says and what will stand beside it."""
    published, claims, shown = _announced(recipe, recipe.hash(), scale)
    experiment_drawings.tables(
        [drawing for drawing in published if drawing.table], f"before_{recipe.id}_{scale}"
    )
    st.caption(show.plain(shown))
    if claims:
        with st.container(border=True, key="reproduce_claims"):
            for claim in claims:
                st.markdown(
                    f":gray[:material/hourglass_empty: **not tested yet**] · {show.plain(claim.text)}"
                )
                st.caption(show.plain(claim.decided_by))
    pictures = [drawing for drawing in published if not drawing.table]
    experiment_drawings.pictures(pictures, f"published_{recipe.id}_{scale}")
    _source(recipe)


@st.cache_resource(max_entries=16, show_spinner="Drawing …")
def _drawn(_recipe: Recipe, recipe_hash: str, scale: ScaleName, stamp: int) -> tuple[Drawn, ...]:
    """Drawings of an outcome; `stamp` changes with its results, the hash with a person's own file."""
    return draw_all(read_outcome(_recipe, scale, ReproductionJob.at(_recipe.id, scale)))


@st.cache_data(max_entries=64, show_spinner=False)
def _announced(
    _recipe: Recipe, recipe_hash: str, scale: ScaleName
) -> tuple[Sequence[Drawing], list[planned.Expected], str]:
    outcome = planned_outcome(_recipe, scale, ReproductionJob.at(_recipe.id, scale).path)
    return planned.drawings(outcome), planned.claims(outcome), planned.shown(outcome)


_VERDICT_WORDS = {
    "holds": ":green[:material/check_circle: **holds**]",
    "does not hold": ":orange[:material/cancel: **does not hold**]",
    "not enough evidence": ":gray[:material/help: **not enough evidence**]",
}


def _runs(recipe: Recipe, scale: ScaleName, measured: Results) -> None:
    """A link to every run, and one to Compare with the first of each variant."""
    names = {variant.label: recipe.name(variant, scale) for variant in recipe.variants}
    rows = [(names.get(row.label, row.label), row.runs) for row in measured.rows if row.runs]
    if not rows:
        return
    number, icon = measured.trainings, ":material/grading:"
    with st.container(key="reproduce_runs"):
        title = "The run behind it" if number == 1 else f"The {words.count(number)} runs behind it"
        st.markdown(f"**{title}**")
        if number == len(rows):
            with st.container(horizontal=True, gap="small"):
                for label, by_seed in rows:
                    ((seed, run),) = by_seed.items()
                    about = f"Report of {label}, seed {seed}"
                    navigation.link("report", label, {"run": run}, icon=icon, help=about)
        else:
            for label, by_seed in rows:
                show.runs_by_seed(label, by_seed, icon)
        first = [next(iter(by_seed.values())) for _, by_seed in rows][:MOST_RUNS]
        weights = any(drawn.name == "weight_histograms" for drawn in measured.drawings)
        if len(first) > 1 or weights:
            navigation.link(
                "compare",
                "Compare their weights and biases" if weights else "Compare these runs",
                {"runs": ",".join(first)} | ({PART_KEY: WEIGHTS} if weights else {}),
                icon=":material/compare_arrows:",
            )


def _source(recipe: Recipe) -> None:
    """Where the published numbers come from, and what is known about how they were made."""
    report = library().report_of[recipe.id]
    title = "The report, and what it leaves open" if report.key else "Where this experiment comes from"
    hardware = f" Published numbers were measured on: {recipe.published_on}." if recipe.published_on else ""
    with st.expander(title, icon=":material/article:"):
        st.markdown(show.plain(f"{recipe.source}.{hardware}"))
        for notes in filter(None, (recipe.notes, report.notes)):
            st.markdown(show.plain(" ".join(notes.split())))
