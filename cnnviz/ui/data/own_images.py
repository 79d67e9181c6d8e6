"""Data page, own images: a zip of class folders, or a folder placed in the data folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from cnnviz import datasets, paths
from cnnviz.datasets import own_arrays
from cnnviz.datasets.folders import PREFIX
from cnnviz.datasets.pictures import ENDINGS
from cnnviz.datasets.uploads import add_zip, can_be_deleted, delete
from cnnviz.ui import linked, show, state
from cnnviz.ui.data import data_page, left_out

_TREE = """my-images/
├── cat/      one.jpg, two.png, …
└── dog/      …"""
_HALVES = """my-images/
├── train/cat/…   train/dog/…
└── test/cat/…    test/dog/…"""


def render() -> None:
    """How to bring own images, and which are there."""
    left, right = st.columns(2, gap="large")
    with left:
        _upload()
    with right:
        data_page.part("Or place a folder")
        st.markdown(f"In `{paths.data_dir()}`, one folder a class:")
        st.code(_TREE, language=None)
        st.caption("A fifth of each class is then held back for testing. To choose the test images yourself:")
        st.code(_HALVES, language=None)
        st.caption(
            "Arrays, too: a file `my-images.npz` with `x_train`, `y_train`, `x_test`, `y_test`, as in Keras."
        )
    own = [name for name in datasets.names() if name.startswith((PREFIX, own_arrays.PREFIX))]
    if own:
        data_page.part("On this machine")
    for name in own:
        _folder(name)


def _folder(name: str) -> None:
    """What one folder holds, what of it is not used and why, and the way to look at it."""
    with st.spinner("Opening every image, once …", show_time=True):
        entry = datasets.inventory(name)
    text, button = st.columns([4, 1], vertical_alignment="center")
    title = f"**{show.plain(entry.title)}** — "
    if entry.problem and not entry.n_train:
        text.markdown(title + show.plain(entry.problem))
    else:
        validation = f" {entry.n_validation:,} validation," if entry.n_validation else ""
        named = ", ".join(show.plain(label) for label in entry.class_names[:6])
        text.markdown(
            f"{title}{entry.n_train:,} training,{validation} {entry.n_test:,} test images, "
            f"{len(entry.class_names)} classes: {named}" + (" …" if len(entry.class_names) > 6 else "")
        )
        button.button("Look at it", key=f"data_look_{name}", on_click=_choose, args=(name,), width="stretch")
    left_out.render(entry)
    if can_be_deleted(name):
        with st.popover("Delete these images", icon=":material/delete:", key=f"data_delete_{name}"):
            st.markdown(
                f"**{show.plain(entry.title)}** was uploaded here. Deleting it can't be undone; runs that "
                "were trained on it stay, without its images."
            )
            st.button(
                "Delete for good",
                key=f"data_delete_for_good_{name}",
                on_click=show.guarded(partial(delete, name)),
            )


def _upload() -> None:
    data_page.part("Upload a zip")
    file = st.file_uploader(
        "A zip with one folder a class",
        type="zip",
        key="data_zip",
        max_upload_size=64,
        help=f"Images: {', '.join(ENDINGS)}. Each is cut to its middle square and scaled.",
    )
    name = st.text_input(
        "Name",
        value=Path(file.name).stem if file else "",
        max_chars=80,
        placeholder="my-images",
        key=f"data_zip_name_{file.file_id if file else ''}",
    )
    add = st.button(
        "Add these images", type="primary", icon=":material/add_photo_alternate:", disabled=not file
    )
    if add and file is not None:
        with show.guard(), st.spinner("Checking every image …"):
            st.session_state["data_added"] = add_zip(name or "", file)
            st.rerun()
    added = st.session_state.get("data_added")
    if added in datasets.names():
        st.button(
            f"Look at {added.removeprefix(PREFIX)}",
            icon=":material/arrow_forward:",
            on_click=_choose,
            args=(added,),
        )


def _choose(name: str) -> None:
    linked.put(state.DATASET_KEY, name)
    data_page.go(data_page.CLASSES)
