"""Reports to print: one self-contained HTML file of a run, of several, or of a reproduced experiment.

It opens offline: Plotly's script stands in it once, pictures as data, styles inline; nothing is fetched. On
paper it takes A4, and no figure is cut at the end of a page.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from cnnviz import __version__, datasets, metrics, words
from cnnviz.errors import CnnvizError, RunError
from cnnviz.evaluation import Evaluation, class_names, contrast, data_changed, evaluate, parting_epoch
from cnnviz.evaluation.settings import loss_words, settings_of
from cnnviz.figures import theme
from cnnviz.figures.comparison_figures import Score, accuracy_figure
from cnnviz.figures.confusion_figures import confusion_figure
from cnnviz.figures.curves import Curve, Metric, curves_figure
from cnnviz.figures.report_figures import calibration_figure
from cnnviz.figures.sprites import grid_png
from cnnviz.metrics import METRICS
from cnnviz.reports.claims import evidence
from cnnviz.reports.drawing import Drawing, draw_all
from cnnviz.reports.library import recipes
from cnnviz.reports.outcome import read_outcome
from cnnviz.reports.recipe import ScaleName
from cnnviz.reports.reproduction_job import ReproductionJob
from cnnviz.runs import RunDirectory, RunSummary, load_summary

#: CSS pixels of a figure: what fits between the margins of A4.
_WIDTH, _HALF = 680, 336
#: Mistakes that are shown, the most certain first.
_MISTAKES = 20
_METRICS: tuple[Metric, ...] = ("accuracy", "loss")


def of_run(run: RunDirectory) -> str:
    """Settings, curves, matrix, classes, calibration, mistakes, environment of one run.

    Raises:
        RunError: it has no evaluation, or what it keeps is damaged.
    """
    summary, result = _finished(run)
    report, experiment = summary.figures, run.spec().experiment
    interval = result.accuracy
    head = (
        f"<p class='figure'><b>{words.percent(interval.value)}</b> ±{100 * interval.half_width:.1f} of "
        f"{result.n:,} test images <small>(95 % interval, Wilson; most frequent class: "
        f"{words.percent(result.baseline.accuracy)}; one seed, {experiment.training.seed})</small></p>"
    )
    changed = data_changed(run)
    parts = [
        f"<p class='note'>{_safe(changed)}</p>" if changed else "",
        head,
        _section("Learning curves", _side_by_side(_curves([summary]))),
        _section("Confusion matrix", _figure(_matrix(result))),
        _section("Per class", _per_class(result)),
        _section("Calibration", _figure(calibration_figure(result.calibration, 0), height=320)),
        "" if changed else _section("The most certain mistakes", _mistakes(run, result)),
        _section("Metrics", _metrics([summary])),
        _section("Settings", _table(("setting", "value"), settings_of(experiment).items())),
        _section("Environment", _environment(summary)),
    ]
    lead = f"{experiment.architecture.label()} on {_dataset(summary)}, trained in " + words.duration(
        report.fit_seconds
    )
    return _page(summary.title, lead, parts)


def of_runs(runs: Sequence[RunDirectory]) -> str:
    """Several runs beside each other: accuracy, curves, metrics, the settings in which they differ.

    Raises:
        RunError: one of them has no evaluation.
    """
    found = [_finished(run) for run in runs]
    summaries = [summary for summary, _ in found]
    scores = [
        Score(
            summary.title,
            result.accuracy.value,
            result.accuracy.low,
            result.accuracy.high,
            summary.figures.fit_seconds or 0.0,
            summary.figures.params or 0,
            place,
        )
        for place, (summary, result) in enumerate(found)
    ]
    differing = contrast([run.spec().experiment for run in runs])
    names = [summary.title for summary in summaries]
    rows = [(name, *texts) for name, texts in differing.differing.items()]
    parts = [
        _section("Test accuracy", _figure(accuracy_figure(scores))),
        "<p class='note'>Each run is one training with one seed: small differences may be chance.</p>",
        _section("Learning curves", _side_by_side(_curves(summaries))),
        _section("Metrics", _metrics(summaries)),
        _section("Settings in which they differ", _table(("setting", *names), rows)),
        _section("Settings that they share", _table(("setting", "value"), differing.common.items())),
        *(
            _section(f"Confusion matrix of {summary.title}", _figure(_matrix(result)))
            for summary, result in found
        ),
        *(_section(f"Environment of {summary.title}", _environment(summary)) for summary in summaries),
    ]
    return _page("Comparison", words.listed(names), parts)


def of_experiment(name: str, scale: ScaleName) -> str:
    """A reproduced experiment: question, published beside measured, what differs, verdicts, drawings.

    Raises:
        UnknownNameError: there is no such experiment.
        RunError: it was not run at this scale.
    """
    recipe = recipes().get(name)
    job = ReproductionJob.at(recipe.id, scale)
    measured = job.results()
    if measured is None:
        raise RunError(
            f"{recipe.id} was not run at the scale {scale} here. Run it: cnnviz reproduce {recipe.id} "
            f"--scale {scale}."
        )
    verdicts = [(claim.text, claim.verdict, evidence(claim)) for claim in measured.claims]
    drawn = draw_all(read_outcome(recipe, scale, job))
    parts = [
        f"<p>{_safe(recipe.question)}</p>",
        f"<p class='note'>{_safe(measured.lacking)}</p>" if measured.lacking else "",
        _section("What differs", f"<p>{_safe(' '.join(measured.differences))}</p>")
        if measured.differences
        else "",
        _section("Claims", _table(("claim", "verdict", "evidence"), verdicts)) if verdicts else "",
        *(_drawing(drawing) for each in drawn for drawing in each.drawings),
        _section("Source", f"<p>{_safe(recipe.source)}</p>"),
    ]
    return _page(f"{recipe.id} · {recipe.title}", f"At the scale {scale}", parts)


def _finished(run: RunDirectory) -> tuple[RunSummary, Evaluation]:
    summary = load_summary(run.path)
    if summary.damaged:
        raise RunError(f"Run {run.id} can't be read: {summary.reason}")
    return summary, evaluate(run.predictions(), class_names(run))


def _dataset(summary: RunSummary) -> str:
    try:
        return datasets.entry(summary.dataset).title
    except CnnvizError:
        return summary.dataset.partition(":")[2] or summary.dataset


def _curves(summaries: Sequence[RunSummary]) -> list[go.Figure]:
    curves = []
    for place, summary in enumerate(summaries):
        epochs = summary.directory.epochs()
        parting = parting_epoch([e.loss for e in epochs], [e.val_loss for e in epochs])
        alone = parting if len(summaries) == 1 else None
        curves.append(Curve(summary.title, epochs, place, alone, loss=loss_words(summary.experiment)))
    return [curves_figure(curves, metric) for metric in _METRICS] if any(c.epochs for c in curves) else []


def _matrix(result: Evaluation) -> go.Figure:
    return confusion_figure(result.matrix, result.class_names, height=620, dark=False)


def _per_class(result: Evaluation) -> str:
    rows = [
        (row.name, f"{row.precision:.3f}", f"{row.recall:.3f}", f"{row.f1:.3f}", f"{row.support:,}")
        for row in (*result.report.per_class, result.report.macro, result.report.weighted)
    ]
    return _table(("class", "precision", "recall", "F1", "images"), rows)


def _mistakes(run: RunDirectory, result: Evaluation) -> str:
    wrong = np.flatnonzero(result.predictions != result.labels)
    if not len(wrong):
        return "<p>It made none.</p>"
    sure = result.probabilities[wrong, result.predictions[wrong]].astype(float)
    shown = wrong[np.argsort(-sure, kind="stable")][:_MISTAKES]
    try:
        images = datasets.load(run.spec().experiment.dataset).full_test.images_at(result.indices[shown])
    except CnnvizError as error:
        return f"<p class='note'>The images can't be shown: {_safe(str(error))}</p>"
    factor = max(1, 80 // max(images.shape[1:3]))
    tiles = []
    for image, place in zip(images, shown, strict=True):
        guess, true = result.predictions[place], result.labels[place]
        share = words.percent(float(result.probabilities[place, guess]))
        said, meant = (_safe(result.class_names[label]) for label in (guess, true))
        tiles.append(
            f"<figure>{_picture(grid_png(image[None], columns=1, scale=factor, gap=0), '')}<figcaption>"
            f"<b>{said}</b> {share}<br>is {meant}<br><small>test image {result.indices[place]:,}</small>"
            "</figcaption></figure>"
        )
    return f"<div class='tiles'>{''.join(tiles)}</div>"


def _metrics(summaries: Sequence[RunSummary]) -> str:
    values = [metrics.values(summary) for summary in summaries]
    rows = [
        (METRICS.get(name).title, *(METRICS.get(name).text(value.get(name)) for value in values))
        for name in METRICS
        if any(value.get(name) is not None for value in values)
    ]
    return _table(("metric", *(summary.title for summary in summaries)), rows)


def _environment(summary: RunSummary) -> str:
    environment = summary.environment
    phases = {
        f"seconds of {name.replace('_', ' ')}": f"{seconds:.2f}"
        for name, seconds in environment.phases.items()
    }
    facts = {
        "device": environment.device,
        "threads": str(environment.threads or ""),
        "precision": environment.precision,
        "system": environment.system,
        **dict(environment.versions),
        **phases,
    }
    return _table(("", ""), [(name, value) for name, value in facts.items() if value])


def _drawing(drawing: Drawing) -> str:
    body = ""
    if drawing.figure is not None:
        body += _figure(drawing.figure)
    if drawing.png is not None:
        body += _picture(drawing.png, drawing.alt)
    if drawing.table is not None:
        rows = [tuple("" if cell is None else str(cell) for cell in row) for row in drawing.table.rows]
        body += _table(drawing.table.headings, rows)
    if drawing.note:
        body += f"<p class='note'>{_safe(drawing.note)}</p>"
    return _section(drawing.title, body)


def _figure(figure: go.Figure, *, width: int = _WIDTH, height: int | None = None) -> str:
    figure = go.Figure(figure)
    figure.update_layout(template=theme.template(dark=False), width=width)
    if height:
        figure.update_layout(height=height)
    drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"staticPlot": True})
    return f"<div class='drawn'>{drawn}</div>"


def _side_by_side(figures: Iterable[go.Figure]) -> str:
    return "".join(_figure(figure, height=330) for figure in figures)


def _picture(png: bytes, alt: str) -> str:
    data = base64.b64encode(png).decode()
    return f"<img class='pixels' alt='{html.escape(alt, quote=True)}' src='data:image/png;base64,{data}'>"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_safe(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if any(headings) else ''}<tbody>{body}</tbody></table>"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{_safe(title)}</h2>{body}</section>" if body else ""


def _safe(text: str) -> str:
    return html.escape(text, quote=False)


def _page(title: str, lead: str, parts: Iterable[str]) -> str:
    style = Path(__file__).with_name("printed.css").read_text("utf-8")
    body = "".join(parts)
    script = f"<script>{get_plotlyjs()}</script>" if "class='drawn'" in body else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_safe(title)}</title>'
        f"<style>{style}</style>{script}</head><body><h1>{_safe(title)}</h1><p class='lead'>{_safe(lead)}</p>"
        f"{body}<footer>Written by cnnviz {__version__}.</footer></body></html>"
    )
