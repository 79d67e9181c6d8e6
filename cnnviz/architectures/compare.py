"""Two networks beside each other: layers aligned, differences marked, the reason in words.

Alignment is global (Needleman and Wunsch 1970): only layers of the same type stand beside each other,
of the same name rather than of another, and as many as possible, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnviz.architectures.arithmetic import LayerSummary, NetworkSummary

#: What is compared, in the order in which it is named.
FIELDS = ("settings", "output_shape", "params", "macs", "receptive_field")
_SAME_NAME, _SAME_TYPE = 4, 2
Mark = Literal["same", "changed", "only first", "only second"]


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A layer of each network, or of one alone; `differences` names the fields that differ."""

    first: LayerSummary | None
    second: LayerSummary | None
    differences: tuple[str, ...] = ()

    @property
    def mark(self) -> Mark:
        """Whether the layer is in both networks, and the same."""
        if self.second is None:
            return "only first"
        if self.first is None:
            return "only second"
        return "changed" if self.differences else "same"

    @property
    def extra_params(self) -> int:
        """Parameters that the second network has more here (negative: fewer)."""
        return (self.second.params if self.second else 0) - (self.first.params if self.first else 0)


def compare(first: NetworkSummary, second: NetworkSummary) -> tuple[ComparisonRow, ...]:
    """Align two networks layer by layer and mark what differs."""
    return tuple(
        ComparisonRow(a, b, differences(a, b) if a and b else ())
        for a, b in _align(first.layers, second.layers)
    )


def differences(a: LayerSummary, b: LayerSummary) -> tuple[str, ...]:
    """Names of the fields in which two layers differ."""
    return tuple(field for field in FIELDS if getattr(a, field) != getattr(b, field))


Pairs = list[tuple[LayerSummary | None, LayerSummary | None]]


def _align(first: tuple[LayerSummary, ...], second: tuple[LayerSummary, ...]) -> Pairs:
    best = _scores(first, second)
    pairs: Pairs = []
    i = j = 0
    while i < len(first) and j < len(second):
        together = _alike(first[i], second[j])
        if together and best[i][j] == together + best[i + 1][j + 1]:
            pairs.append((first[i], second[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((first[i], None))
            i += 1
        else:
            pairs.append((None, second[j]))
            j += 1
    return pairs + [(layer, None) for layer in first[i:]] + [(None, layer) for layer in second[j:]]


def _scores(first: tuple[LayerSummary, ...], second: tuple[LayerSummary, ...]) -> list[list[int]]:
    """`[i][j]`: the best score of aligning first[i:] with second[j:]."""
    best = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) - 1, -1, -1):
        for j in range(len(second) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if together := _alike(first[i], second[j]):
                best[i][j] = max(best[i][j], together + best[i + 1][j + 1])
    return best


def _alike(a: LayerSummary, b: LayerSummary) -> int:
    if a.type != b.type:
        return 0
    return _SAME_NAME if a.name == b.name else _SAME_TYPE
