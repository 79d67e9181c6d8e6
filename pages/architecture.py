"""Architecture: what a network is made of, layer by layer, and what that costs."""

from cnnviz.ui import (
    architecture_view,
    architecture_view_code,
    architecture_view_compare,
    architecture_view_cost,
    architecture_view_layers,
    show,
)

view = architecture_view.header()
with show.guard():
    subject = architecture_view.subject()
    if view == architecture_view.LAYERS:
        architecture_view_layers.render(subject)
    elif view == architecture_view.COMPARE:
        architecture_view_compare.render(subject)
    elif view == architecture_view.COST:
        architecture_view_cost.render(subject)
    else:
        architecture_view_code.render(subject)
