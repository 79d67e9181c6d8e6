"""Transfer page, third part: the scores of features beside those of networks trained on the same images."""

from __future__ import annotations

from itertools import islice
from typing import Any

import streamlit as st

from cnnviz import words
from cnnviz.evaluation import accuracy_interval
from cnnviz.figures.transfer import Bar, Kind, scores_figure
from cnnviz.runs import RunSummary
from cnnviz.studies.transfer.spec import IMAGENET, PROTOCOLS
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.ui import cache, show
from cnnviz.ui.run_labels import colours_of, short, titles
from cnnviz.ui.transfer.view import Chosen

#: Networks and other transfers that stand beside the result.
_MOST_RUNS, _MOST_TRANSFERS = 5, 2
_LABEL = 30  # letters beside a bar


def render(chosen: Chosen, height: int) -> None:
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
    baseline = results["dataset"]["baseline"] if results else None
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
    same = (one for one in others if one and one["dataset"]["name"] == name)
    return found + [_features(one, chosen=False) for one in islice(same, _MOST_TRANSFERS)]


def _features(results: dict[str, Any], *, chosen: bool) -> list[Bar]:
    source, bars = results["extractor"], []
    name = "VGG16 · ImageNet" if source["id"] == IMAGENET else source["title"]
    for protocol in PROTOCOLS:
        found = results["protocols"][protocol]
        if "problem" in found:
            continue
        spread = found["spread"]
        low = found["low"] if spread is None else found["score"] - spread
        high = found["high"] if spread is None else found["score"] + spread
        kind: Kind = protocol
        n = words.count(found["n"])
        how = f"{words.count(found['n_fit'])} training → {n} test"
        how = f"cross-validation of {n}" if kind == "cross-validation" else how
        label = f"{short(name, _LABEL)}, {results['features']} best  <br>{how}"
        hover = f"{source['layer']}, {results['classifier']}"
        bars.append(Bar(label, kind, found["score"], low, high, hover, chosen=chosen))
    return bars
