"""The frame of every page: menu, sidebar, then the page itself."""

from pathlib import Path

import streamlit as st

from cnnviz import registry
from cnnviz.ui import linked, navigation, show, sidebar, theme_watch

# A file of our own: icon names would be fetched from the network for the browser's tab.
st.set_page_config(page_title="cnnviz", page_icon=Path(__file__).with_name("icon.png"), layout="wide")
page = st.navigation(navigation.menu(), position="top")
linked.clear_infinite()  # afterwards: Streamlit then knows which page to run again
st.html(Path(__file__).with_name("cnnviz.css"))  # the few rules of style that themes can't express
sidebar.render()
with st.sidebar:
    theme_watch.render()
banner = st.container()
try:
    page.run()
except Exception as error:
    file = navigation.file_of(page)
    said = f"{registry.shown_path(file)} breaks: {registry.raised(error, file)}. The other pages go on."
    st.error(show.plain(said))
    raise
finally:
    # Afterwards: the page may have been the first to read a kind of entries.
    for wrong in registry.left_out():
        with banner:
            show.problem(f"{wrong} It is left out until it is mended and cnnviz is started anew.")
