"""An experiment into the sidebar: for callbacks, because widgets take values only before they are drawn."""

from __future__ import annotations

import streamlit as st

from cnnviz.specs import ExperimentSpec
from cnnviz.ui import linked, settings, state


def into_sidebar(experiment: ExperimentSpec) -> None:
    """Set every widget of the sidebar to this experiment's value.

    Raises:
        UnknownNameError: its network was not made from a registered architecture.
    """
    linked_keys = {state.DATASET_KEY, state.ARCHITECTURE_KEY, state.SIZE_KEY, state.LABELS_KEY}
    linked_keys |= {item.key for item in settings.ALL if item.kind == "choice"}
    for key, value in state.values_of(experiment).items():
        if key in linked_keys:
            linked.put(key, str(value))
        else:
            st.session_state[key] = value
