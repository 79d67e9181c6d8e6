"""Feature maps, model warm: from a click until another layer, image or map is seen, in a real browser.

Runs with random weights, on images drawn here: what a network has learnt changes no time. Of the two
networks, report A3's has 32 to 64 maps a layer, VGG16 up to 512.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.figure import Figure
from benchmarks.served import ROOT, browser, served, settle
from cnnviz.architectures import make
from cnnviz.datasets import facts, load
from cnnviz.inspection.questions import GetOverview
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import Weights
from cnnviz.runs import RunDirectory
from cnnviz.specs import DatasetSpec, ExperimentSpec

ROUNDS, IMAGES = 12, 60
_GOALS = {"two-pairs": ("report A3's network", 150), "vgg16": ("VGG16", 400)}
_LOOKED_THROUGH = ".st-key-maps_top_activating_a, .st-key-maps_scan_first_a"
#: Clicks, and waits until the large map is another one, or
#: of another image; it is drawn last of what is seen without scrolling. Milliseconds from the click to the
#: frame after that.
_MEASURE = """
    (selector) => new Promise((resolve, reject) => {
        const roots = (root) => [root, ...[...root.querySelectorAll('*')].filter(e => e.shadowRoot)
            .flatMap(e => roots(e.shadowRoot))];
        const find = (selector) => roots(document).map(r => r.querySelector(selector)).find(Boolean);
        const target = find(selector), box = target.getBoundingClientRect();
        const map = find('canvas[role=application]'), image = find('canvas[role=img]');
        // The label is set when the map has been drawn; of a silent map it may stay what it was.
        const pixels = () => map.toDataURL() + image.toDataURL();
        const label = map.getAttribute('aria-label'), drawn = pixels(), start = performance.now();
        let looks = 0;
        const look = () => {
            const same = map.getAttribute('aria-label') === label && (++looks % 8 || pixels() === drawn);
            if (!same) requestAnimationFrame(() => resolve(performance.now() - start));
            else if (performance.now() - start > 20000) reject(new Error(`${selector} changed nothing`));
            else setTimeout(look, 4);
        };
        target.dispatchEvent(new MouseEvent('click', {
            bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2,
        }));
        look();
    })
"""


def measure() -> Iterator[Figure]:
    """Median milliseconds for another layer, image and map of each network."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        places = {"CNNVIZ_RUNS_DIR": f"{folder}/runs", "CNNVIZ_CACHE_DIR": f"{folder}/cache"}
        runs = {name: _run(Path(folder) / "runs", name) for name in _GOALS}
        yield _answers(Path(places["CNNVIZ_RUNS_DIR"]) / runs["two-pairs"])
        with served(ROOT / "app.py", places) as address:
            for name, (title, goal) in _GOALS.items():
                page = chromium.new_page(viewport={"width": 1280, "height": 800})
                page.goto(f"{address}/feature-maps?run={runs[name]}&map=2")
                settle(page)
                page.locator("canvas[role=application]").first.wait_for(timeout=120_000)
                # Training images are looked through once, after the first look at a run, or when asked for.
                page.locator(_LOOKED_THROUGH).first.wait_for(timeout=120_000)
                for what, samples in _samples(page).items():
                    yield _figure(f"another {what}, {title}", samples, goal)
                page.close()


def _answers(run: Path) -> Figure:
    """The network's part of it: from the question to the inspection process until its answer is back."""
    images = load(DatasetSpec(name="shapes")).test.images_at(range(IMAGES + 1))
    samples = []
    for image in images:
        start = time.perf_counter()
        inspector().ask(GetOverview(Weights(run), image))
        samples.append(1000 * (time.perf_counter() - start))
    inspector().close()
    cold, *warm = samples
    middle = statistics.median(warm)
    detail = (
        f"largest of {IMAGES}: {max(warm):.0f} ms; the first one, with Keras's import: {cold / 1000:.1f} s"
    )
    what = "all layers of another image, asked without a browser"
    return Figure(what, middle, "ms", "≤ 150 ms", middle <= 150, detail, {"ours": warm})


def _run(root: Path, name: str) -> str:
    """A finished run of random weights; its id."""
    import keras

    from cnnviz.architectures.build import build_model

    experiment = ExperimentSpec(dataset=DatasetSpec(name="shapes"), architecture=make(name))
    known = facts(experiment.dataset)
    model = build_model(experiment.architecture, known.input_shape, len(known.class_names))
    keras.utils.set_random_seed(0)
    run = RunDirectory.create(root, experiment, name=name)
    model.save(run.model_path)
    run.set_status(state="done")
    return run.id


def _samples(page: Page) -> dict[str, list[float]]:
    """Milliseconds of each kind of change; the first of each only warms."""
    strip = page.locator(".st-key-maps_strip button b")
    strip.first.wait_for()
    names = strip.all_text_contents()
    layers = [place for place, name in enumerate(names, start=1) if "conv" in name]
    found: dict[str, list[float]] = {"layer": [], "image": [], "map": []}
    for turn in range(ROUNDS + 1):
        layer = layers[(turn + 1) % len(layers)]  # the first one is there from the start
        found["layer"].append(_change(page, f".strip button:nth-child({layer})"))
        found["image"].append(_change(page, ".st-key-maps_next button"))
        found["map"].append(_change(page, f".sheet .tile:nth-child({3 + turn % 2})"))
    return {what: samples[1:] for what, samples in found.items()}


def _change(page: Page, selector: str) -> float:
    milliseconds = float(page.evaluate(_MEASURE, selector))
    settle(page)
    return milliseconds


def _figure(what: str, samples: Sequence[float], goal: int) -> Figure:
    middle = statistics.median(samples)
    detail = f"from click to drawn, in Chromium; largest of {len(samples)}: {max(samples):.0f} ms"
    return Figure(what, middle, "ms", f"≤ {goal} ms", middle <= goal, detail, {"ours": [*samples]})
