"""Feature maps: what every layer of one or two networks makes of an image, and what its weights are."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.ui import cache, show
from cnnviz.ui.feature_maps import (
    explain,
    image,
    kernels,
    layer,
    overview,
    panel,
    several,
    styles,
    timelapse,
    view,
    weights,
)


def look_inside(look: str, subjects: Sequence[view.Subject]) -> None:
    """The image, the overview of all layers, and the chosen look at one of them."""
    experiment = subjects[0].run.experiment
    if experiment is None:
        return
    with show.guard():
        dataset = cache.dataset(experiment.dataset)
        two, explaining = len(subjects) > 1, look == view.EXPLAIN
        places = overview.places(wide=two or explaining)
        with places.image:
            pictures = image.pick(dataset, two=two)
            looked = [
                view.look(one, each.image, each.title) for one, each in zip(subjects, pictures, strict=False)
            ]
            trained = [one.run for one in subjects if not one.untrained]
            several.render(pictures[0], trained, dataset.class_names)
        if explaining:
            explain.render(looked, pictures[0], dataset.class_names)
            return
        with places.strip:
            overview.strip(looked)
        with places.answers:
            overview.answers(looked, dataset.class_names, [each.true for each in pictures[: len(looked)]])
        chosen = layer.choose(looked)
        if look == view.KERNELS:
            kernels.render(chosen)
        else:
            panel.render_all(chosen, dataset.class_names)


styles.apply()
subjects, look = view.pick()
if subjects:
    if look == view.WEIGHTS:
        with show.guard():
            weights.render(subjects)
    elif look == view.TIME:
        timelapse.render([one.run for one in subjects])
    elif look == view.EXPLAIN:
        look_inside(look, subjects)  # no fragment: a click in one would wait until all methods have answered
    else:
        # A click on a layer or a map runs this part alone, not the header and the sidebar.
        st.fragment(look_inside)(look, subjects)
