"""Search: which settings suit best, by cross-validation on the training images."""

from cnnviz.ui import show
from cnnviz.ui.search import form, view

search = view.pick()
with show.guard():
    if search is None:
        form.form()
    else:
        view.live(search)
        view.asked(search)
