"""Transfer: features of a trained network, chosen and classified without training it again."""

from cnnviz.ui import jobs, show
from cnnviz.ui.transfer import transfer_maps, transfer_results, transfer_view

ICON, PLACE, MENU = ":material/swap_horiz:", 120, "Further"

look = transfer_view.pick_look()
with show.guard():
    if look == transfer_view.INSIDE:
        transfer_maps.render()
    else:
        chosen = transfer_view.choose()
        if chosen.results is None:
            transfer_view.chain_of(chosen)
        transfer_view.without_weights(chosen)
        transfer_view.live(chosen)
        transfer_results.render(chosen)
        jobs.delete(chosen.job, "Its scores and the choice of features are deleted for good; the runs stay.")
