"""Search: which settings suit best, by cross-validation on the training images."""

from cnnviz.ui import show
from cnnviz.ui.search import search_form, search_view

ICON, PLACE, MENU = ":material/manage_search:", 130, "Further"

search = search_view.pick()
with show.guard():
    if search is None:
        search_form.form()
    else:
        search_view.live(search)
        search_view.asked(search)
