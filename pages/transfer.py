"""Transfer: features of a trained network, chosen and classified without training it again."""

from cnnviz.ui import show
from cnnviz.ui.transfer import chain, maps, results, view

look = view.pick_look()
with show.guard():
    if look == view.INSIDE:
        maps.render()
    else:
        chosen = view.choose()
        if chosen.results is None:
            chain.render(chosen.spec.dataset, chosen.source, chosen.spec)
        view.without_weights(chosen)
        view.live(chosen)
        results.render(chosen)
        view.delete(chosen)
