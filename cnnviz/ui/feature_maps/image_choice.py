"""Feature maps page, second part: which image, and what the networks say it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.datasets import Dataset, Split
from cnnviz.errors import ImageError
from cnnviz.inspection.own_pictures import Prepared
from cnnviz.inspection.questions import Predict
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunSummary
from cnnviz.ui import linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.components import own_pictures
from cnnviz.ui.components import own_pictures as pictures
from cnnviz.ui.components.tiles import Tile, gallery
from cnnviz.ui.linked import segments

SPLIT_KEY, INDEX_KEY, OTHER_INDEX_KEY = "split", "index", "index_b"
_CLASS_KEY, _TWO_KEY, _OTHER_NUMBER_KEY = "maps_class", "maps_two_images", "maps_other_number"
_SPLITS = {"test": "Test", "train": "Training"}
_ANY, _SAME, _SMALL = -1, "same", 40


class Own(NamedTuple):
    """One of several own pictures, fitted; its position is among all that were brought."""

    position: int
    image: NDArray[np.uint8]
    title: str


class Picture(NamedTuple):
    """The image that is looked at; `true` is None for a person's own."""

    image: NDArray[np.uint8]  # (H, W, C)
    true: int | None
    title: str
    own: tuple[Own, ...] = ()  # all that a person brought, where they are several


def pick(dataset: Dataset, *, two: bool = False) -> tuple[Picture, Picture]:
    """Let the visitor choose an image by split, class and number, or bring one.

    An upload that can't be used is named, and the chosen image of the data set stays.

    Args:
        two: offer another image of the same split for what stands beside.
    Returns:
        the image, and the one beside it: the same, until another one is chosen.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        split = segments("Images", _SPLITS, key=SPLIT_KEY)
        images = dataset.full_train if split == "train" else dataset.full_test
        index = _number(images, dataset.class_names)
        own = pictures.own("maps", channels=dataset.input_shape[2])
        other = _other_index(len(images) - 1) if two else None
    picture = _stored(dataset, split, index)
    if own.current:
        with show.guard():
            prepared = _fitted(own.current, dataset)
            picture = Picture(prepared.image, None, own.current.title, _others(own, dataset))
    return picture, picture if other is None else _stored(dataset, split, other)


def _other_index(last: int) -> int | None:
    """Number of the image beside; None: the same image. In the link as `index_b`."""
    wanted = linked.value(OTHER_INDEX_KEY, _SAME)
    chosen = wanted if wanted.isdecimal() and int(wanted) <= last else _SAME
    linked.put(OTHER_INDEX_KEY, chosen, leave_out=_SAME)
    label = "Beside: same image" if chosen == _SAME else f"Beside: image {int(chosen):,}"
    with st.popover(label, icon=":material/photo_library:"):
        st.session_state[_TWO_KEY] = chosen != _SAME
        st.toggle(
            "Another image beside",
            key=_TWO_KEY,
            on_change=lambda: _put_other("0" if st.session_state[_TWO_KEY] else _SAME),
            help="Two images through the same layer. Of the same split: test or training.",
        )
        if chosen == _SAME:
            return None
        st.session_state[_OTHER_NUMBER_KEY] = int(chosen)
        st.number_input(
            "Number of the other image",
            0,
            last,
            step=1,
            key=_OTHER_NUMBER_KEY,
            on_change=lambda: _put_other(str(int(st.session_state[_OTHER_NUMBER_KEY]))),
        )
    return int(chosen)


def _put_other(value: str) -> None:
    linked.put(OTHER_INDEX_KEY, value, leave_out=_SAME)


def _stored(dataset: Dataset, split: str, index: int) -> Picture:
    images = dataset.full_train if split == "train" else dataset.full_test
    true = int(images.labels[index])
    title = f"{dataset.class_names[true]}, {_SPLITS[split].lower()} image {index}"
    return Picture(images.images_at([index])[0], true, title)


def choose_training_image(index: int) -> None:
    """Look at a training image of the data set, in place of any own picture; for callbacks."""
    linked.put(SPLIT_KEY, "train", leave_out="test")
    st.session_state[INDEX_KEY] = int(index)
    st.session_state[_CLASS_KEY] = _ANY
    pictures.leave("maps")


def _number(images: Split, class_names: Sequence[str]) -> int:
    last = len(images) - 1
    if not 0 <= _whole(st.session_state.get(INDEX_KEY, 0)) <= last:
        st.session_state[INDEX_KEY] = 0

    def step(by: int, start: int | None = None) -> None:
        wanted = st.session_state.get(_CLASS_KEY, _ANY)
        now = _whole(st.session_state.get(INDEX_KEY, 0)) if start is None else start
        places = np.arange(last + 1) if wanted == _ANY else np.flatnonzero(images.labels == wanted)
        if len(places):
            after = int(np.searchsorted(places, now, side="right" if by > 0 else "left"))
            st.session_state[INDEX_KEY] = int(places[(after if by > 0 else after - 1) % len(places)])

    st.selectbox(
        "Class",
        [_ANY, *range(len(class_names))],
        key=_CLASS_KEY,
        width=132,
        persist_state="session",
        label_visibility="collapsed",
        format_func=lambda label: "any class" if label == _ANY else class_names[label],
        on_change=step,
        args=(1, -1),
        help="Goes to the first one of the class; the arrows then stay in it.",
    )
    index = st.number_input(
        "Number",
        0,
        last,
        step=1,
        key=INDEX_KEY,
        **linked.IN_LINK,
        width=84,
        label_visibility="collapsed",
        help=f"0 to {last:,}, as the images are stored.",
    )
    st.button(
        "",
        icon=":material/arrow_back:",
        key="maps_previous",
        help="Previous image",
        on_click=step,
        args=(-1,),
    )
    st.button(
        "", icon=":material/arrow_forward:", key="maps_next", help="Next image", on_click=step, args=(1,)
    )
    return int(index)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _fitted(picture: pictures.OwnPicture, dataset: Dataset) -> Prepared:
    """The picture as it was brought in one line with what was done to it; the strip shows what came out."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        before = st.container(width=_SMALL)
        with st.container(width="content"):
            prepared = own_pictures.fit(picture, dataset.input_shape, dataset.spec.name, key="maps")
        st.caption(
            f"{picture.title}, as the network takes it", width="content", help="; ".join(prepared.steps)
        )
    before.image(own_pictures.small(picture.data), width=_SMALL, alt=f"{picture.title}, as it was brought")
    return prepared


def _others(own: pictures.OwnPictures, dataset: Dataset) -> tuple[Own, ...]:
    """All own pictures, fitted; those that can't be read are named and left out."""
    if len(own.all) < 2:
        return ()
    found, unread = [], []
    for position, one in enumerate(own.all):
        try:
            found.append(Own(position, own_pictures.automatic(one, dataset.input_shape), one.title))
        except ImageError:
            unread.append(one.title)
    if unread:
        st.caption(f"Left out, as they are no pictures that can be read: {', '.join(unread)}.")
    return tuple(found)


def all_own_pictures(picture: Picture, runs: Sequence[RunSummary], class_names: Sequence[str]) -> None:
    """All own pictures at once with what each run says; a click looks at one."""
    if not picture.own:
        return
    images = np.stack([one.image for one in picture.own])
    predicted = [ask(Predict(Weights.of(run.path), images)) for run in runs]
    captions = [
        Tile(
            class_names[int(predicted[0][i].argmax())],
            " | ".join(_top(each[i], class_names, named=len(predicted) > 1) for each in predicted),
            one.title,
        )
        for i, one in enumerate(picture.own)
    ]
    gallery(
        images,
        captions,
        key="maps_several",
        label=f"{len(images)} own pictures with the network's answers",
        on_pick=lambda place: pictures.choose("maps", picture.own[place].position),
    )


def _top(probabilities: NDArray[np.float32], class_names: Sequence[str], *, named: bool) -> str:
    best = int(probabilities.argmax())
    share = words.percent(float(probabilities[best]), 0)
    return f"{class_names[best]} {share}" if named else share
