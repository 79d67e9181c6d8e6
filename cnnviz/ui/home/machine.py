"""Home, last part: what there is to train with, in two quiet lines."""

from __future__ import annotations

import importlib.metadata
import shutil

import psutil
import streamlit as st

from cnnviz import paths, words
from cnnviz.training import devices


def machine() -> None:
    """Processors, memory, disk and versions.

    Raises:
        StorageError: the folder of runs can't be made.
    """
    memory = psutil.virtual_memory()
    folder = paths.ensure(paths.runs_dir())
    chips = " · ".join(
        f"**{device.label}**, {words.size(device.memory_bytes)}" for device in devices.devices()
    )
    st.caption(
        f"This machine: {chips} · {words.size(memory.available)} of memory and "
        f"{words.size(shutil.disk_usage(folder).free)} of disk free · "
        f"TensorFlow {_version('tensorflow', 'tensorflow-cpu')} · Keras {_version('keras')}  \n"
        f"Runs are kept in `{folder}`"
    )


def _version(*distributions: str) -> str:
    for name in distributions:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "missing"
