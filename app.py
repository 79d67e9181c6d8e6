"""cnnviz in the browser: `streamlit run app.py`."""

import streamlit as st

from cnnviz import registry

with registry.ends_in_a_sentence():
    from starlette.middleware import Middleware

    from cnnviz.ui.lifespan import lifespan
    from cnnviz.ui.own_host import OwnHost
    from cnnviz.ui.train.live_feed import routes

# A script with a pages/ folder beside it would let a deep link run a page alone, without the
# sidebar; the script therefore lives elsewhere, and this file only names it.
app = st.App("cnnviz/ui/main.py", lifespan=lifespan, routes=routes(), middleware=[Middleware(OwnHost)])
