"""Feature maps: what every layer of one or two networks makes of an image, and what its weights are."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from cnnviz.ui import cache, show
from cnnviz.ui.explain import explain_all
from cnnviz.ui.feature_maps import (
    drawing,
    image_choice,
    kernel_look,
    layer_choice,
    map_panel,
    overview,
    subjects,
    weights_look,
)
from cnnviz.ui.timelapse import timelapse

ICON, PLACE = ":material/grid_view:", 60


def look_inside(look: str, networks: Sequence[subjects.Subject]) -> None:
    """The image, the overview of all layers, and the chosen look at one of them."""
    experiment = networks[0].run.experiment
    if experiment is None:
        return
    explaining, two = look == subjects.EXPLAIN, len(networks) > 1
    with show.guard():
        dataset, names = cache.dataset(experiment.dataset), networks[0].class_names
        with drawing.beside(dataset, live=not explaining) as canvas:
            places = overview.places(wide=two or explaining, answer=canvas.answer)
            with places.image:
                pictures = image_choice.pick(dataset, networks[0].run, two=two, drawn=canvas.drawn)
            if not pictures:
                return
            with places.image:
                looked = [
                    subjects.look(network, picture.image, picture.title)
                    for network, picture in zip(networks, pictures, strict=False)
                ]
                trained = [network.run for network in networks if not network.untrained]
                image_choice.all_own_pictures(pictures[0], trained, names)
            if explaining:
                explain_all.render(looked, pictures[0], names)
                return
            with places.strip:
                overview.strip(looked)
            with places.predictions:
                true = [picture.true for picture in pictures[: len(looked)]]
                overview.predictions(looked, names, true)
            shown = layer_choice.choose(looked)
            followed = partial(drawing.followed, dataset)
            if look == subjects.KERNELS:
                kernel_look.render(shown)
                followed()
            else:
                map_panel.render_all(shown, names, followed)


chosen, look = subjects.pick()
if chosen:
    if look == subjects.WEIGHTS:
        with show.guard():
            weights_look.render(chosen)
    elif look == subjects.TIME:
        timelapse.render([network.run for network in chosen])
    elif look == subjects.EXPLAIN:
        look_inside(look, chosen)  # no fragment: a click in one would wait until all methods have answered
    else:
        # A click on a layer or a map runs this part alone, not the header and the sidebar.
        st.fragment(look_inside)(look, chosen)
