"""Hashes and defaults never change, so that results of earlier versions are found again.

`frozen.json` holds those of the last release; `freeze.py` adds to it what the next one brings.
"""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

import cnnviz
from cnnviz.specs import AugmentationSpec, Conv2D, ExperimentSpec, Setting, Spec, TrainingSpec
from tests.specs import freeze

FROZEN = freeze.frozen()
_HASH = (
    "The hash of '{}' is not what it was in {}: earlier runs of it are not found any more, and studies train "
    "all of theirs again. A new field of a spec changes no hash by itself: leave `always_in_json` as it is, "
    "and give the field a default that leaves every training as it was. Another network or experiment gets "
    "another name. If the old results are to be lost, take its line out of tests/specs/frozen.json and run "
    "python -m tests.specs.freeze."
)
_DEFAULT = (
    "The default of {}.{} was {!r} in {} and is {!r} now. A default never changes after a release: the JSON "
    "of a spec leaves it out, so that earlier runs would be read as something that they are not. Put it "
    "back; what suits a network stands in the `defaults` of its entry, another meaning is another field."
)


def test_no_hash_has_changed() -> None:
    now = freeze.hashes()
    changed = [name for name, value in FROZEN["hashes"].items() if now.get(name) != value]
    assert not changed, "\n".join(_HASH.format(name, FROZEN["version"]) for name in changed)


def test_no_default_has_changed() -> None:
    now = freeze.defaults()
    changed = [
        _DEFAULT.format(spec, name, value, FROZEN["version"], now.get(spec, {}).get(name, "gone"))
        for spec, fields in FROZEN["defaults"].items()
        for name, value in fields.items()
        if now.get(spec, {}).get(name, "gone") != value
    ]
    assert not changed, "\n".join(changed)


def test_what_a_release_promises_is_written_down() -> None:
    assert FROZEN["version"] == cnnviz.__version__, (
        f"Version {cnnviz.__version__} is new. Run python -m tests.specs.freeze, which adds the defaults and "
        "hashes of what is new since the last one, and commit tests/specs/frozen.json."
    )


class Mirrored(AugmentationSpec):
    """Augmentation as a later version has it."""

    mirror: float = 0.5


class Later(TrainingSpec):
    """A training as a later version has it: with one field more, there and in its augmentation."""

    clip_norm: Annotated[float | None, Setting("Clip", "Shortens gradients.", empty="off")] = Field(
        default=None, gt=0
    )
    warmup: int = 3
    augmentation: Mirrored = Mirrored()


class DilatedConv2D(Conv2D):
    """A layer as a later version has it."""

    dilation: int = Field(default=1, ge=1)


class LaterExperiment(ExperimentSpec):
    training: Later = Later()


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"epochs": 9, "optimizer": "SGD", "momentum": 0.9},
        {"augmentation": {"rotation": 10}, "freeze": "base"},
    ],
)
def test_a_field_of_a_later_version_changes_json_and_hash_only_where_it_is_set(
    training: dict[str, Any],
) -> None:
    before = ExperimentSpec(architecture=freeze.PLAIN, training=TrainingSpec.parse(training))
    after = LaterExperiment.from_json(before.to_json())
    assert after.to_json() == before.to_json()
    assert after.hash() == before.hash()
    assert after.training == Later.parse(training)
    for change in ({"clip_norm": 1.0}, {"warmup": 0}, {"augmentation": {"mirror": 0.0}}):
        changed = after.but(training=after.training.but(**change))
        assert changed.hash() != before.hash()
        assert LaterExperiment.from_json(changed.to_json()) == changed


def test_a_later_argument_of_a_layer_changes_its_hash_only_where_it_is_set() -> None:
    plain, later = Conv2D(name="conv", filters=8), DilatedConv2D(name="conv", filters=8)
    assert later.to_json() == plain.to_json()
    dilated = later.but(dilation=2)
    assert dilated.hash() != plain.hash()
    assert DilatedConv2D.from_json(dilated.to_json()) == dilated
    # What builds the network reads it at its default, too.
    assert later.model_dump()["dilation"] == 1


class Pause(Spec):
    """Within a spec that is new itself, all that stands at its default is left out."""

    epochs: int = 1
    kind: str


def test_a_new_spec_writes_what_is_set() -> None:
    assert Pause(kind="short").to_json() == '{"kind":"short"}'
    assert Pause(kind="short", epochs=2).to_json() == '{"epochs":2,"kind":"short"}'
