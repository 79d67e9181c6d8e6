"""Feature maps: what every layer of one or two networks makes of an image."""

import streamlit as st

from cnnviz.ui import (
    cache,
    feature_maps_view,
    feature_maps_view_image,
    feature_maps_view_kernels,
    feature_maps_view_layer,
    feature_maps_view_panel,
    feature_maps_view_styles,
    show,
)

feature_maps_view_styles.apply()
run, other = feature_maps_view.pick_runs()
if run and run.experiment:
    with show.guard():
        dataset = cache.dataset(run.experiment.dataset)
        names = dataset.class_names
        picture, beside = feature_maps_view_image.pick(dataset)
        shown = [(one, feature_maps_view.look(one, picture.image)) for one in (run, other) if one]
        notes = [(one.title, found, feature_maps_view.state_of(one, found)) for one, found in shown]
        with beside:
            feature_maps_view_image.answers(picture, notes, names)
        panels = feature_maps_view_layer.choose(shown, picture.image)
        for place, panel in zip(st.columns(len(panels), gap="large"), panels, strict=True):
            with place:
                feature_maps_view_panel.render(panel, names, beside=len(panels) == 1)
        feature_maps_view_kernels.render(panels)
