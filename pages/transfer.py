"""Transfer: features of a trained network, chosen and classified without training it again."""

from cnnviz.ui import show, transfer_view, transfer_view_maps, transfer_view_results

look = transfer_view.pick_look()
with show.guard():
    if look == transfer_view.INSIDE:
        transfer_view_maps.render()
    else:
        chosen = transfer_view.choose()
        transfer_view.live(chosen)
        transfer_view_results.render(chosen)
