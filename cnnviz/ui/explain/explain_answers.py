"""What the inspector answers about explanations, kept for all visitors."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.inspection.explanations.results import Attribution, Faithfulness, Maximised, Stage
from cnnviz.specs.base import Spec
from cnnviz.ui.asking import work
from cnnviz.ui.feature_maps.subjects import Looked

#: A network, its weights and an image; see `Looked.key`.
Key = tuple[str, bool, tuple[int, int], str]


def explained(looked: Looked, label: int, method: str, settings: Spec) -> Attribution:
    """An explanation; from memory where it was asked before.

    Raises:
        CnnvizError: a setting that network or image can't have; no weights, or no answer.
    """
    return _explained(looked.key, label, method, settings.to_json(), looked.image)


@st.cache_resource(max_entries=256, show_spinner=False)
def _explained(key: Key, label: int, method: str, settings: str, _image: NDArray[np.uint8]) -> Attribution:
    found: Attribution = _ask(
        "explain", key, image=_image, label=label, method=method, settings=_plain(settings)
    )
    return found


def scores(looked: Looked, label: int, method: str, settings: Spec) -> Faithfulness:
    """Deletion and insertion of an explanation.

    Raises:
        CnnvizError: as `explained`.
    """
    values = explained(looked, label, method, settings).values
    return _scores(looked.key, label, method, settings.to_json(), looked.image, values)


@st.cache_resource(max_entries=256, show_spinner=False)
def _scores(
    key: Key, label: int, method: str, settings: str, _image: NDArray[np.uint8], _values: NDArray[np.float32]
) -> Faithfulness:
    found: Faithfulness = _ask("scores", key, image=_image, label=label, values=_values)
    return found


def random_order(looked: Looked, label: int) -> Faithfulness:
    """Deletion and insertion in random order.

    Raises:
        CnnvizError: as `explained`.
    """
    return _random_order(looked.key, label, looked.image)


@st.cache_resource(max_entries=128, show_spinner=False)
def _random_order(key: Key, label: int, _image: NDArray[np.uint8]) -> Faithfulness:
    found: Faithfulness = _ask("random_order", key, image=_image, label=label)
    return found


def randomised(looked: Looked, label: int, method: str, settings: Spec) -> tuple[Stage, ...]:
    """The sanity check with randomised weights.

    Raises:
        CnnvizError: as `explained`.
    """
    return _randomised(looked.key, label, method, settings.to_json(), looked.image)


@st.cache_resource(max_entries=128, show_spinner=False)
def _randomised(
    key: Key, label: int, method: str, settings: str, _image: NDArray[np.uint8]
) -> tuple[Stage, ...]:
    found: tuple[Stage, ...] = _ask(
        "randomised", key, image=_image, label=label, method=method, settings=_plain(settings)
    )
    return found


def maximised(looked: Looked, unit: int, layer: str | None, settings: Spec) -> Maximised:
    """An image that excites a class (`layer` None), or a map or unit of a layer.

    Raises:
        CnnvizError: as `explained`.
    """
    path, untrained, stamp, _ = looked.key
    return _maximised((path, untrained, stamp, ""), unit, layer, settings.to_json())


@st.cache_resource(max_entries=128, show_spinner=False)
def _maximised(key: Key, unit: int, layer: str | None, settings: str) -> Maximised:
    found: Maximised = _ask("maximised", key, unit=unit, layer=layer, settings=_plain(settings))
    return found


def _ask(function: str, key: Key, **arguments: Any) -> Any:
    return work(function, module="cnnviz.inspection.explaining", run=key[0], untrained=key[1], **arguments)


def _plain(settings: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(settings)
    return plain
