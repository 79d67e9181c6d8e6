"""`python -m cnnviz.studies.sweep <folder>`: a sweep in a process of its own."""

import sys
from pathlib import Path

from cnnviz.studies.sweep.process import main

if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
