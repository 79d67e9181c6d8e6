"""The frame of every page: menu, sidebar, then the page itself."""

import streamlit as st

from cnnviz.ui import navigation, sidebar, styles

st.set_page_config(page_title="cnnviz", page_icon=":material/grid_view:", layout="wide")
page = st.navigation(navigation.menu(), position="top")
styles.apply()
sidebar.render()
page.run()
