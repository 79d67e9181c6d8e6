"""Feature maps page, second part: which image, and what the networks say it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz import words
from cnnviz.datasets import Dataset, Split
from cnnviz.errors import ImageError
from cnnviz.evaluation import is_same_data
from cnnviz.inspection.own_pictures import Prepared
from cnnviz.inspection.questions import Predict
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunSummary
from cnnviz.ui import linked, show
from cnnviz.ui.asking import ask
from cnnviz.ui.components import own_pictures
from cnnviz.ui.components.tiles import Tile, gallery
from cnnviz.ui.feature_maps import drawing

SPLIT_KEY, INDEX_KEY, OTHER_INDEX_KEY = "split", "index", "index_b"
_CLASS_KEY, _TWO_KEY, _OTHER_NUMBER_KEY = "maps_class", "maps_two_images", "maps_other_number"
_SPLITS = {"test": "Test", "train": "Training"}
_ANY, _SAME, _SMALL = -1, "same", 40


class Own(NamedTuple):
    """One of several own pictures, fitted; its position is among all that were brought."""

    position: int
    image: NDArray[np.uint8]  # (H, W, C)
    title: str


class Picture(NamedTuple):
    """The image that is looked at; `true` is None for a person's own."""

    image: NDArray[np.uint8]  # (H, W, C)
    true: int | None
    title: str
    own: tuple[Own, ...] = ()  # all that a person brought, where they are several


def pick(
    dataset: Dataset, run: RunSummary, *, two: bool = False, drawn: Prepared | None = None
) -> tuple[Picture, Picture] | None:
    """Let the visitor choose an image by split, class and number, or bring one.

    An upload that can't be used is named, and the chosen image of the data set stays.

    Args:
        run: the one that is looked into; where its images have changed since, only own pictures are offered.
        two: offer another image of the same split for what stands beside.
        drawn: what stands on the canvas; as long as something does, nothing else is to be chosen.
    Returns:
        the image, and the one beside it: the same, until another one is chosen; None where there is none.
    """
    if drawn:
        picture = Picture(drawn.image, None, "Drawing")
        return picture, picture
    if not is_same_data(run):
        return _pick_own(dataset)
    with show.row("xsmall"):
        split = linked.segments("Images", _SPLITS, key=SPLIT_KEY)
        images = dataset.full_train if split == "train" else dataset.full_test
        index = _number(images, dataset.class_names)
        own = own_pictures.own("maps", channels=dataset.input_shape[2], draws=False)
        other = _other_index(len(images) - 1) if two else None
    picture = _stored(dataset, split, index)
    if own.current:
        with show.guard():
            picture = _own(own, own.current, dataset)
    return picture, picture if other is None else _stored(dataset, split, other)


def _pick_own(dataset: Dataset) -> tuple[Picture, Picture] | None:
    with show.row("xsmall"):
        own = own_pictures.own("maps", channels=dataset.input_shape[2], draws=False)
    if not own.current:
        st.caption("Bring a picture of your own, or draw one.")
        return None
    with show.guard():
        picture = _own(own, own.current, dataset)
        return picture, picture
    return None


def _own(own: own_pictures.OwnPictures, current: own_pictures.OwnPicture, dataset: Dataset) -> Picture:
    """The picture as it was brought in one line with what was done to it; the strip shows what came out."""
    with show.row():
        before = st.container(width=_SMALL)
        with st.container(width="content"):
            prepared = own_pictures.fit(current, dataset.input_shape, dataset.spec.name, key="maps")
        st.caption(
            f"{current.title}, as the network takes it", width="content", help="; ".join(prepared.steps)
        )
    before.image(own_pictures.small(current.data), width=_SMALL, alt=f"{current.title}, as it was brought")
    fitted, unread = [], []
    for position, brought in enumerate(own.all if len(own.all) > 1 else ()):
        try:
            image = own_pictures.automatic(brought, dataset.input_shape, dataset.spec.name)
            fitted.append(Own(position, image, brought.title))
        except ImageError:
            unread.append(brought.title)
    if unread:
        st.caption(f"Left out, as they are no pictures that can be read: {', '.join(unread)}.")
    return Picture(prepared.image, None, current.title, tuple(fitted))


def _other_index(last: int) -> int | None:
    """Number of the image beside; None: the same image. In the link as `index_b`."""
    put = partial(linked.put, OTHER_INDEX_KEY, leave_out=_SAME)
    wanted = linked.value(OTHER_INDEX_KEY, _SAME)
    chosen = wanted if wanted.isdecimal() and int(wanted) <= last else _SAME
    put(chosen)
    label = "Beside: same image" if chosen == _SAME else f"Beside: image {int(chosen):,}"
    with st.popover(label, icon=":material/photo_library:"):
        st.session_state[_TWO_KEY] = chosen != _SAME
        st.toggle(
            "Another image beside",
            key=_TWO_KEY,
            on_change=lambda: put("0" if st.session_state[_TWO_KEY] else _SAME),
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
            on_change=lambda: put(str(int(st.session_state[_OTHER_NUMBER_KEY]))),
        )
    return int(chosen)


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
    own_pictures.leave("maps")
    drawing.leave()


def _number(images: Split, class_names: Sequence[str]) -> int:
    last = len(images) - 1

    def step(by: int, start: int | None = None) -> None:
        wanted = st.session_state.get(_CLASS_KEY, _ANY)
        now = int(st.session_state.get(INDEX_KEY) or 0) if start is None else start
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
    stored = f"0 to {last:,}, as the images are stored."
    index = linked.number("Number", 0, last, key=INDEX_KEY, hidden=True, width=84, help=stored)
    for name, icon, by in (("previous", "back", -1), ("next", "forward", 1)):
        st.button(
            "",
            icon=f":material/arrow_{icon}:",
            key=f"maps_{name}",
            help=f"{name.capitalize()} image",
            on_click=step,
            args=(by,),
        )
    return index


def all_own_pictures(picture: Picture, runs: Sequence[RunSummary], class_names: Sequence[str]) -> None:
    """All own pictures at once with what each run says; a click looks at one."""
    if not picture.own:
        return
    images = np.stack([own.image for own in picture.own])
    predicted = [ask(Predict(Weights.of(run.path), images)) for run in runs]  # each (N, classes)
    captions = []
    for i, own in enumerate(picture.own):
        tops = [int(probabilities[i].argmax()) for probabilities in predicted]
        shares = [
            words.percent(float(probabilities[i, top]), 0)
            for probabilities, top in zip(predicted, tops, strict=True)
        ]
        if len(runs) > 1:
            shares = [f"{class_names[top]} {share}" for top, share in zip(tops, shares, strict=True)]
        captions.append(Tile(class_names[tops[0]], " | ".join(shares), own.title))
    gallery(
        images,
        captions,
        key="maps_several",
        label=f"{len(images)} own pictures with the network's answers",
        on_pick=lambda place: own_pictures.choose("maps", picture.own[place].position),
    )
