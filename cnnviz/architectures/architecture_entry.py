"""The registry of named architectures, and `make`, which turns a name and values into a network.

An entry is one function in a file of its own, or beside others; nothing else has to be touched:

    # cnnviz/architectures/registered/wide.py
    from typing import Annotated
    from cnnviz.architectures import parts
    from cnnviz.architectures.architecture_entry import architecture
    from cnnviz.specs import ArchitectureSpec, Setting

    @architecture(
        "wide",
        title="One wide convolution",
        description="A single convolution with many filters. What does width buy?",
        dataset="digits",
    )
    def wide(
        *,
        kernel_size: parts.KernelSize = 3,
        filters: Annotated[
            int, Setting("Filters", "Feature maps that the convolution makes.", minimum=1, maximum=4096)
        ] = 256,
    ) -> ArchitectureSpec:
        return parts.network(
            parts.conv(1, 1, filters, kernel_size), parts.pool(1), parts.flatten(), parts.classifier()
        )

Its keyword-only arguments are what a person can set: the sidebar, `--set`, searches and sweeps offer them.
The defaults are the function's own. It is refused where an argument has no words, where a suggested training
is impossible, and where it can't be built from its defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cnnviz.architectures.arithmetic import summarise
from cnnviz.errors import EntryError, SpecError
from cnnviz.registry import LAST, Registry, did_you_mean, file_of, raised, shown_path
from cnnviz.specs import SETTINGS, ArchitectureSpec, ParameterValue, Setting, TrainingSpec
from cnnviz.specs.setting import settings_of_builder

Builder = Callable[..., ArchitectureSpec]
#: One of these sides suits any network: many pooling layers need large images, wide dense layers small ones.
_SIDES = (32, 224, 8)
Suggestion = bool | int | float | str
#: The choice of a network itself, where a sweep varies it.
NETWORK = Setting(
    "Network",
    "A named network; its layers are on the page Architecture.",
    name="name",
    path="architecture.name",
    key="network",
    noun="network",
    phrase="{}",
)


@dataclass(frozen=True, slots=True)
class ArchitectureEntry:
    """A named architecture: what it is, where it comes from, what can be set, how it is best trained."""

    name: str
    title: str
    description: str
    reports: tuple[str, ...]
    dataset: str
    builder: Builder
    parameters: tuple[Setting, ...] = ()
    #: TrainingSpec fields that suit it (as its report trained it, where the report says so).
    defaults: Mapping[str, Suggestion] = field(default_factory=dict)

    def values(self, chosen: Mapping[str, object] = MappingProxyType({})) -> dict[str, ParameterValue]:
        """Return every parameter's value: the chosen ones checked, the others at their default.

        Raises:
            SpecError: an unknown parameter (the message suggests the nearest and lists all), or a value of
                the wrong kind or range.
        """
        known = {item.name: item for item in self.parameters}
        for name in chosen:
            if name not in known:
                raise SpecError(
                    f"{self.name} has no parameter '{name}'.{did_you_mean(name, known)} "
                    f"It has: {', '.join(known) or 'none'}."
                )
        parsed = {name: known[name].parse(value, self.name) for name, value in chosen.items()}
        return {item.name: parsed.get(item.name, item.default) for item in self.parameters}


def _problems(name: str, entry: ArchitectureEntry) -> Iterator[str]:
    """What is wrong with an entry as it stands."""
    if not entry.title or not entry.description:
        yield "it has no title or no description, which pages show; write both"
    try:
        TrainingSpec.parse(dict(entry.defaults))
    except SpecError as error:
        yield f"its suggested training is impossible ({error})"


def _not_built(name: str, entry: ArchitectureEntry) -> Iterator[str]:
    """What goes wrong when it is built from its defaults; any exception is the builder's."""
    try:
        spec = entry.builder(**entry.values())
    except Exception as error:  # noqa: BLE001  (whatever a stranger's builder raises is its mistake)
        file = file_of(entry.builder)
        yield (
            f"its builder in {shown_path(file)} raises {raised(error, file)}; make it return an "
            "ArchitectureSpec for its own defaults"
        )
        return
    if not isinstance(spec, ArchitectureSpec):
        kind = type(spec).__name__
        file = shown_path(file_of(entry.builder))
        yield f"its builder in {file} returns {kind}; return an ArchitectureSpec, as parts.network makes it"
        return
    problems = [problem for side in _SIDES if (problem := _misfit(spec, side))]
    if len(problems) == len(_SIDES):
        file = shown_path(file_of(entry.builder))
        yield f"its builder in {file} makes a network that takes no image ({problems[0].rstrip('.')})"


def _misfit(spec: ArchitectureSpec, side: int) -> str:
    """Why a network can't take coloured images of a side and name their class; "": it can."""
    try:
        summarise(spec, (side, side, 3), classes=10)
    except SpecError as error:
        return str(error)
    return ""


ARCHITECTURES: Registry[ArchitectureEntry] = Registry("architecture", check=_problems, first_use=_not_built)


def architecture(
    name: str,
    *,
    order: int = LAST,
    title: str,
    description: str,
    reports: Sequence[str] = (),
    dataset: str,
    defaults: Mapping[str, Suggestion] = MappingProxyType({}),
) -> Callable[[Builder], Builder]:
    """Register the decorated builder; its keyword-only arguments are the parameters, with their defaults.

    Args:
        order: place among all architectures, small ones first.
        reports: experiments of the reports that train it.
        dataset: the data set that it was made for: it must take its images.
        defaults: fields of TrainingSpec that suit it.
    Raises:
        EntryError: the name is taken, an argument has no words, or a default is impossible.
    """

    def add(builder: Builder) -> Builder:
        try:
            settings = settings_of_builder(builder)
        except EntryError as error:
            raise EntryError(f"The architecture '{name}' is refused: {error}.") from error
        # Each architecture keeps its own values in links.
        parameters = tuple(replace(item, key=f"{name}.{item.name}") for item in settings)
        entry = ArchitectureEntry(
            name, title, description, tuple(reports), dataset, builder, parameters, dict(defaults)
        )
        ARCHITECTURES.add(name, entry, order=order)
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


def find_setting(path: str, architecture: str = "") -> Setting | None:
    """The setting of a dotted name: of images, of training, or of a network.

    Args:
        path: `training.epochs`, `architecture.kernel_size`, `architecture.name`.
        architecture: whose parameter is meant; "": the first that has one of that name (they share words).
    Returns:
        None where there is no such setting.
    """
    if path == NETWORK.path:
        return NETWORK
    if not path.startswith("architecture."):
        return SETTINGS.get(path)
    owners = [architecture] if architecture else ARCHITECTURES.names()
    parameters = (item for owner in owners for item in ARCHITECTURES.get(owner).parameters)
    return next((item for item in parameters if item.path == path), None)
