"""Home: start in one click, see what else can be done here, go on with the last runs."""

from cnnviz.ui import show
from cnnviz.ui.home import home_page

ICON, PLACE = ":material/home:", 10

show.header("cnnviz", "What does a convolutional network learn, and how?")
home_page.start()
home_page.ways()
home_page.last_runs()
home_page.damaged_runs()
with show.guard():
    home_page.machine()
