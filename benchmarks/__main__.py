"""`python -m benchmarks [name …]`: measure, print a table, write build/benchmarks.json."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure, machine

NAMES = ("start", "throughput", "augmentation", "pages", "maps", "store", "load")
RESULTS = Path("build/benchmarks.json")


def main() -> None:
    """Measure what was asked for, one after the other; a table at the end, a file as results come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*NAMES, []], metavar="|".join(NAMES), help="default: all"
    )
    chosen = parser.parse_args().names or NAMES
    found: dict[str, Any] = {"machine": machine(), "figures": {}}
    console = Console(width=150 if not sys.stdout.isatty() else None)
    table = Table("what", "measured", "goal", "met", "detail", box=None, pad_edge=False)
    for name in chosen:
        console.print(f"[dim]measuring {name} …[/dim]")
        figures: list[Figure] = list(importlib.import_module(f"benchmarks.{name}").measure())
        found["figures"][name] = [figure.json() for figure in figures]
        for one in figures:
            table.add_row(
                one.what, f"{one.value:.3g} {one.unit}", one.goal, "yes" if one.met else "NO", one.detail
            )
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False))
    console.print(table)
    console.print(f"\n{', '.join(found['machine']['devices'])}; results with all samples in {RESULTS}")


if __name__ == "__main__":
    main()
