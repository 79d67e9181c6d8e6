"""Data page, pictures: the n-th image of every class (A1), and samples of one class or of all (A2, B1)."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnnviz.datasets import Dataset, Split
from cnnviz.datasets.preview import augment
from cnnviz.datasets.statistics import nth_of_each_class, sample, sample_of_class
from cnnviz.figures.sprites import grid_png
from cnnviz.specs import AugmentationSpec
from cnnviz.ui import linked, show
from cnnviz.ui.components.tiles import Tile, gallery
from cnnviz.ui.data import data_page

HALF_KEY, NTH_KEY, CLASS_KEY, COUNT_KEY, DRAW_KEY = "half", "nth", "class", "count", "data_draw"
_ALL = "all"
_HALVES = ("Training", "Test")


def every_class(dataset: Dataset) -> None:
    """The n-th image of every class; a click leads to more images of that class."""
    with show.row("xsmall"):
        split = _half(dataset)
        most = int(np.bincount(split.labels).max())
        st.markdown("image", width="content")
        nth = linked.number("Image of each class", 1, most, key=NTH_KEY, beyond=most, hidden=True, width=130)
        st.markdown(
            "of each class",
            width="content",
            help="1: the first image of every class, in the order of the file.",
        )
        save = st.container(width="content")
    positions = nth_of_each_class(split, nth, len(dataset.class_names))
    firsts = [int(position) for position in positions if position >= 0]
    captions = _captions(dataset, split, firsts, named=True)
    with save:
        _save(dataset, split, firsts, captions, "classes")

    def open_class(place: int) -> None:
        linked.put(CLASS_KEY, str(split.labels[firsts[place]]), leave_out=_ALL)
        data_page.go(data_page.IMAGES)

    gallery(
        split.images_at(firsts),
        captions,
        key="data_classes",
        columns=_large(len(firsts)),
        label=f"Image {nth} of each class of {dataset.spec.name}",
        on_pick=open_class,
    )
    if len(firsts) < len(positions):
        st.caption(f"{len(positions) - len(firsts)} classes have fewer than {nth} images.")


def samples(dataset: Dataset) -> None:
    """Some images at random: of one class, or of all with their names."""
    names = {_ALL: "all classes", **{str(label): name for label, name in enumerate(dataset.class_names)}}
    options = list(names)

    def turn(by: int) -> None:
        place = options.index(linked.current(CLASS_KEY, options, _ALL))
        linked.put(CLASS_KEY, options[(place + by) % len(options)], leave_out=_ALL)

    def arrow(text: str, icon: str, key: str, by: int) -> None:
        st.button(text, icon=f":material/{icon}:", key=key, help=text, on_click=turn, args=(by,))

    with show.row("xsmall"):
        arrow("Class before", "chevron_left", "class_before", -1)
        chosen = linked.select(
            "Class", options, key=CLASS_KEY, names=names.__getitem__, default=_ALL, hidden=True, width=165
        )
        arrow("Next class", "chevron_right", "class_after", 1)
        split = _half(dataset)
        wanted = linked.select(
            "How many",
            ("10", "20", "50", "100"),
            key=COUNT_KEY,
            default="10",
            names="{} images".format,
            hidden=True,
            width=130,
        )
        st.button(
            "Others",
            icon=":material/casino:",
            on_click=_again,
            args=(DRAW_KEY,),
            help="Another sample of them.",
        )
        save = st.container(width="content")
    seed = int(st.session_state.get(DRAW_KEY, 0))
    if chosen == _ALL:
        drawn = sample(split, int(wanted), seed)
    else:
        drawn = sample_of_class(split, int(chosen), int(wanted), seed)
    positions = [int(position) for position in drawn]
    if not positions:
        st.info("This part has no image of that class.", icon=":material/info:")
        return
    captions = _captions(dataset, split, positions, named=chosen == _ALL)
    with save:
        _save(dataset, split, positions, captions, names[chosen].replace("/", "-"))
    gallery(
        split.images_at(positions),
        captions,
        key="data_samples",
        columns=_large(len(positions)),
        label=f"{len(positions)} images of {names[chosen]}, drawn at random",
    )


def _again(key: str) -> None:
    """Draw other ones."""
    st.session_state[key] = int(st.session_state.get(key, 0)) + 1


def _half(dataset: Dataset) -> Split:
    with st.container(width=190):
        chosen = linked.segments("Training or test images", _HALVES, key=HALF_KEY, width="stretch")
    return dataset.full_test if chosen == "Test" else dataset.full_train


def _captions(dataset: Dataset, split: Split, positions: list[int], *, named: bool) -> list[Tile]:
    half = "test" if split is dataset.full_test else "training"
    captions = []
    for position in positions:
        name = dataset.class_names[split.labels[position]]
        hint = f"{name}: {half} image with index {position:,}, counted from 0"
        captions.append(Tile(name if named else "", f"index {position:,}", hint))
    return captions


def _large(n: int) -> int:
    """Columns of the gallery: two rows of five, as A1 and A2 have it, else small images."""
    return 5 if n <= 10 else 0


def _save(dataset: Dataset, split: Split, positions: list[int], captions: list[Tile], what: str) -> None:
    texts = [" ".join(part for part in (caption.title, caption.line) if part) for caption in captions]

    def picture() -> bytes:
        scale = max(1, 128 // max(split.shape[:2]))
        return grid_png(split.images_at(positions), 5 if len(positions) <= 10 else 10, scale, 8, labels=texts)

    name = f"{dataset.spec.name.removeprefix('folder:')}-{what}.png"
    show.download("Save", picture, name, "image/png", help="This figure as a PNG, with its titles.")


_DRAW_KEY = "data_augmentation_draw"
_ROWS, _TIMES = 4, 7
#: As B6 trains; keys of the sidebar's widgets.
_EXAMPLE = {"rotation": 15.0, "shift_x": 0.1, "shift_y": 0.1}


def augmented(dataset: Dataset, spec: AugmentationSpec) -> None:
    """Each row: an image as it is, then as training could see it. Without settings: an example."""
    shown = spec
    if not spec.active:
        # What B6 trains with; mirrored only where no text is shown.
        flip = dataset.input_shape[2] == 3
        shown = AugmentationSpec(rotation=15, width_shift=0.1, height_shift=0.1, horizontal_flip=flip)
    text, action = st.columns([3.4, 1], vertical_alignment="center")
    text.markdown(
        f"**{spec.label()}**, as set in the sidebar under Augmentation."
        if spec.active
        else f"**No augmentation is chosen** (sidebar, Augmentation). An example: {shown.label()}."
    )
    if spec.active:
        action.button(
            "Draw again", icon=":material/casino:", on_click=_again, args=(_DRAW_KEY,), width="stretch"
        )
    else:
        action.button(
            "Train with it",
            on_click=st.session_state.update,
            args=({**_EXAMPLE, "flip_x": shown.horizontal_flip},),
            width="stretch",
            help="Puts these settings into the sidebar.",
        )
    # The first training image of some classes, spread over all classes.
    split = dataset.full_train
    firsts = nth_of_each_class(split, 1, len(dataset.class_names))
    firsts = firsts[firsts >= 0]
    spread = np.linspace(0, len(firsts) - 1, min(_ROWS, len(firsts))).round().astype(int)
    originals = split.images_at(firsts[spread])
    seed = int(st.session_state.get(_DRAW_KEY, 0))
    changed = [augment(originals, shown, 1000 * seed + time) for time in range(_TIMES)]
    images = np.stack([originals, *changed], axis=1).reshape(-1, *originals.shape[1:])
    first = [Tile(hint="as it is"), *[Tile(hint="changed at random")] * _TIMES]
    gallery(
        images,
        first * len(originals),
        key="data_augmented",
        columns=_TIMES + 1,
        label=f"{len(originals)} training images, each as it is and {_TIMES} times augmented: "
        f"{shown.label()}",
    )
    st.caption(
        "First column: the image as it is. The others: as training could see it, anew in every epoch.",
        help="Each is drawn at random up to what is set: rotation 15° turns by at most 15° either way, "
        "shift 0.1 moves by at most a tenth of the image's side.",
    )
