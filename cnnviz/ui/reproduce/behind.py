"""What stands behind an experiment's numbers: verdicts with their evidence, differences, runs, the report."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz import words
from cnnviz.studies.recipe import Recipe, ScaleName, reports
from cnnviz.studies.verdict_words import evidence
from cnnviz.ui import navigation
from cnnviz.ui.compare.tabs import PART_KEY, WEIGHTS
from cnnviz.ui.compare.view import MOST_RUNS

_VERDICTS = {
    "holds": ":green[:material/check_circle: **holds**]",
    "does not hold": ":orange[:material/cancel: **does not hold**]",
    "not enough evidence": ":gray[:material/help: **not enough evidence**]",
}


def claims(found: dict[str, Any], scale: ScaleName) -> None:
    """Every claim with its verdict at this scale, and below it the numbers that led to it."""
    if not found.get("claims"):
        return
    with st.container(border=True, key="reproduce_claims"):
        for claim in found["claims"]:
            here = "" if scale == "full" or "exact count" in claim["test"] else f" at the scale {scale}"
            st.markdown(f"{_VERDICTS[claim['verdict']]}{here} · {claim['text']}")
            st.caption(evidence(claim))


def differs(found: dict[str, Any]) -> None:
    """Scale, seeds, hardware and versions, in a few sentences."""
    if found.get("differences"):
        st.caption(f"**What differs.** {' '.join(found['differences'])}")


def runs(recipe: Recipe, scale: ScaleName, found: dict[str, Any]) -> None:
    """A link to every run, and one to all of them side by side."""
    names = {variant.label: recipe.name(variant, scale) for variant in recipe.variants}
    rows = [(names.get(row["label"], row["label"]), row["runs"]) for row in found["rows"] if row["runs"]]
    if not rows:
        return
    number = sum(len(of) for _, of in rows)
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


def _link(text: str, variant: str, run: tuple[str, str]) -> None:
    """Lead to the report of one run, given with its seed."""
    st.page_link(
        navigation.page("report"),
        label=text,
        query_params={"run": run[1]},
        icon=":material/grading:",
        help=f"Report of {variant}, seed {run[0]}",
    )


def _beside(rows: list[tuple[str, dict[str, str]]], found: dict[str, Any]) -> None:
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


def _weights(found: dict[str, Any]) -> bool:
    return any(one["name"] == "weight_histograms" for one in found.get("drawings", []))


def source(recipe: Recipe) -> None:
    """Where the published numbers come from, and what is known about how they were made."""
    report = next(one for one in reports() if recipe.id.startswith(one.key))
    with st.expander("The report, and what it leaves open", icon=":material/article:"):
        hardware = (
            f" Published numbers were measured on: {recipe.published_on}." if recipe.published_on else ""
        )
        st.markdown(f"{recipe.source}.{hardware}")
        for notes in (recipe.notes, report.notes):
            if notes:
                st.markdown(" ".join(notes.split()))
