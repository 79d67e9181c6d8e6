"""Report page, the tab Mistakes: all images that the network gets wrong, sorted and filtered.

Sort, filters and the image stand in the link.
"""

from __future__ import annotations

import streamlit as st

from cnnviz import words
from cnnviz.datasets import Split
from cnnviz.evaluation import EpochEvaluation, Evaluation, Order, losses, margins, mistakes
from cnnviz.figures.report_figures import probability_figure
from cnnviz.runs import RunSummary
from cnnviz.ui import cache, linked, show
from cnnviz.ui.components.image_pages import PAGE_SIZE, Pages
from cnnviz.ui.report import report_epochs, report_view, why

SORT_KEY, TRUE_KEY, PREDICTED_KEY, IMAGE_KEY = (
    "mistakes_by",
    "mistakes_true",
    "mistakes_as",
    "mistake",  # not `mistakes_image`: there `Pages` keeps the position
)
_SORTS: dict[Order, str] = {"certain": "Most certain", "close": "Closest calls", "loss": "Largest loss"}
_NAME, _ANY = "mistakes", ""


def render(run: RunSummary, result: Evaluation | EpochEvaluation) -> None:
    """The gallery on the left; the chosen image with its probabilities on the right."""
    if isinstance(result, EpochEvaluation):
        st.caption("Single images are known of the end alone: of earlier epochs only counts were kept.")
        report_epochs.to_end("report_mistakes_end", "To the end")
        return
    order, true, predicted = _choices(result.class_names)
    places = mistakes(result.labels, result.probabilities, order, true=true, predicted=predicted)
    of = f"{report_view.SPLIT_NAMES[result.split].lower()} images"
    if not len(places):
        st.success(f"No mistake of this kind among {result.n:,} {of}.", icon=":material/check:")
        return
    st.caption(f"{words.plural(len(places), 'mistake')} of this kind among {result.n:,} {of}.")
    _open_linked(result, places.tolist(), (run.id, result.split, order, true, predicted))
    pages = Pages.of(_NAME, len(places), (run.id, result.split, order, true, predicted))
    chosen = int(places[pages.chosen])
    linked.put(IMAGE_KEY, str(int(result.indices[chosen])))
    with show.guard():
        dataset = cache.images_of(run)
        images = dataset.full_test if result.split == "test" else dataset.full_train
        left, right = st.columns([1.2, 1], gap="medium")
        with left:
            shown = places[pages.first : pages.first + PAGE_SIZE]
            texts = [_text(result, int(place)) for place in shown]
            alt = f"Mistakes {pages.first + 1} to {pages.first + len(shown)}"
            pages.tiles(images.images_at(result.indices[shown]), texts, alt=alt)
            pages.pagination()
        with right:
            _chosen(run, result, images, chosen)


def _choices(names: tuple[str, ...]) -> tuple[Order, int | None, int | None]:
    """How the mistakes are sorted, and which ones: of a true class, of a predicted one; None: of any."""
    by_place = {str(place): name for place, name in enumerate(names)}
    options = [_ANY, *by_place]
    left, middle, right = st.columns([1.7, 1, 1], vertical_alignment="bottom")
    with left:
        texts = {str(order): text for order, text in _SORTS.items()}
        sort = linked.segments("Sorted by", texts, key=SORT_KEY)
    with middle:
        true = linked.select(
            "True class",
            options,
            key=TRUE_KEY,
            default=_ANY,
            names=lambda place: by_place.get(place, "any true class"),
            hidden=True,
        )
    with right:
        predicted = linked.select(
            "Predicted class",
            options,
            key=PREDICTED_KEY,
            default=_ANY,
            names=lambda place: by_place.get(place, "any predicted class"),
            hidden=True,
        )
    order = next(order for order in _SORTS if order == sort)
    return order, int(true) if true else None, int(predicted) if predicted else None


def _open_linked(result: Evaluation, places: list[int], what: tuple[object, ...]) -> None:
    """Turn to the image that a link names, before a visit's first list; later lists begin at their first."""
    if f"{_NAME}_shown_for" in st.session_state:
        return
    position = 0
    indices = [str(int(index)) for index in result.indices[places]]
    if (wanted := linked.asked(IMAGE_KEY)) in indices:
        position = indices.index(wanted)
    Pages.open(_NAME, what, position)


def _text(result: Evaluation, place: int) -> str:
    shares = result.probabilities[place]
    guess, true = int(result.predictions[place]), int(result.labels[place])
    return (
        f"image {int(result.indices[place])}: {result.class_names[true]} taken for "
        f"{result.class_names[guess]}, {words.percent(float(shares[guess]))} sure"
    )


def _chosen(run: RunSummary, result: Evaluation, images: Split, place: int) -> None:
    """The image's probabilities, its margin and loss, and the way to Why."""
    index, true = int(result.indices[place]), int(result.labels[place])
    shares = result.probabilities[place]
    margin = float(margins(shares[None])[0])
    loss = float(losses(result.labels[place : place + 1], shares[None])[0])
    text = _text(result, place)
    st.markdown(f"**{show.plain(text)}**")
    with show.row():
        st.caption(
            f"margin {words.percent(margin)} · loss {words.significant(loss)}",
            width="content",
            help="Margin: how far the two most probable classes lie apart. Loss: cross-entropy in nats, "
            "minus the logarithm of the true class's probability.",
        )
        why.button(run, result.split, index, true, images.images_at([index])[0], key="mistakes_why")
    show.figure(probability_figure(shares, result.class_names, true), key="mistakes_probabilities", alt=text)
