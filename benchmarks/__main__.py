"""`python -m benchmarks [name …]`: measure, print a table, write build/benchmarks.json."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import load, maps, pages, start, store, training
from benchmarks.figure import machine

MEASUREMENTS = {
    "start": start.measure,
    "throughput": training.throughput,
    "augmentation": training.augmentation,
    "pages": pages.measure,
    "maps": maps.measure,
    "store": store.measure,
    "load": load.measure,
}
RESULTS = Path("build/benchmarks.json")


def main() -> None:
    """Measure what was asked for, one after the other; a table at the end, a file as results come."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [*MEASUREMENTS]
    parser.add_argument(
        "names", nargs="*", choices=[*names, []], metavar="|".join(names), help="default: all"
    )
    chosen = parser.parse_args().names or names
    found: dict[str, Any] = {"machine": machine(), "figures": {}}
    console = Console(width=150 if not sys.stdout.isatty() else None)
    table = Table("what", "measured", "goal", "met", "detail", box=None, pad_edge=False)
    for name in chosen:
        console.print(f"[dim]measuring {name} …[/dim]")
        figures = list(MEASUREMENTS[name]())
        found["figures"][name] = [asdict(figure) for figure in figures]
        for figure in figures:
            measured = f"{figure.value:.3g} {figure.unit}"
            table.add_row(figure.what, measured, figure.goal, "yes" if figure.met else "NO", figure.detail)
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False))
    console.print(table)
    console.print(f"\n{', '.join(found['machine']['devices'])}; results with all samples in {RESULTS}")


if __name__ == "__main__":
    main()
