"""Names are people's own: wherever a page shows one, it is shown letter by letter, whatever it looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from google.protobuf.message import Message
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import architectures, datasets
from cnnviz.architectures.build import build_model
from cnnviz.runs import DataSeen, EpochRecord, RunDirectory, RunReport
from cnnviz.specs import DatasetSpec, ExperimentSpec, SettingValue, TrainingSpec
from cnnviz.studies.search import Candidate, Dimension, SearchJob, SearchSpec
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_question import study_of
from cnnviz.ui import navigation
from tests.examples import ROOT
from tests.patience import PATIENCE

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
MAIN = ROOT / "cnnviz/ui/main.py"
#: A picture from elsewhere, a formula, stress, a link, an icon, a colour, code and HTML.
RUN = "![i](http://a.example/b.png) $x^2$ *b* [l](http://a.example) :smile: :red[c] <marquee> `e`"
SET = "1. *b* $x$ ![i](b.png) <marquee>"
CLASSES = ("*b* $x$ <marquee>", "[l](c) :red[d] `e`")
#: Of these, what Markdown would take for more than letters: none follows a backslash.
MARKUP = re.compile(r"(?<!\\)(!?\[[il]\]\(|\$x|\*b\*|:smile:|:red\[|<marquee>|`e`)")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDirectory]:
    """A finished run on an image folder, all names of which look like markup."""
    root = tmp_path_factory.mktemp("names")
    with pytest.MonkeyPatch.context() as patch:
        for part in ("runs", "data", "cache"):
            patch.setenv(f"CNNVIZ_{part.upper()}_DIR", str(root / part))
        run = _run(root / "data", root / "runs")
        _jobs(run)
        _experiments(root / "data" / "experiments")
        yield run


def _run(data_dir: Path, runs_dir: Path) -> RunDirectory:
    rng = np.random.default_rng(0)
    for name in CLASSES:
        (data_dir / SET / name).mkdir(parents=True)
        for i in range(10):
            pixels = rng.integers(0, 255, (12, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(data_dir / SET / name / f"{i}.png")
    spec = DatasetSpec(name=f"folder:{SET}")
    data, network = datasets.load(spec), architectures.make("one-convolution", filters=2, dense=4)
    experiment = ExperimentSpec(dataset=spec, architecture=network, training=TrainingSpec(epochs=1))
    run = RunDirectory.create(runs_dir, experiment, name=RUN)
    arrays: dict[str, np.ndarray] = {}
    for name in ("test", "train", "validation"):
        split = getattr(data, name)
        answers = np.tile(np.array([0.75, 0.25], np.float16), (len(split), 1))
        arrays |= {f"{name}_probabilities": answers, f"{name}_labels": split.labels}
        arrays[f"{name}_indices"] = split.indices
    run.save_predictions(arrays)
    run.write_data(DataSeen(data.digest, len(data.full_train), len(data.full_test), data.class_names))
    run.append_epoch(EpochRecord(1, loss=0.7, accuracy=0.5, val_loss=0.7, val_accuracy=0.5, elapsed=1.0))
    build_model(network, data.input_shape, 2).save(run.model_path)
    run.write_report(
        RunReport(
            test_accuracy=0.5, n_train=14, n_test=4, fit_seconds=1.0, params=9, epochs=1, train_accuracy=0.5
        )
    )
    run.set_status(state="done")
    return run


def _jobs(run: RunDirectory) -> None:
    """A sweep and a search of that name, which have ended."""
    experiment = run.spec().experiment
    sweep = SweepJob.create(study_of(experiment, [], range(2), RUN))
    sweep.gather()
    sweep.end("failed", RUN)
    base: dict[str, SettingValue] = {"dataset.name": f"folder:{SET}", "architecture.name": "one-convolution"}
    space = Dimension(name="architecture.dense", choices=(4, 8))
    search = SearchJob.create(SearchSpec(title=RUN[:80], base=base, space=(space,), candidates=2, folds=2))
    tried = {"number": 1, "settings": {"architecture.dense": 4}, "state": "failed", "reason": RUN}
    search.save_candidates([Candidate.parse(tried | {"scores": (), "seconds": 1.0, "curves": ()})])
    search.end("failed", RUN)


def _experiments(folder: Path) -> None:
    """An own experiment, all words of which look like markup, and one that is refused."""
    folder.mkdir()
    text, label = json.dumps(RUN), json.dumps(RUN[:60])
    wrong = f'[[experiment]]\nid = "other"\ntitle = {text}\nquestion = {text}\nkind = {text}\n'
    (folder / "*b* $x$ ![i](b.png).toml").write_text(wrong, "utf-8")
    (folder / "mine.toml").write_text(
        f"""title = {text}
author = {text}
notes = {text}

[[experiment]]
id = "mine"
title = {text}
question = {text}
notes = {text}
kind = "training"
base = {{ "dataset.name" = {json.dumps(f"folder:{SET}")}, "architecture.name" = "one-convolution" }}
variants = [{{ label = {label} }}, {{ label = "other", set = {{ "architecture.filters" = 4 }} }}]
draw = ["table", "accuracy_bars", "curves", "confusion"]

[[experiment.claims]]
text = {text}
first = {label}
second = "other"
""",
        "utf-8",
    )


#: What Streamlit reads as Markdown, by the names of its messages' fields.
MARKDOWN = {"body", "label", "help", "content", "text", "caption"}
#: Shown as they are, whatever they hold.
LETTERS = {"json", "code", "selectbox", "multiselect", "text_input", "text_area", "arrow_data_frame"}


def texts(message: Message) -> Iterator[str]:
    """Every text of a message, and of those within it, that may be read as Markdown."""
    for field, value in message.ListFields():
        parts = value if field.is_repeated else [value]
        if field.type == field.TYPE_MESSAGE:
            for part in parts:
                yield from texts(part)
        elif field.type == field.TYPE_STRING and field.name in MARKDOWN:
            yield from parts


@pytest.mark.parametrize("page", navigation.PAGES)
def test_no_name_acts_as_markup(run: RunDirectory, page: str) -> None:
    test = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    test.query_params["dataset"], test.query_params["run"] = f"folder:{SET}", run.id
    test.query_params["experiment"] = "mine"
    test.run()
    shown = test.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not shown.exception
    wrong = []
    for element in (*shown.main, *shown.sidebar):
        proto = getattr(element, "proto", None)
        if proto is None or element.type in LETTERS:
            continue
        if element.type == "plotly_chart":  # Plotly reads some HTML, and drops what it doesn't know
            spec = json.dumps(json.loads(proto.spec), ensure_ascii=False)
            found = re.findall(r".{0,80}<marquee>.{0,20}", spec)
        elif element.type == "html":
            found = [proto.body] if "<marquee>" in proto.body else []
        else:
            found = [text for text in texts(proto) if MARKUP.search(text)]
        wrong += [f"{element.type}: {text[-300:]!r}" for text in found]
    assert not wrong, "\n".join(wrong)
