"""Transfer in the reports (A13, A14, A16, A17): fixed features, a linear classifier, and what ImageNet sees.

The preparation of the kind "transfer" computes in processes of their own and leaves in the study's folder
`transfer.json` (as `TransferJob.results` has it, and `note`), the same with all features and with the other
linear SVM (`beside.json`), and `extractor_maps.npz` (see `networks`). Where ImageNet's weights can't be had,
the variant that the recipe names takes their place, and every number says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from cnnviz import words
from cnnviz.errors import DataMissingError, RunError
from cnnviz.figures.published import Pair, pairs_figure
from cnnviz.inspection.service import inspector
from cnnviz.reports.drawing import (
    PREPARATIONS,
    Cell,
    Drawing,
    Preparation,
    Table,
    Tell,
    drawing,
    image_of,
    keep,
)
from cnnviz.reports.drawings.measured import pair_of
from cnnviz.reports.drawings.networks import EXTRACTOR, ExtractorOptions
from cnnviz.reports.outcome import Outcome, amount_note, keep_samples
from cnnviz.reports.recipe import ALL, CHOSEN
from cnnviz.runs import atomic
from cnnviz.specs import Spec
from cnnviz.studies.transfer import vgg16_weights
from cnnviz.studies.transfer.transfer_job import TransferJob
from cnnviz.studies.transfer.transfer_spec import (
    IMAGENET,
    PROTOCOL_TITLES,
    PROTOCOLS,
    GetImagenetMaps,
    Protocol,
    Score,
    TransferResults,
    TransferSpec,
    extractor,
)

#: What a reproduction keeps of its transfer, and of those beside it.
_KEPT, _BESIDE = "transfer.json", "beside.json"
_SCORED = {"transfer_table", "transfer_bars"}
#: Layers of VGG16 that are looked at, by drawing.
_LAYERS = {"first_maps": ["block1_conv1"], "first_last_maps": ["block1_conv1", "block5_conv3"]}


class TransferOptions(ExtractorOptions):
    """Whose features, how many of them, and how they are scored; see `TransferSpec`."""

    layer: str = Field(default="", description="empty: the last one before the classifier")
    features: int = Field(default=100, ge=1)
    C: float = Field(default=0.025, gt=0)
    folds: int = Field(default=5, ge=2, le=20)
    published_protocol: Protocol = PROTOCOLS[0]
    beside: bool = Field(default=False, description="all features, and the other linear SVM, as well")


class TransfersBeside(Spec):
    """The same features, classified otherwise: by what is different."""

    results: dict[str, TransferResults]


class _Source(NamedTuple):
    name: str  # "imagenet" or a run's id
    title: str
    note: str  # why it is not the one that the report has


def prepare(outcome: Outcome, tell: Tell) -> None:
    """Compute and score the features, and look into ImageNet's VGG16, as far as the drawings want it."""
    wanted = set(outcome.recipe.draw)
    layers = next((names for drawing, names in _LAYERS.items() if drawing in wanted), [])
    if not wanted & _SCORED and not layers:
        return
    source = _source(outcome, tell)
    if wanted & _SCORED:
        _score(outcome, source, tell)
    if layers and source.name == IMAGENET:
        _look(outcome, layers)


PREPARATIONS.add("transfer", Preparation(prepare, (TransferOptions,)))


def _source(outcome: Outcome, tell: Tell) -> _Source:
    """The extractor of this scale, or the one that takes its place."""
    options = outcome.asked(TransferOptions)
    wanted, instead = options.extractor, options.instead
    if wanted != IMAGENET:
        note = f"At the scale {outcome.scale} the network '{wanted}', trained here, gives the features."
        return _Source(_run_of(outcome, wanted), f"the network '{wanted}'", note)
    try:
        vgg16_weights.bring(tell)
    except DataMissingError as error:
        if instead is None:
            raise
        note = f"{error} Here the network '{instead}', trained on these images, takes its place: that is "
        note += "another experiment than the report's."
        return _Source(_run_of(outcome, instead), f"the network '{instead}'", note)
    return _Source(IMAGENET, vgg16_weights.TITLE, "")


def _run_of(outcome: Outcome, label: str) -> str:
    row = outcome.row(label)
    if row is None or row.run is None:
        raise RunError(f"The features of '{label}' are wanted, but it has no finished run.")
    return row.run.id


def _score(outcome: Outcome, source: _Source, tell: Tell) -> None:
    options = outcome.asked(TransferOptions)
    width = extractor(source.name).layer(options.layer).width
    spec = TransferSpec(
        dataset=outcome.dataset,
        extractor=source.name,
        layer=options.layer,
        features=min(options.features, width),
        C=options.C,
        folds=options.folds,
    )
    results = _finished(spec, source, tell)
    atomic.write_text(outcome.folder / _KEPT, results.to_json())
    if not options.beside:
        return
    others = {
        ALL: _finished(spec.but(features=width), source, tell),
        "SVC": _finished(spec.but(classifier="SVC"), source, tell),
    }
    kept = TransfersBeside(results=others)
    atomic.write_text(outcome.folder / _BESIDE, kept.to_json())
    scores = {
        name: score.scores
        for name, found in {CHOSEN: results, ALL: others[ALL]}.items()
        if (score := found.score("cross-validation"))
    }
    keep_samples(outcome.folder, {name: {"transfer_score": of} for name, of in scores.items()})


def _finished(spec: TransferSpec, source: _Source, tell: Tell) -> TransferResults:
    """A transfer brought to its end; features that are kept are not computed again."""
    results = TransferJob.create(spec).finish(lambda now: tell(now.stage, now.share))
    return results.but(extractor=results.extractor.but(title=source.title), note=source.note)


def _look(outcome: Outcome, layers: list[str]) -> None:
    """Maps of ImageNet's VGG16 for the image that the recipe looks at."""
    image = image_of(outcome)
    weights = vgg16_weights.find()
    assert weights  # brought before
    answer = inspector().ask(GetImagenetMaps.of(weights, layers, image))
    maps = {f"{vgg16_weights.TITLE}|{layer.name}": layer.values for layer in answer}
    keep(outcome, EXTRACTOR, {"image": image, **maps})


def read_transfer(folder: Path) -> TransferResults | None:
    """What a reproduction keeps of its transfer; None before, or where it is damaged."""
    return TransferResults.read(folder / _KEPT)


def read_beside(folder: Path) -> dict[str, TransferResults]:
    """What a reproduction keeps of the transfers beside it; nothing before, or where it is damaged."""
    try:
        return dict(TransfersBeside.from_json((folder / _BESIDE).read_text("utf-8")).results)
    except (OSError, ValueError):
        return {}


def _results(outcome: Outcome) -> TransferResults:
    results = read_transfer(outcome.folder)
    if results is None:
        raise RunError(
            "No features have been computed and classified yet. Reproduce the experiment (again) to do it."
        )
    return results


@drawing("transfer_table", "scores and times of both protocols", kind="transfer")
def transfer_table(outcome: Outcome) -> list[Drawing]:
    """Score, fit time and score time of both protocols; the published numbers beside theirs."""
    results = _results(outcome)
    own, same = outcome.asked(TransferOptions).published_protocol, results.extractor.id == IMAGENET
    rows: list[tuple[Cell, ...]] = []
    if not same:  # another network's numbers: they stand in a row of their own
        report = (_published(outcome.recipe.published, name) for name in _NUMBERS)
        beside = (cell for number in report for cell in (number, words.NONE))
        rows.append((f"the report's: {vgg16_weights.TITLE}", PROTOCOL_TITLES[own], *beside, words.NONE))
    for found in (results, *read_beside(outcome.folder).values()):
        for protocol in PROTOCOLS:
            reported = same and found is results and protocol == own
            of_report = outcome.recipe.published if reported else {}
            rows.append(_row(found, protocol, of_report))
    here = f"measured ({outcome.scale})"
    measured = [f"{what}, {by}" for what in ("score", "fit time", "score time") for by in ("published", here)]
    return [
        Drawing(
            "Fixed features and a linear SVM",
            table=Table(("features and classifier", "protocol", *measured, "images"), tuple(rows)),
            wide=True,
            alt="A table of the scores and times of both protocols, published and measured.",
            note=f"{_described(results)} {amount_note(outcome)}",
        )
    ]


_NUMBERS = ("score", "fit_seconds", "score_seconds")


def _row(results: TransferResults, protocol: Protocol, of_report: Mapping[str, float]) -> tuple[Cell, ...]:
    """One protocol's score and times, each beside the report's where that measured the same."""
    what = f"{results.features} of {results.selection.width}, {results.classifier}"
    title, score = PROTOCOL_TITLES[protocol], results.score(protocol)
    if score is None:
        return (what, title, results.problem(protocol), *[words.NONE] * 6)
    return (
        what,
        title,
        _published(of_report, "score"),
        _score_text(score),
        _published(of_report, "fit_seconds"),
        _exact_seconds(score.fit_seconds, score.fit_seconds_spread),
        _published(of_report, "score_seconds"),
        _exact_seconds(score.score_seconds, score.score_seconds_spread),
        f"fit on {score.n_fit:,}, scored on {'' if score.folds == 1 else 'the rest of '}{score.n:,}",
    )


@drawing("transfer_bars", "all models beside the features", kind="transfer")
def transfer_bars(outcome: Outcome) -> list[Drawing]:
    """All models' test accuracies beside the transferred scores, published and measured."""
    results, pairs = _results(outcome), [pair_of(row, "test_accuracy") for row in outcome.rows]
    own = outcome.asked(TransferOptions).published_protocol
    published, same = outcome.recipe.published.get("score"), results.extractor.id == IMAGENET
    name = "ImageNet features" if same else f"features of {results.extractor.title}"
    if not same:
        pairs.append(Pair(f"ImageNet features,\n{own}", published, None))
    for protocol in PROTOCOLS:
        score = results.score(protocol)
        beside = published if same and protocol == own else None
        measured, spread = (score.score, score.spread) if score else (None, None)
        pairs.append(Pair(f"{name},\n{protocol}", beside, measured, spread))
    figure = pairs_figure(pairs, "accuracy", outcome.amount)
    figure.update_layout(title="Trained networks beside transferred features")
    figure.update_xaxes(title="accuracy")
    return [
        Drawing(
            "Trained networks beside transferred features",
            figure=figure,
            alt=f"Bars of the accuracy of {len(outcome.rows)} networks and of two scores of fixed features.",
            note=f"Line: ± standard deviation over seeds, or over folds. {_described(results)} "
            f"{amount_note(outcome)}",
        )
    ]


def _described(results: TransferResults) -> str:
    """Which features of which images, and the classifier, in two or three sentences."""
    source, data = results.extractor, results.dataset
    text = (
        f"{results.features} of {results.selection.width} features of {source.title} "
        f"({source.layer}), chosen by chi-square on {data.n_train:,} training images of "
        f"{data.title}; {results.classifier} of scikit-learn {results.versions['scikit-learn']}."
    )
    if source.official is False:
        text += " The file of weights is not the official one: its checksum differs."
    return " ".join(filter(None, (text, results.note)))


def _score_text(score: Score) -> str:
    if score.spread is None:
        low, high = score.interval
        return f"{words.percent(score.score)} (95 %: {100 * low:.1f} to {100 * high:.1f})"
    return f"{words.percent_spread(score.score, score.spread)} ({score.folds} folds)"


def _exact_seconds(value: float, spread: float | None) -> str:
    """`0.0016 s ± 0.0005`: scoring takes milliseconds."""
    return f"{words.significant(value)} s" + ("" if spread is None else f" ± {words.significant(spread, 2)}")


def _published(published: Mapping[str, float], name: str) -> str:
    if name not in published:
        return words.NONE
    value, spread = published[name], published.get(f"{name}_spread")
    if name == "score":
        return words.percent_spread(value, spread)
    return _exact_seconds(value, spread)
