"""Home: start in one click, see what else can be done here, go on with the last runs."""

from cnnviz.ui import show
from cnnviz.ui.home import last, machine, start, style, ways

style.apply()
show.header("cnnviz", "What does a convolutional network learn, and how?")
start.start()
ways.ways()
last.last_runs()
with show.guard():
    machine.machine()
