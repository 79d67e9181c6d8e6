"""Home: start in one click, go on with the last runs, see what this machine has."""

import streamlit as st

from cnnviz.ui import show
from cnnviz.ui.home import view

show.header("cnnviz", "What does a convolutional network learn, and how?")
view.start()
view.ways()
left, right = st.columns([5, 2], gap="large")
with left:
    view.last_runs()
with right, show.guard():
    view.machine()
