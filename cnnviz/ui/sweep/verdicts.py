"""The page Sweep: what the differences are worth, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cnnviz.studies.sweep.sentences import (
    advice,
    least,
    measure,
    pair_numbers,
    points,
    seeds,
    time_sentence,
    trend_sentence,
)
from cnnviz.studies.wording import measured_share

MARKS = {
    "more than chance": ":green[:material/check_circle: **more than chance**]",
    "could be chance": ":orange[:material/casino: **could be chance**]",
    "not enough evidence": ":gray[:material/help: **not enough evidence**]",
}
#: Sentences shown at once; all pairs are in a table further down.
_MOST_SENTENCES = 3
_HELP = (
    "Both settings were trained with the same seeds on the same images, so they are compared seed by seed. "
    "The 95 % interval says where the difference of many more seeds would lie; p is how often chance alone "
    "gives a difference at least as large. Among several pairs some differ by chance: their p-values are "
    "corrected together (Holm 1979), and the verdict goes by the corrected one. A trend is the mean slope of "
    "straight lines, one through the runs of each seed."
)


def headline(found: dict[str, Any]) -> None:
    """The verdicts that matter most; of repeats, what their spread means."""
    if len(found["rows"]) == 1:
        _repeats(found)
        return
    pairs = [pair for pair in found["pairs"] if pair["estimate"] is not None]
    if pairs and all(pair["n"] == 1 for pair in pairs) and len(pairs) > 1:
        st.markdown(f"{MARKS['not enough evidence']} · one seed: differences can't be told from chance")
        return
    trends = [trend for trend in found["trends"] if trend["metric"] == "test_accuracy"]
    shown = pairs if len(pairs) + len(trends) <= _MOST_SENTENCES else _of_the_best(found, pairs)
    lines = [f":material/trending_up: **trend** · {trend_sentence(trend)}" for trend in trends[:2]]
    lines += [f"{MARKS[pair['verdict']]} · {pair_numbers(pair, len(found['pairs']))}" for pair in shown]
    if lines:
        st.markdown("  \n".join(lines), help=_HELP)
    notes = list(dict.fromkeys(filter(None, (advice(pair, len(found["pairs"])) for pair in shown))))
    if len(pairs) == 1 and (time := time_sentence(pairs[0])):
        notes.append(time)
    if notes:
        st.caption(" ".join(notes))


def _of_the_best(found: dict[str, Any], pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The most accurate setting against those nearest to it: what a choice depends on."""
    known = [row for row in found["rows"] if row["test_accuracy"]]
    best = max(known, key=lambda row: row["test_accuracy"]["mean"])["label"]
    own = [pair for pair in pairs if best in (pair["first"], pair["second"])]
    return sorted(own, key=lambda pair: abs(pair["estimate"]))[:2]


def _repeats(found: dict[str, Any]) -> None:
    row = found["rows"][0]
    one = row["test_accuracy"]
    text = f"**{measured_share(measure(one))}** of the test images right"
    if one["low"] is not None:
        text += f", 95 % interval of the mean {100 * one['low']:.1f} … {100 * one['high']:.1f} %"
    st.markdown(f"{text}. {least(found) or 'One seed shows no spread: repeat with more seeds.'}")


def all_pairs(found: dict[str, Any]) -> None:
    """Every pair in a table, folded; nothing where the sentences say it all."""
    pairs = [pair for pair in found["pairs"] if pair["estimate"] is not None]
    if len(pairs) <= _MOST_SENTENCES:
        return
    with st.expander(f"All {len(pairs)} pairs", icon=":material/balance:"):
        data = {
            "Difference": [pair["name"] for pair in pairs],
            "Points": [points(pair["estimate"]) for pair in pairs],
            "95 %": [_interval(pair) for pair in pairs],
            "p together": [_p(pair["p_together"]) for pair in pairs],
            "Seeds": [seeds(pair["n"]) for pair in pairs],
            "Verdict": [pair["verdict"] for pair in pairs],
            "Time": [_times(pair) for pair in pairs],
        }
        st.dataframe(
            pd.DataFrame(data),
            hide_index=True,
            key="sweep_pairs",
            placeholder="–",
            column_config={
                "p together": st.column_config.TextColumn("p, corrected", help=_HELP),
                "95 %": st.column_config.TextColumn(
                    "95 % interval", help="Of the difference in points, by Student's t, of this pair alone."
                ),
                "Time": st.column_config.TextColumn(
                    help="How often as long the training of the first takes as that of the second."
                ),
            },
        )
        st.caption(
            "Paired t-tests over seeds, corrected together by Holm. Pairs differ in one setting alone."
        )


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _interval(pair: dict[str, Any]) -> str:
    return "–" if pair["low"] is None else f"{points(pair['low'])} … {points(pair['high'])}"


def _times(pair: dict[str, Any]) -> str:
    return "–" if pair["times"] is None else f"{pair['times']:.2f} ×"
