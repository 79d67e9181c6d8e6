"""Search: which settings suit best, by cross-validation on the training images."""

from cnnviz.ui import search_view, search_view_form, show

search = search_view.pick()
with show.guard():
    if search is None:
        search_view_form.form()
    else:
        search_view.live(search)
        search_view.asked(search)
