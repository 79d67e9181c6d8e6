"""How long until something is seen, and until all is drawn, against a blank two-page Streamlit app.

A fresh browser context each time (no cache, as a student's first visit), the two apps in turn.
"""

from __future__ import annotations

import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.figure import Figure, median_ratio
from benchmarks.served import ROOT, SETTLED, browser, served

ROUNDS = 9
CHART = ".js-plotly-plot .main-svg"
_BLANK = """
    import streamlit as st
    page = st.navigation([st.Page("first.py", title="First"), st.Page("chart.py", title="Chart")])
    page.run()
"""
_FIRST = "import streamlit as st\nst.title('First')\n"
#: Our own page's first chart as JSON, read from the browser: typed arrays become lists.
_READ_CHART = """
    plot => JSON.stringify(
        {data: plot.data, layout: plot.layout},
        (key, value) => ArrayBuffer.isView(value) ? Array.from(value) : value)
"""
_CHART = """
    import plotly.io
    import streamlit as st
    from pathlib import Path
    st.plotly_chart(plotly.io.from_json(Path(__file__).with_name("chart.json").read_text()), theme=None)
"""


def measure() -> Iterator[Figure]:
    """First page, and a page with a chart: seconds until seen, ours over a blank app's."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        environment = {"CNNVIZ_RUNS_DIR": f"{folder}/runs", "CNNVIZ_CACHE_DIR": f"{folder}/cache"}
        with served(ROOT / "app.py", environment) as ours:
            blank = _blank_app(Path(folder), _first_chart(chromium, f"{ours}/architecture"))
            with served(blank) as theirs:
                what = "first page visible, over a blank two-page app"
                yield _compare(chromium, what, (ours, ".st-key-cnnviz-header h1"), (theirs, "h1"))
                what = "first page drawn to its end, over the same"
                yield _compare(chromium, what, (ours, SETTLED), (theirs, SETTLED))
                what = "a page with a chart (Architecture), over that chart on a blank app"
                yield _compare(chromium, what, (f"{ours}/architecture", CHART), (f"{theirs}/chart", CHART))


def _compare(chromium: Browser, what: str, ours: tuple[str, str], theirs: tuple[str, str]) -> Figure:
    """Open both pages in turn; the first round of each only warms the servers."""
    seconds: dict[str, list[float]] = {"ours": [], "blank": []}
    for _ in range(ROUNDS + 1):
        for name, (address, selector) in (("ours", ours), ("blank", theirs)):
            seconds[name].append(_seconds_until_seen(chromium, address, selector))
    measured = {name: values[1:] for name, values in seconds.items()}
    ratio = median_ratio(measured["ours"], measured["blank"])
    return Figure(what, ratio, "×", "≤ 1.3", ratio <= 1.3, "samples: seconds", measured)


def _seconds_until_seen(chromium: Browser, address: str, selector: str) -> float:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        start = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(selector, state="visible", timeout=60_000)
        return time.perf_counter() - start
    finally:
        context.close()


def _first_chart(chromium: Browser, address: str) -> str:
    page = chromium.new_page()
    try:
        page.goto(address)
        page.wait_for_selector(CHART, timeout=60_000)
        return str(page.eval_on_selector(".js-plotly-plot", _READ_CHART))
    finally:
        page.close()


def _blank_app(folder: Path, chart: str) -> Path:
    (folder / "first.py").write_text(_FIRST)
    (folder / "chart.py").write_text(textwrap.dedent(_CHART))
    (folder / "chart.json").write_text(chart)
    main = folder / "main.py"
    main.write_text(textwrap.dedent(_BLANK))
    return main
