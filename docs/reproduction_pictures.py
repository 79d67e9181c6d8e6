"""Small static pictures for docs/reproduction.md: figures drawn by the installed browser, in both themes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from importlib import resources
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Literal, NamedTuple

import plotly.graph_objects as go
from PIL import Image
from playwright.sync_api import Browser, Page
from plotly.offline import get_plotlyjs

from cnnviz.figures import theme
from cnnviz.studies.drawing import Drawing
from docs.reproduction_text import Found

_WIDE, _SCALE = 720, 1.5
#: Which drawings are shown; of every other experiment the page Reproduce has them. Figures of numbers
#: alone: images of the data sets, and maps of them, are not ours to pass on.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "A8": ("confusion",),
    "C3": ("pooling",),
    "D7": ("weight_histograms",),
    "E5": ("overfitting",),
    "E6": ("size_time", "size_accuracy"),
    "E7": ("curves",),
    "E8": ("accuracy_bars", "time_bars"),
}
_MODES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_PAGE = Template("""<!doctype html><meta charset="utf-8"><style>
@font-face {font-family: "Source Sans"; src: url(data:font/woff2;base64,$font);}
body {margin: 0; background: transparent;} #figure {width: ${wide}px;}
</style><div id="figure"></div><script>$plotly</script>""")


class Shown(NamedTuple):
    """One drawing that gets a picture, and the name of its file without theme and ending."""

    id: str
    name: str
    drawing: Drawing


def shown(found: Sequence[Found]) -> list[Shown]:
    """The drawings that get a picture."""
    chosen = []
    for one in found:
        for drawn in one.drawn:
            if drawn.name in SHOWN.get(one.id, ()):
                drawings = [drawing for drawing in drawn.drawings if drawing.figure is not None]
                for place, drawing in enumerate(drawings, start=1):
                    chosen.append(Shown(one.id, f"{one.id.lower()}-{drawn.name}-{place}", drawing))
    return chosen


def save(found: Sequence[Found], folder: Path, chromium: Browser) -> dict[tuple[str, str], str]:
    """Draw into `folder`, in place of what was there; Markdown by ID and title of the drawing."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.webp"):
        old.unlink()
    chosen = shown(found)
    page = chromium.new_page(viewport={"width": _WIDE, "height": 900}, device_scale_factor=_SCALE)
    page.set_content(_PAGE.substitute(font=_font(), wide=_WIDE, plotly=get_plotlyjs()))
    for one in chosen:
        for mode in _MODES:
            _picture(page, one.drawing.figure, mode, folder / f"{one.name}-{mode}.webp")
    page.close()
    return {(one.id, one.drawing.title): _tag(one, folder) for one in chosen}


def _font() -> str:
    """The app's own font, as Streamlit brings it; its absence changes no more than the letters."""
    files = sorted(Path(str(resources.files("streamlit"))).rglob("SourceSansVF-Upright*.woff2"))
    return base64.b64encode(files[0].read_bytes()).decode() if files else ""


def _picture(page: Page, figure: go.Figure, mode: Literal["light", "dark"], path: Path) -> None:
    drawn = go.Figure(figure)
    drawn.update_layout(template=theme.template(mode == "dark"), width=_WIDE)
    page.evaluate(
        "async text => { const it = JSON.parse(text); await document.fonts.ready;"
        " await Plotly.newPlot('figure', it.data, it.layout, {staticPlot: true}); }",
        drawn.to_json(),
    )
    png = page.locator("#figure").screenshot(omit_background=True)
    Image.open(BytesIO(png)).save(path, quality=80, method=6)


def _tag(one: Shown, folder: Path) -> str:
    """The picture in the reader's theme."""
    alt = (one.drawing.alt or one.drawing.title).replace('"', "&quot;")
    path = f"{folder.name}/{one.name}"
    note = f"\n\n{one.drawing.title}." + (f" {one.drawing.note}" if one.drawing.note else "")
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{path}-dark.webp">'
        f'<img width="{_WIDE}" alt="{alt}" src="{path}-light.webp"></picture>{note}'
    )
