"""How drawings are laid out on the page Reproduce: grouped headings, gaps, what stands side by side."""

from __future__ import annotations

import io

import pandas as pd
import plotly.graph_objects as go
from PIL import Image
from plotly.subplots import make_subplots
from streamlit.testing.v1 import AppTest

from cnnviz.reports.drawings import Drawing, Table
from cnnviz.ui.reproduce.experiment_drawings import narrowed, wide
from tests.patience import PATIENCE


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "PNG")
    return out.getvalue()


def shown() -> None:
    from cnnviz.reports.drawings import Table
    from cnnviz.ui.reproduce import experiment_drawings

    headings = ("variant", "accuracy, published", "accuracy, measured (smoke)", "8 filters, stride 2", "rank")
    experiment_drawings.table(
        Table(headings, (("a", "50 %", "51.0 %", 0.5, 1), ("b", "–", "52.0 %", 0.25, None))), "t"
    )


def test_headings_of_one_quantity_share_a_group_and_gaps_are_empty() -> None:
    test = AppTest.from_function(shown, default_timeout=PATIENCE).run()
    assert not test.exception
    frame = test.dataframe[0].value
    assert isinstance(frame.columns, pd.MultiIndex)
    assert frame.columns.tolist() == [
        ("", "variant"),
        ("accuracy", "published"),
        ("accuracy", "measured"),
        ("", "8 filters, stride 2"),
        ("", "rank"),
    ]
    assert frame[("", "rank")].isna().tolist() == [False, True]


def test_what_needs_the_whole_page() -> None:
    plain = go.Figure(layout={"margin": {"r": 24}})
    labelled = go.Figure(layout={"margin": {"r": 200}})
    assert not wide(Drawing("plain", figure=plain))
    assert wide(Drawing("long labels", figure=labelled))
    assert wide(Drawing("two in one", figure=make_subplots(rows=1, cols=2)))
    assert wide(Drawing("a hundred classes", figure=go.Figure(layout={"height": 760})))
    assert not wide(Drawing("small", png=png(160, 160)))
    assert wide(Drawing("many maps", png=png(800, 200)))


def counted() -> None:
    from cnnviz.reports.drawings import Table
    from cnnviz.ui.reproduce import experiment_drawings

    headings = (
        "variant",
        "accuracy, published",
        "accuracy, measured",
        "parameters, counted",
        "epochs, published",
    )
    experiment_drawings.table(Table(headings, (("a", "50 %", "51.0 %", 37_146, "20"),)), "t")


def test_what_is_counted_stands_right_after_the_variants() -> None:
    test = AppTest.from_function(counted, default_timeout=PATIENCE).run()
    assert not test.exception
    frame = test.dataframe[0].value
    assert isinstance(frame.columns, pd.MultiIndex)
    assert frame.columns.tolist() == [
        ("", "variant"),
        ("parameters", "counted"),
        ("accuracy", "published"),
        ("accuracy", "measured"),
        ("epochs", "published"),
    ]
    assert frame.iloc[0].tolist() == ["a", 37_146, "50 %", "51.0 %", "20"]


def test_a_table_of_numbers_fits_beside_the_sidebar_and_says_the_rest_below():
    whole = Table(
        (
            "variant",
            "accuracy, published",
            "accuracy, measured (lecture, 3 seeds)",
            "parameters, published",
            "parameters, counted",
            "differs",
        ),
        (
            (
                "thin, 10 epochs",
                "47 % (100 epochs)",
                "12.5 %",
                "23,314",
                "23,314 (812 here)",
                "10 of 100 epochs",
            ),
            ("plain", "48 %", "13.0 %", "–", "37,146", ""),
        ),
    )
    narrow, said = narrowed(whole)
    assert narrow.headings == (
        "variant",
        "accuracy, published",
        "accuracy, measured (lecture, 3 seeds)",
        "parameters, counted",
    )
    assert narrow.rows[0] == ("thin, 10 epochs", "47 %", "12.5 %", "23,314 (812 here)")
    assert said == [
        "thin, 10 epochs: 10 of 100 epochs; published for 100 epochs.",
        "Parameters: counted here, and where the report prints them the same.",
    ]
    # A count that is not the report's keeps its own column.
    other = whole._replace(rows=(("thin", "–", "1 %", "23,315", "23,314", ""),))
    assert "parameters, published" in narrowed(other)[0].headings
