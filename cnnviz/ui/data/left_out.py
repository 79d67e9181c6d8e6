"""Data page: which files of an image folder are not used and why, and the switch that leaves out bad ones."""

from __future__ import annotations

import streamlit as st

from cnnviz import datasets, words
from cnnviz.specs import SETTINGS
from cnnviz.ui import linked, show, state

_SWITCH = SETTINGS["dataset.leave_out_bad"]


def render(entry: datasets.DatasetEntry, *, open: bool = False) -> None:
    """One fold with what is left out by reason, and every file that can't be read.

    Args:
        entry: of `datasets.inventory`.
        open: whether the fold is open at first.
    """
    if entry.subfolders:
        inside = words.listed([show.plain(folder) for folder in entry.subfolders[:6]])
        st.caption(f"Images in folders inside a class ({inside}) count for their class.")
    if not entry.left_out:
        return
    total = sum(item.files for item in entry.left_out)
    with st.expander(
        f"{words.plural(total, 'file')} not used", expanded=open, key=f"data_left_out_{entry.name}"
    ):
        st.dataframe(
            {
                "why": [item.reason for item in entry.left_out],
                "files": [item.files for item in entry.left_out],
                "for example": [item.example for item in entry.left_out],
            },
            hide_index=True,
        )
        if entry.bad_files and len(entry.bad_files) > len({reason for _, reason in entry.bad_files}):
            st.caption("Every file that can't be read:")
            files, reasons = zip(*entry.bad_files, strict=True)
            st.dataframe({"file": files, "why": reasons}, hide_index=True, height=210)
        if entry.bad_files and entry.n_train:
            st.button(
                f"Leave out the {words.plural(len(entry.bad_files), 'file')} that can't be read",
                key=f"data_without_{entry.name}",
                help=_SWITCH.help,
                on_click=_leave_out,
                args=(entry.name,),
            )


def _leave_out(name: str) -> None:
    linked.put(state.DATASET_KEY, name)
    st.session_state[_SWITCH.key] = True
