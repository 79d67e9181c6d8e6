"""Architecture: what a network is made of, layer by layer, and what that costs."""

from cnnviz.ui import show
from cnnviz.ui.architecture import architecture_page, layer_view, second_network

ICON, PLACE = ":material/account_tree:", 30

chosen = architecture_page.header()
with show.guard():
    subject = architecture_page.subject()
    if chosen == architecture_page.LAYERS:
        layer_view.render(subject)
    elif chosen == architecture_page.COMPARE:
        second_network.render(subject)
    elif chosen == architecture_page.COST:
        architecture_page.costs(subject)
    else:
        architecture_page.keras_script(subject)
