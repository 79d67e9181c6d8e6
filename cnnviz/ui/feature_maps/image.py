"""Feature maps page, second part: which image, and what the networks say it is."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnnviz.datasets import Dataset, Split
from cnnviz.errors import ImageError
from cnnviz.figures import theme
from cnnviz.figures.sprites import grid_png
from cnnviz.inspection.images import Prepared
from cnnviz.inspection.results import ActivationSet
from cnnviz.ui import pictures, show, words
from cnnviz.ui.feature_maps.view import segments
from cnnviz.ui.pictures import fitting

SPLIT_KEY, INDEX_KEY = "split", "index"
_CLASS_KEY = "maps_class"
_SPLITS = {"test": "Test", "train": "Training"}
_ANY = -1
_SIDE = 96


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


def pick(dataset: Dataset) -> tuple[Picture, DeltaGenerator]:
    """Let the visitor choose an image by split, class and number, or bring one; show it.

    Returns the picture, and the place beside it for what the networks answer.

    An upload that can't be used is named, and the chosen image of the data set stays.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        shown, right = st.container(width=_SIDE + 16), st.container(gap="xsmall")
    controls, beside = right.container(gap="xsmall"), right.container()
    with controls, st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        split = segments("Images", _SPLITS, key=SPLIT_KEY)
        images = dataset.full_train if split == "train" else dataset.full_test
        index = _number(images, dataset.class_names)
        own = pictures.own("maps", channels=dataset.input_shape[2])
    true = int(images.labels[index])
    title = f"{dataset.class_names[true]}, {_SPLITS[split].lower()} image {index}"
    picture = Picture(images.images_at([index])[0], true, title)
    if own.current:
        with controls, show.guard():
            prepared = _fitted(own.current, dataset)
            picture = Picture(prepared.image, None, own.current.title, _others(own, dataset))
    with shown:
        factor = max(1, _SIDE // max(picture.image.shape[:2]))
        show.sprite(
            grid_png(picture.image[None], columns=1, scale=factor, gap=0), key="maps_image", alt=picture.title
        )
    return picture, beside


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
        "Class", [_ANY, *range(len(class_names))], key=_CLASS_KEY, width=165, persist_state="session",
        label_visibility="collapsed",
        format_func=lambda label: "any class" if label == _ANY else class_names[label],
        on_change=step, args=(1, -1), help="Goes to the first one of the class; the arrows then stay in it.",
    )  # fmt: skip
    index = st.number_input(
        "Number", 0, last, step=1, key=INDEX_KEY, bind="query-params", persist_state="session", width=120,
        label_visibility="collapsed",        help=f"0 to {last:,}, as the images are stored.",
    )  # fmt: skip
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
    """The picture as the network takes it, beside the picture as it was brought; both are shown."""
    with st.container(horizontal=True, vertical_alignment="center"):
        before, switch = st.container(width=64), st.container(gap="xxsmall")
    with switch:
        prepared = fitting.fit(picture, dataset.input_shape, dataset.spec.name, key="maps")
        st.caption(f"{picture.title}: {'; '.join(prepared.steps)}.")
    before.image(fitting.small(picture.data), width=64, alt=f"{picture.title}, as it was brought")
    return prepared


def _others(own: pictures.OwnPictures, dataset: Dataset) -> tuple[Own, ...]:
    """All own pictures, fitted; those that can't be read are named and left out."""
    if len(own.all) < 2:
        return ()
    found, unread = [], []
    for position, one in enumerate(own.all):
        try:
            found.append(Own(position, fitting.automatic(one, dataset.input_shape), one.title))
        except ImageError:
            unread.append(one.title)
    if unread:
        st.caption(f"Left out, as they are no pictures that can be read: {', '.join(unread)}.")
    return tuple(found)


def answers(
    picture: Picture, runs: Sequence[tuple[str, ActivationSet, str]], class_names: Sequence[str]
) -> None:
    """The most probable classes of each run, with the true one.

    Args:
        runs: title, activations and a note on the weights of each run.
    """
    for place, (title, found, note) in zip(st.columns(len(runs)), runs, strict=True):
        place.html(_bars(title, found.probabilities, class_names, picture.true, note))


def _bars(
    title: str, probabilities: NDArray[np.float32], class_names: Sequence[str], true: int | None, note: str
) -> str:
    order = [int(i) for i in np.argsort(-probabilities)[:3]]
    if true is not None and true not in order:
        order[-1] = true
    rows = "".join(
        _bar(
            class_names[i] + (" (true)" if i == true else ""),
            float(probabilities[i]),
            _colour(i, order[0], true),
        )
        for i in order
    )
    extra = f" <small>{html.escape(note)}</small>" if note else ""
    return f'<div class="cnnviz-answer"><strong>{html.escape(title)}</strong>{extra}{rows}</div>'


def _bar(label: str, share: float, colour: str) -> str:
    return (
        f'<div class="row"><span>{html.escape(label)}</span>'
        f'<i><b style="width:{100 * share:.1f}%;background:{colour}"></b></i>'
        f"<em>{words.percent(share)}</em></div>"
    )


def _colour(label: int, said: int, true: int | None) -> str:
    if label == true:
        return theme.CORRECT
    if label == said:
        return theme.WRONG if true is not None else theme.run_colour(0)
    return theme.MUTED
