"""`transfer`: features of a trained network, chosen by chi-square and classified by a linear SVM."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnviz.cli.console import AsJson, emit, say, table


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(transfer)


def transfer(
    dataset: Annotated[str, typer.Option(help="Images: a name of `cnnviz datasets`.")] = "cifar10",
    extractor: Annotated[str, typer.Option(help="'imagenet' for VGG16, or a finished run.")] = "imagenet",
    layer: Annotated[str, typer.Option(help="Default: the last before the classifier.")] = "",
    features: Annotated[int, typer.Option(help="How many are chosen.")] = 100,
    c: Annotated[float, typer.Option("--c", help="C of the linear SVM.")] = 0.025,
    folds: Annotated[int, typer.Option(help="Of the cross-validation on test images.")] = 5,
    classifier: Annotated[str, typer.Option(help="LinearSVC, or SVC with a linear kernel.")] = "LinearSVC",
    train_size: Annotated[int | None, typer.Option(help="Training images. Default: all.")] = None,
    test_size: Annotated[int | None, typer.Option(help="Test images. Default: all.")] = None,
    json: AsJson = False,
) -> None:
    """Classify images by the features of a network that is not trained again, with both protocols."""
    from cnnviz import runs
    from cnnviz.cli.jobs import follow
    from cnnviz.errors import RunError
    from cnnviz.studies.transfer.transfer_job import TransferJob
    from cnnviz.studies.transfer.transfer_spec import IMAGENET, TransferSpec

    source = extractor if extractor == IMAGENET else runs.resolve(extractor).id
    images = {"name": dataset, "train_size": train_size, "test_size": test_size}
    spec: TransferSpec = TransferSpec.parse(
        {
            "dataset": images,
            "extractor": source,
            "layer": layer,
            "features": features,
            "C": c,
            "folds": folds,
            "classifier": classifier,
        }
    )
    job = TransferJob.create(spec)
    status, results = follow(job), job.results()
    if status.state != "done" or results is None:
        raise RunError(status.reason or f"The transfer was {status.state}. Start it again.")
    if json:
        emit(results.model_dump(mode="json"))
        return
    data, used = results.dataset, results.extractor
    say(
        f"{features} of {results.selection.width} features of {used.title} ({used.layer}), "
        f"chosen on {data.n_train:,} training images of {data.title}; {results.classifier}"
    )
    if used.official is False:
        say("The file of weights is not the official one: its checksum differs.")
    for protocol in results.protocols:
        if problem := results.problem(protocol):
            say(f"{protocol}: {problem}")
    scores = {name: score for name in results.protocols if (score := results.score(name))}
    table(
        ("protocol", "score", "spread", "low", "high", "images", "fit (s)", "score (s)"),
        (
            (
                name,
                score.score,
                score.spread,
                score.low,
                score.high,
                score.n,
                score.fit_seconds,
                score.score_seconds,
            )
            for name, score in scores.items()
        ),
    )
