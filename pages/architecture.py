"""Architecture: what a network is made of, layer by layer, and what that costs."""

from cnnviz.ui import show
from cnnviz.ui.architecture import code, compare, cost, layers, view

chosen = view.header()
with show.guard():
    subject = view.subject()
    if chosen == view.LAYERS:
        layers.render(subject)
    elif chosen == view.COMPARE:
        compare.render(subject)
    elif chosen == view.COST:
        cost.render(subject)
    else:
        code.render(subject)
