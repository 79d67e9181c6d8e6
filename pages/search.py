"""Search: which settings suit best, by cross-validation on the training images."""

from cnnviz.studies.search import SearchJob
from cnnviz.ui import jobs
from cnnviz.ui.search import search_form, search_view

ICON, PLACE, MENU = ":material/manage_search:", 130, "Further"

jobs.page(
    SearchJob,
    "Search",
    "Which settings suit best?",
    ask=search_form.form,
    draw=search_view.draw,
    asked=search_view.asked,
    deleted="The list of candidates is deleted for good; their runs stay.",
)
