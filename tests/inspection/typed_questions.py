"""Read by mypy, never run: types reach from a question to its answer, and what is wrong is an error.

Each `type: ignore` stands where mypy must find a mistake; where it found none, the comment would be refused
as needless (`warn_unused_ignores`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_type

from cnnviz.inspection.explanations.checks import Stage
from cnnviz.inspection.layers import Floats, Images, Kernels, LayerMaps
from cnnviz.inspection.questions import GetKernels, GetLayerMaps, Predict, Question, RandomiseWeights
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import Weights
from cnnviz.ui.asking import ask


def answers_have_the_type_of_their_question(weights: Weights, image: Images) -> None:
    assert_type(inspector().ask(GetKernels(weights, "conv1")), Kernels)
    assert_type(ask(GetLayerMaps(weights, image, "conv1")), LayerMaps)
    assert_type(ask(Predict(weights, image[None])), Floats)
    assert_type(ask(RandomiseWeights(weights, image, 3, "saliency")), tuple[Stage, ...])


def mistakes_are_found(weights: Weights, image: Images) -> None:
    ask(GetKernels(weights))  # type: ignore[call-arg]
    ask(GetKernels(weights, 3))  # type: ignore[arg-type]
    ask(GetKernels(weights, "conv1", depth=2))  # type: ignore[call-arg]
    ask(GetKernels(weights, "conv1")).bias.mean()  # type: ignore[union-attr]
    ask("kernels")  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Missing(Question[Kernels]):
    def answer(self) -> Kernels:
        from cnnviz.inspection.network import no_such_function  # type: ignore[attr-defined]

        return no_such_function()


@dataclass(frozen=True, eq=False)
class Wrong(Question[Kernels]):
    weights: Weights
    image: Images

    def answer(self) -> Kernels:
        from cnnviz.inspection.network import layer_maps

        return layer_maps(self.weights, self.image, "conv1")  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Other(Question[Kernels]):
    def answer(self) -> LayerMaps:  # type: ignore[override]
        raise AssertionError
