"""The page Transfer, what came out: scores by protocol beside those of networks, and the chosen features."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.evaluation import accuracy_interval
from cnnviz.figures.transfer_figures import Bar, Kind, scores_figure, selection_figure
from cnnviz.runs import RunSummary
from cnnviz.studies.transfer.transfer_job import Score, TransferJob, TransferResults, Unscored
from cnnviz.studies.transfer.transfer_spec import IMAGENET, PROTOCOLS, Protocol
from cnnviz.ui import cache, show
from cnnviz.ui.run_labels import colours_of, short, titles
from cnnviz.ui.transfer.transfer_view import Chosen

_HEIGHT = 330  # of both figures, so that they align
_TITLES: dict[Protocol, str] = {
    "cross-validation": "Cross-validation on test images",
    "train-test": "Fit on training, scored on test images",
}
_HELP: dict[Protocol, str] = {
    "cross-validation": "The report's protocol: the classifier is fitted on all folds of the test images but "
    "one and scored on that one, in turn. ± is the standard deviation over the folds. The features were "
    "chosen with training images alone.",
    "train-test": "The ordinary protocol: the classifier sees training images only, and every test image is "
    "scored once. In brackets the 95 % interval: what other test images would change.",
}


def render(chosen: Chosen) -> None:
    """What came out for these settings; beside it what else was trained on these images."""
    folder, results = chosen.folder, chosen.results
    if results:
        _headline(results)
    left, right = st.columns([1.15, 1], gap="medium") if results else (st.container(), st.container())
    with left:
        score_bars(chosen, _HEIGHT)
    if results is None:
        return
    kept = folder.selection()
    with right:
        if kept:
            width, k = len(kept["scores"]), len(kept["chosen"])
            show.figure(
                selection_figure(kept["scores"], kept["chosen"]),
                key="transfer_selection",
                height=_HEIGHT,
                alt=f"Chi-square of {width} features, the largest first; the first {k} are chosen.",
            )
    if kept:
        _chosen(kept)
    _details(results)


def _headline(results: TransferResults) -> None:
    columns = st.columns([1, 1])
    for column, protocol in zip(columns, PROTOCOLS, strict=True):
        found = results.protocols[protocol]
        with column, st.container(border=True, gap="xsmall", key=f"transfer_{protocol.replace('-', '_')}"):
            st.markdown(f"**{_TITLES[protocol]}**", help=_HELP[protocol])
            if isinstance(found, Unscored):
                st.caption(found.problem)
                continue
            st.html(f'<p class="cnnviz-score">{_score(found)}</p>{_STYLE}')
            st.caption(_times(found))


_STYLE = """<style>
  .cnnviz-score { font-size: 1.75rem; font-weight: 650; line-height: 1.2; margin: 0; }
  .cnnviz-score span { font-size: 1.2rem; font-weight: 400; opacity: 0.75; }
</style>"""


def _score(found: Score) -> str:
    score = words.percent(found.score)
    if found.spread is None:
        low, high = found.interval
        return f"{score} <span>[{100 * low:.1f} – {100 * high:.1f}]</span>"
    return f"{score} <span>± {100 * found.spread:.1f}</span>"


def _times(found: Score) -> str:
    """Which images, and how long fitting and scoring took."""
    if found.folds == 1:
        images = f"fit on {words.count(found.n_fit)}, scored on {words.count(found.n)} images"
    else:
        images = f"{found.folds} folds of {words.count(found.n)} images"
    times = [
        f"fit {_time(found.fit_seconds, found.fit_seconds_spread)}",
        f"score {_time(found.score_seconds, found.score_seconds_spread)}",
    ]
    slow = (
        [] if found.converged else ["the solver did not come to its end: fewer features or a smaller C help"]
    )
    return " · ".join([images, *times, *slow])


def _time(seconds: float, spread: float | None) -> str:
    unit, factor = ("ms", 1000) if seconds < 0.1 else ("s", 1)
    text = words.significant(factor * seconds)
    return f"{text} {unit}" if spread is None else f"{text} ± {words.significant(factor * spread, 2)} {unit}"


def _chosen(kept: Mapping[str, Any]) -> None:
    with st.expander(f"The {len(kept['chosen'])} chosen features", key="transfer_chosen"):
        chosen = kept["chosen"]
        st.dataframe(
            pd.DataFrame(
                {
                    "Rank": range(1, len(chosen) + 1),
                    "Feature": chosen + 1,
                    "Chi-square": kept["scores"][chosen],
                    "p-value": kept["p_values"][chosen],
                }
            ),
            hide_index=True,
            key="transfer_features",
            height=300,
            column_config={
                "Feature": st.column_config.NumberColumn(help="Map or unit of the layer, counted from 1."),
                "Chi-square": st.column_config.NumberColumn(
                    format="%.4g", help="How far the feature's sums by class lie from equal shares."
                ),
                "p-value": st.column_config.NumberColumn(
                    format="%.2g",
                    help="Features are no counts, so this is a ranking and not a test to be trusted.",
                ),
            },
        )


def _details(results: TransferResults) -> None:
    source, data, seconds = results.extractor, results.dataset, results.seconds
    cached = ", kept from before" if seconds.from_cache else ""
    parts = [
        f"{results.features} of {results.selection.width} features",
        f"{source.title}, layer {source.layer}",
        f"computed in {words.duration(seconds.features)}{cached} on {results.device}",
        f"{results.classifier}, features not scaled, scikit-learn {results.versions['scikit-learn']}",
        f"{data.title}, {data.origin}",
    ]
    parts += [source.adapted] if source.adapted else []
    if source.official is False:
        parts.append("**the file of weights is not the official one: its checksum differs**")
    if constant := results.selection.constant:
        parts.append(f"{words.plural(constant, 'feature')} 0 everywhere")
    st.caption(" · ".join(parts))


#: Networks and other transfers that stand beside the result.
_MOST_RUNS, _MOST_TRANSFERS = 5, 2
_LABEL = 30  # letters beside a bar


def score_bars(chosen: Chosen, height: int) -> None:
    """Bars of this result, of the newest others, and of the best networks.

    Args:
        height: at least so many pixels, where there is a result to align with.
    """
    spec, results = chosen.spec, chosen.results
    runs = [run for run in cache.run_list() if _comparable(run, spec.dataset.name)]
    best = sorted(runs, key=lambda run: -(run.figures.test_accuracy or 0.0))[:_MOST_RUNS]
    bars = [bar for one in _transfers(chosen) for bar in one] + _networks(best)
    if not bars:
        return
    baseline = results.dataset.baseline if results else None
    tall = max(height, 130 + 44 * len(bars)) if results else None
    show.figure(scores_figure(bars, baseline), key="transfer_scores", height=tall, alt=_alt(bars))
    st.caption(
        "Hatched: cross-validated on the test images, ± standard deviation over folds. Else: 95 % interval. "
        + (
            ""
            if len(runs) <= _MOST_RUNS
            else f"The best {_MOST_RUNS} of {len(runs)} networks on these images."
        )
    )


def _alt(bars: list[Bar]) -> str:
    said = "; ".join(f"{bar.label}: {words.percent(bar.score)}" for bar in bars)
    return said.replace("  <br>", ", ") + "."


def _comparable(run: RunSummary, dataset: str) -> bool:
    return (
        run.dataset == dataset
        and not run.damaged
        and not run.fold
        and run.figures.test_accuracy is not None
        and run.figures.n_test is not None
    )


def _networks(runs: list[RunSummary]) -> list[Bar]:
    names, colours, bars = titles(runs), colours_of([run.id for run in runs]), []
    for run in runs:
        score, n = run.figures.test_accuracy or 0.0, run.figures.n_test or 0
        interval = accuracy_interval(round(score * n), n)
        hover = f"of {words.count(n)} test images"
        bars.append(
            Bar(
                short(names[run.id], _LABEL),
                "network",
                score,
                interval.low,
                interval.high,
                hover,
                colours[run.id],
            )
        )
    return bars


def _transfers(chosen: Chosen) -> list[list[Bar]]:
    """This result's bars, then those of the newest others on the same data set."""
    found = [_features(chosen.results, chosen=True)] if chosen.results else []
    others = (one.results() for one in TransferJob.with_results() if one.id != chosen.folder.id)
    name = chosen.spec.dataset.name
    same = (one for one in others if one and one.dataset.name == name)
    return found + [_features(one, chosen=False) for one in islice(same, _MOST_TRANSFERS)]


def _features(results: TransferResults, *, chosen: bool) -> list[Bar]:
    source, bars = results.extractor, []
    name = "VGG16 · ImageNet" if source.id == IMAGENET else source.title
    for protocol in PROTOCOLS:
        found = results.score(protocol)
        if found is None:
            continue
        low, high = found.interval
        kind: Kind = protocol
        n = words.count(found.n)
        how = f"{words.count(found.n_fit)} training → {n} test"
        how = f"cross-validation of {n}" if kind == "cross-validation" else how
        label = f"{short(name, _LABEL)}, {results.features} best  <br>{how}"
        hover = f"{source.layer}, {results.classifier}"
        bars.append(Bar(label, kind, found.score, low, high, hover, chosen=chosen))
    return bars
