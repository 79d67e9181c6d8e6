"""Data page, frame: what the data set is, which look at it is chosen, and how to get a missing one."""

from __future__ import annotations

import html

import streamlit as st

from cnnviz import datasets, paths, words
from cnnviz.errors import CnnvizError
from cnnviz.specs import DatasetSpec
from cnnviz.ui import cache, linked, show
from cnnviz.ui.data import left_out

LOOK_KEY = "look"
CLASSES, IMAGES, NUMBERS, AUGMENTED, OWN = "Classes", "Images", "Numbers", "Augmentation", "Own images"
LOOKS = (CLASSES, IMAGES, NUMBERS, AUGMENTED, OWN)


def pick_look() -> str:
    """Title, and beside it the choice of the look; it stands in the link."""
    st.html(_STYLE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        show.header("Data", "What does the network learn from?")
        return linked.segments("Look at", LOOKS, key=LOOK_KEY)


def go(look: str) -> None:
    """Show another look in the next run; for callbacks."""
    linked.put(LOOK_KEY, look, leave_out=LOOKS[0])


def ready(spec: DatasetSpec) -> bool:
    """Whether the images are on this machine and can be read; where not, what to do about it."""
    if datasets.entry(spec.name).own_images:
        with st.spinner("Opening every image, once …", show_time=True):
            entry = datasets.inventory(spec.name, spec.classes_from)
        try:
            datasets.facts(spec)
        except CnnvizError as error:
            show.problem(str(error))
            left_out.render(entry, open=True)
            return False
        left_out.render(entry)
        return True
    if datasets.availability(spec.name) != "download":
        return True
    entry = datasets.entry(spec.name)
    size = f"{entry.download_size / 1e6:,.0f} MB"
    with st.container(border=True, key="data_missing"):
        st.markdown(f"**{entry.title} is not on this machine yet.**  \n{entry.description}")
        if st.button(f"Download it ({size})", type="primary", icon=":material/download:", key="data_fetch"):
            bar = st.progress(0.0, text="Starting the download …")

            def progress(text: str, share: float | None) -> None:
                text = f"{text}. Leaving this page stops it." if share != 1.0 else text
                bar.progress(share or 0.0, text=text)

            with show.guard():
                datasets.fetch(entry.name, progress)
                st.rerun()
            bar.empty()
        files = "\n".join(f"- [{item.file}]({item.url})" for item in entry.downloads)
        with st.expander("Without a network on this machine"):
            st.markdown(
                f"Place the official files in `{paths.data_dir()}` and open this page again:\n\n{files}"
            )
            st.caption("Extracted folders and the binary version are read too.")
    return False


def describe(dataset: datasets.Dataset) -> None:
    """One line: how many images, how large, how many classes, from where."""
    entry, facts = datasets.entry(dataset.spec.name), dataset.facts
    height, width, channels = facts.input_shape
    of = f" (of {facts.n_train_full:,} for training)"
    parts = [
        f"<b>{html.escape(entry.title)}</b>",
        f"{facts.n_train:,} training, {facts.n_validation:,} validation, {facts.n_test:,} test images"
        + ("" if facts.n_train + facts.n_validation == facts.n_train_full else of),
        f"{height} × {width} pixels, {'colour' if channels == 3 else 'grey'}",
        words.plural(facts.classes, "class", "classes"),
    ]
    hint = html.escape(
        f"{entry.description} Source: {entry.source}. Read from: {dataset.origin}.", quote=True
    )
    st.html(f'<p class="cnnviz-facts" title="{hint}">{" · ".join(parts)}</p>')
    for trap in cache.traps_of(dataset.spec, patient=True):
        st.caption(f":material/warning: {show.plain(trap)}")


def part(title: str, help: str | None = None) -> None:
    """The title of a part of the page."""
    with st.container(key=f"part_{title.lower().replace(' ', '_')}"):
        st.markdown(f"## {title}", help=help)


_STYLE = """<style>
  .cnnviz-facts { margin: 0; font-size: 1rem; opacity: 0.85; }
  /* Arrows to look at; their names are for who hears the page. */
  :is(.st-key-class_before, .st-key-class_after) button p { position: absolute; clip-path: inset(50%); }
  [class*="st-key-part_"] h2 { font-size: 1.15rem; padding: 0.3rem 0 0; }
</style>"""
