"""The page Transfer, what came out: scores by protocol beside those of networks, and the chosen features."""

from __future__ import annotations

from itertools import islice

import pandas as pd
import streamlit as st

from cnnviz import words
from cnnviz.evaluation import accuracy_interval
from cnnviz.figures.transfer_figures import Bar, scores_figure, selection_figure
from cnnviz.runs import RunSummary
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.studies.transfer.transfer_spec import (
    IMAGENET,
    PROTOCOLS,
    Protocol,
    Score,
    TransferResults,
    Unscored,
)
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
    results = chosen.results
    if results is None:
        _score_bars(chosen)
        return
    _headline(results)
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        _score_bars(chosen)
    if kept := chosen.job.selection():
        scores, best = kept["scores"], kept["chosen"]
        with right:
            show.figure(
                selection_figure(scores, best),
                key="transfer_selection",
                height=_HEIGHT,
                alt=f"Chi-square of {len(scores)} features, the largest first; the first {len(best)} are "
                "chosen.",
            )
        with st.expander(f"The {len(best)} chosen features", key="transfer_chosen"):
            st.dataframe(
                pd.DataFrame(
                    {
                        "Rank": range(1, len(best) + 1),
                        "Feature": best + 1,
                        "Chi-square": scores[best],
                        "p-value": kept["p_values"][best],
                    }
                ),
                hide_index=True,
                key="transfer_features",
                height=300,
                column_config={
                    "Feature": st.column_config.NumberColumn(
                        help="Map or unit of the layer, counted from 1."
                    ),
                    "Chi-square": st.column_config.NumberColumn(
                        format="%.4g", help="How far the feature's sums by class lie from equal shares."
                    ),
                    "p-value": st.column_config.NumberColumn(
                        format="%.2g",
                        help="Features are no counts, so this is a ranking and not a test to be trusted.",
                    ),
                },
            )
    _details(results)


def _headline(results: TransferResults) -> None:
    for column, protocol in zip(st.columns([1, 1]), PROTOCOLS, strict=True):
        score = results.protocols[protocol]
        with column, st.container(border=True, gap="xsmall", key=f"transfer_{protocol.replace('-', '_')}"):
            st.markdown(f"**{_TITLES[protocol]}**", help=_HELP[protocol])
            if isinstance(score, Unscored):
                st.caption(show.plain(score.problem))
                continue
            low, high = score.interval
            around = f"[{100 * low:.1f} – {100 * high:.1f}]"
            around = around if score.spread is None else f"± {100 * score.spread:.1f}"
            text = f"{words.percent(score.score)} <span>{around}</span>"
            st.html(f'<p class="cnnviz-score">{text}</p>{_STYLE}')
            st.caption(_times(score))


_STYLE = """<style>
  .cnnviz-score { font-size: 1.75rem; font-weight: 650; line-height: 1.2; margin: 0; }
  .cnnviz-score span { font-size: 1.2rem; font-weight: 400; opacity: 0.75; }
</style>"""


def _times(score: Score) -> str:
    """Which images, and how long fitting and scoring took."""
    parts = [f"{score.folds} folds of {words.count(score.n)} images"]
    if score.folds == 1:
        parts = [f"fit on {words.count(score.n_fit)}, scored on {words.count(score.n)} images"]
    parts.append(f"fit {_time(score.fit_seconds, score.fit_seconds_spread)}")
    parts.append(f"score {_time(score.score_seconds, score.score_seconds_spread)}")
    if not score.converged:
        parts.append("the solver did not come to its end: fewer features or a smaller C help")
    return " · ".join(parts)


def _time(seconds: float, spread: float | None) -> str:
    unit, factor = ("ms", 1000) if seconds < 0.1 else ("s", 1)
    text = words.significant(factor * seconds)
    return f"{text} {unit}" if spread is None else f"{text} ± {words.significant(factor * spread, 2)} {unit}"


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


def _score_bars(chosen: Chosen) -> None:
    """Bars of this result, of the newest others, and of the best networks."""
    name, results = chosen.spec.dataset.name, chosen.results
    runs = [
        run
        for run in cache.run_list()
        if run.dataset == name
        and not run.damaged
        and not run.fold
        and run.figures.test_accuracy is not None
        and run.figures.n_test is not None
    ]
    best = sorted(runs, key=lambda run: -(run.figures.test_accuracy or 0.0))[:_MOST_RUNS]
    bars = _transfers(chosen) + _networks(best)
    if not bars:
        return
    scores = "; ".join(f"{bar.label}: {words.percent(bar.score)}" for bar in bars)
    show.figure(
        scores_figure(bars, results.dataset.baseline if results else None),
        key="transfer_scores",
        # Where there is a result, the figure on the right is as high.
        height=max(_HEIGHT, 130 + 44 * len(bars)) if results else None,
        alt=scores.replace("  \n", ", ") + ".",
    )
    more = f"The best {_MOST_RUNS} of {len(runs)} networks on these images."
    st.caption(
        "Hatched: cross-validated on the test images, ± standard deviation over folds. Else: 95 % interval. "
        + (more if len(runs) > _MOST_RUNS else "")
    )


def _networks(runs: list[RunSummary]) -> list[Bar]:
    names, colours, bars = titles(runs), colours_of([run.id for run in runs]), []
    for run in runs:
        score, n = run.figures.test_accuracy or 0.0, run.figures.n_test or 0
        around = accuracy_interval(round(score * n), n)
        label, hover = short(names[run.id], _LABEL), f"of {words.count(n)} test images"
        bars.append(Bar(label, "network", score, around.low, around.high, hover, colours[run.id]))
    return bars


def _transfers(chosen: Chosen) -> list[Bar]:
    """This result's bars, then those of the newest others on the same data set."""
    bars = _features(chosen.results, chosen=True) if chosen.results else []
    others = (job.results() for job in TransferJob.with_results() if job.id != chosen.job.id)
    same = (other for other in others if other and other.dataset.name == chosen.spec.dataset.name)
    for other in islice(same, _MOST_TRANSFERS):
        bars += _features(other, chosen=False)
    return bars


def _features(results: TransferResults, *, chosen: bool) -> list[Bar]:
    source, bars = results.extractor, []
    name = short("VGG16 · ImageNet" if source.id == IMAGENET else source.title, _LABEL)
    for protocol in PROTOCOLS:
        score = results.score(protocol)
        if score is None:
            continue
        n = words.count(score.n)
        how = f"{words.count(score.n_fit)} training → {n} test"
        how = f"cross-validation of {n}" if protocol == "cross-validation" else how
        label = f"{name}, {results.features} best  \n{how}"
        hover = f"{source.layer}, {results.classifier}"
        bars.append(Bar(label, protocol, score.score, *score.interval, hover, chosen=chosen))
    return bars
