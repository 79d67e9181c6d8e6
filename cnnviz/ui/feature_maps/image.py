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
from cnnviz.inspection.images import bright_ground, prepare
from cnnviz.inspection.results import ActivationSet
from cnnviz.ui import show, words
from cnnviz.ui.feature_maps.view import segments

SPLIT_KEY, INDEX_KEY = "split", "index"
_CLASS_KEY, _UPLOAD_KEY, _INVERT_KEY = "maps_class", "maps_upload", "maps_invert"
_SPLITS = {"test": "Test", "train": "Training"}
_ANY = -1
_SIDE = 96


class Picture(NamedTuple):
    """The image that is looked at; `true` is None for a person's own."""

    image: NDArray[np.uint8]  # (H, W, C)
    true: int | None
    title: str


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
        own = _upload(dataset.input_shape)
    true = int(images.labels[index])
    title = f"{dataset.class_names[true]}, {_SPLITS[split].lower()} image {index}"
    picture = Picture(images.images_at([index])[0], true, title)
    if own:
        with controls, show.guard():
            prepared = prepare(own[0], dataset.input_shape, invert=own[1])
            picture = Picture(prepared.image, None, "Own picture")
            st.caption(f"Own picture: {'; '.join(prepared.steps)}.")
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


def _upload(input_shape: tuple[int, int, int]) -> tuple[bytes, bool] | None:
    """A person's own file, and whether to exchange dark and bright; None where there is none."""
    with st.popover("Own picture", icon=":material/upload:"):
        file = st.file_uploader(
            "PNG, JPEG or WebP", ["png", "jpg", "jpeg", "webp"], key=_UPLOAD_KEY, max_upload_size=32,
            help="It stays in this server's memory while you look at it, and nowhere else.",
        )  # fmt: skip
        if file is None:
            st.caption("It is cut to its middle square and made as small as the network's input.")
            return None
        data, invert = file.getvalue(), False
        if input_shape[2] == 1:
            invert = st.toggle(
                "Exchange dark and bright", _on_paper(data, input_shape), key=f"{_INVERT_KEY}_{file.file_id}",
                help="The networks of this data set have learnt bright strokes on a dark ground.",
            )  # fmt: skip
        return data, invert


def _on_paper(data: bytes, input_shape: tuple[int, int, int]) -> bool:
    try:
        return bright_ground(prepare(data, input_shape).image)
    except ImageError:
        return False  # told by whoever shows the picture


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
