"""Home: start in one click, go on with the last runs, see what this machine has."""

import streamlit as st

from cnnviz.ui import home_view, show

show.header("cnnviz", "What does a convolutional network learn, and how?")
home_view.start()
home_view.ways()
left, right = st.columns([5, 2], gap="large")
with left:
    home_view.last_runs()
with right, show.guard():
    home_view.machine()
