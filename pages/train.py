"""Train: watch a network learn; pause it, stop it, go on."""

import streamlit as st

from cnnviz.ui import show
from cnnviz.ui.train import train_view

ICON, PLACE = ":material/play_circle:", 40

show.header("Train", "How well does it learn, and how fast?")
run = train_view.pick()
if run is None:
    show.empty(
        "Nothing has been trained yet.",
        "Choose a data set and a network in the sidebar and press Train, or start on Home with one click.",
        page="home",
    )
    st.stop()
show.changed_data(run)
train_view.live(run)
train_view.log(run)
train_view.settings(run)
