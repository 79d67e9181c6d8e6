"""The registry of named architectures, and `make`, which turns a name and values into a network.

An entry stands beside its builder: `@architecture("lenet", …)` above a function whose keyword-only
arguments are the parameters. The defaults are the function's own, so they are written once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cnnviz.architectures.parameters import Parameter
from cnnviz.errors import SpecError
from cnnviz.registry import Registry, did_you_mean
from cnnviz.specs import ArchitectureSpec, ParameterValue, TrainingSpec

Builder = Callable[..., ArchitectureSpec]
Suggestion = bool | int | float | str


@dataclass(frozen=True, slots=True)
class ArchitectureEntry:
    """A named architecture: what it is, where it comes from, what can be set, how it is best trained."""

    name: str
    title: str
    description: str
    reports: tuple[str, ...]
    dataset: str
    builder: Builder
    parameters: tuple[Parameter, ...] = ()
    #: TrainingSpec fields that suit it (as its report trained it, where the report says so).
    defaults: Mapping[str, Suggestion] = field(default_factory=dict)

    def values(self, chosen: Mapping[str, object] = MappingProxyType({})) -> dict[str, ParameterValue]:
        """Return every parameter's value: the chosen ones checked, the others at their default.

        Raises:
            SpecError: an unknown parameter, or a value of the wrong kind or range.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in chosen:
            if name not in known:
                raise SpecError(
                    f"{self.name} has no parameter '{name}'.{did_you_mean(name, known)} "
                    f"It has: {', '.join(known) or 'none'}."
                )
        return {
            name: parameter.parse(chosen[name], self.name) if name in chosen else parameter.default
            for name, parameter in known.items()
        }


ARCHITECTURES: Registry[ArchitectureEntry] = Registry("architecture")


def architecture(
    name: str,
    *,
    title: str,
    description: str,
    reports: Sequence[str],
    dataset: str,
    parameters: Sequence[Parameter] = (),
    defaults: Mapping[str, Suggestion] = MappingProxyType({}),
) -> Callable[[Builder], Builder]:
    """Register the decorated builder; its keyword arguments are the parameters, with their defaults."""
    TrainingSpec.parse(dict(defaults))

    def add(builder: Builder) -> Builder:
        signature = inspect.signature(builder).parameters
        if list(signature) != [parameter.name for parameter in parameters]:
            raise ValueError(f"{name}: the parameters {list(signature)} and their descriptions differ.")
        filled = tuple(replace(item, default=signature[item.name].default) for item in parameters)
        ARCHITECTURES.add(
            name,
            ArchitectureEntry(
                name, title, description, tuple(reports), dataset, builder, filled, dict(defaults)
            ),
        )
        return builder

    return add


def make(name: str, /, **parameters: object) -> ArchitectureSpec:
    """Build the named architecture with these parameters.

    The spec remembers the parameters that differ from the defaults, so that the plain network and
    the one with its defaults written out are the same spec.

    Raises:
        UnknownNameError: no architecture of this name.
        SpecError: an unknown parameter, a value out of range, or values that do not fit together.
    """
    entry = ARCHITECTURES.get(name)
    values = entry.values(parameters)
    spec = entry.builder(**values)
    changed = {item.name: values[item.name] for item in entry.parameters if values[item.name] != item.default}
    return spec.but(name=name, parameters=changed)


def parameter_values(spec: ArchitectureSpec) -> dict[str, ParameterValue]:
    """Return all parameters of a spec made by `make`, defaults included; empty for a custom network."""
    if spec.name not in ARCHITECTURES:
        return dict(spec.parameters)
    return ARCHITECTURES.get(spec.name).values(spec.parameters)
