"""`python -m cnnviz.studies.search <folder>`: work on one search to its end."""

import sys
from pathlib import Path

from cnnviz.studies.search.process import main

if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
