"""`datasets`, `fetch`, `architectures`, `describe`: what there is to train, and on what."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cnnviz import words
from cnnviz.cli.console import AsJson, emit, say, table
from cnnviz.errors import CnnvizError, SpecError

if TYPE_CHECKING:
    from cnnviz.specs import Setting

_LARGEST_SIDE = 4096


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(datasets)
    app.command()(fetch)
    app.command()(architectures)
    app.command()(describe)
    app.command()(settings)


def datasets(json: AsJson = False) -> None:
    """List the data sets: classes, sizes, and whether they are on this machine."""
    from cnnviz.datasets import names

    rows = [_Dataset.of(name) for name in names()]
    if json:
        emit([asdict(row) for row in rows])
        return
    table(
        ("name", "title", "images", "classes", "training", "test", "not used", "state"),
        (
            (
                row.name,
                row.title,
                "×".join(map(str, row.input_shape or ())),
                row.classes,
                row.n_train,
                row.n_test,
                sum(int(str(item["files"])) for item in row.left_out) or "",
                row.problem or row.availability,
            )
            for row in rows
        ),
    )


@dataclass(frozen=True)
class _Dataset:
    """One data set; an unusable image folder is listed with its problem."""

    name: str
    title: str
    source: str
    availability: str
    input_shape: tuple[int, ...] | None = None
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    n_train: int | None = None
    n_validation: int | None = None
    n_test: int | None = None
    left_out: tuple[dict[str, object], ...] = ()
    bad_files: tuple[dict[str, str], ...] = ()
    subfolders: tuple[str, ...] = ()
    problem: str | None = None

    @classmethod
    def of(cls, name: str) -> _Dataset:
        from cnnviz.datasets import availability, inventory

        state = availability(name)
        try:
            known = inventory(name)
        except CnnvizError as error:
            return cls(name, name, "", state, problem=str(error))
        left_out = tuple(item._asdict() for item in known.left_out)
        sizes = known.n_train, known.n_validation, known.n_test
        names = known.class_names
        return cls(
            *(name, known.title, known.source, state, known.shape, len(names), names, *sizes),
            left_out=left_out,
            bad_files=tuple({"file": file, "reason": reason} for file, reason in known.bad_files),
            subfolders=known.subfolders,
            problem=known.problem or None,
        )


def fetch(
    name: Annotated[str, typer.Argument(help="A data set, as `cnnviz datasets` lists it.")],
    json: AsJson = False,
) -> None:
    """Bring a data set's official files into the data folder; nothing is done where they are there."""
    from cnnviz.cli.progress import bar
    from cnnviz.datasets.official import fetch as fetch_dataset

    sentence = ""
    with bar() as progress:
        task = progress.add_task(name, total=None)

        def report(text: str, share: float | None) -> None:
            nonlocal sentence
            sentence = text
            progress.update(task, description=text, completed=share or 0.0, total=share and 1.0)

        path = fetch_dataset(name, report)
    if json:
        emit({"name": name, "path": str(path)})
    else:
        say(f"{sentence} Data folder: {path}")


def architectures(json: AsJson = False) -> None:
    """List the architectures with their parameters."""
    from cnnviz.architectures import ARCHITECTURES

    entries = [ARCHITECTURES.get(name) for name in ARCHITECTURES]
    if json:
        emit(
            [
                {
                    "name": entry.name,
                    "title": entry.title,
                    "description": entry.description,
                    "reports": list(entry.reports),
                    "dataset": entry.dataset,
                    "defaults": dict(entry.defaults),
                    "parameters": [_parameter(parameter) for parameter in entry.parameters],
                }
                for entry in entries
            ]
        )
        return
    table(
        ("name", "title", "parameters"),
        (
            (entry.name, entry.title, " ".join(f"{p.name}={_typed(p.default)}" for p in entry.parameters))
            for entry in entries
        ),
    )


def _typed(value: object) -> str:
    """A value as `--set` takes it; nothing for None."""
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "" if value is None else text.lower() if isinstance(value, bool) else text


def _parameter(parameter: Setting) -> dict[str, object]:
    fields = ("name", "label", "help", "kind", "default", "minimum", "maximum", "above", "below", "step")
    return {field: getattr(parameter, field) for field in (*fields, "choices")}


def settings(
    architecture: Annotated[
        str | None, typer.Option(help="A network, whose own settings are listed too.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List what `--set` takes: every setting with its default, what is allowed and what it does."""
    from cnnviz.architectures import ARCHITECTURES
    from cnnviz.specs import SETTINGS

    own = ARCHITECTURES.get(architecture).parameters if architecture else ()
    found = [*own, *(item for item in SETTINGS.values() if item.path != "dataset.name")]
    if json:
        emit([{"setting": item.path, "empty": item.empty or None} | _parameter(item) for item in found])
        return
    table(
        ("setting", "default", "allowed", "what it does"),
        ((item.path, _typed(item.default) or item.empty, item.allowed(), item.help) for item in found),
    )


def describe(
    architecture: Annotated[str, typer.Argument(help="An architecture, as `cnnviz architectures` lists it.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter: kernel_size=5")
    ] = None,
    image: Annotated[
        str, typer.Option("--input", metavar="HxWxC", help="Height, width and channels of the images.")
    ] = "32x32x3",
    classes: Annotated[int, typer.Option(min=2, max=100_000, help="How many classes.")] = 10,
    json: AsJson = False,
) -> None:
    """Print a network layer by layer: shapes, parameters, multiply-adds, receptive field."""
    from cnnviz.architectures import make, summarise
    from cnnviz.cli.set_option import architecture_parameters

    spec = make(architecture, **architecture_parameters(settings or []))
    summary = summarise(spec, input_shape(image), classes)
    if json:
        emit(summary.as_dict() | {"architecture": architecture})
        return
    table(
        ("layer", "type", "output", "parameters", "multiply-adds", "receptive field"),
        (
            (
                layer.name,
                layer.type,
                "×".join(map(str, layer.output_shape)),
                layer.params,
                layer.macs,
                layer.receptive_field,
            )
            for layer in summary.layers
        ),
    )
    print(
        f"\n{words.count(summary.total_params)} parameters, {words.count(summary.trainable_params)} trained; "
        f"{words.count(summary.macs)} multiply-adds an image"
    )


def input_shape(text: str) -> tuple[int, int, int]:
    """Read `32x32x3`.

    Raises:
        SpecError: it is not three numbers, or one is zero or huge.
    """
    numbers = re.fullmatch(r"(\d{1,9})[x×](\d{1,9})[x×](\d{1,9})", text.strip().lower())
    shape = tuple(map(int, numbers.groups())) if numbers else ()
    if len(shape) != 3 or not all(1 <= side <= _LARGEST_SIDE for side in shape):
        raise SpecError(
            f"--input takes height×width×channels, each from 1 to {_LARGEST_SIDE}, for example 32x32x3; "
            f"received '{text}'."
        )
    return shape
