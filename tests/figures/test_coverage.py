"""The coverage of the reports: every experiment once, where it belongs, in the shade of its scale."""

from cnnviz.figures.coverage import coverage_figure

IDS = ("A1", "A2", "B1", "E11")
TITLES = {name: f"title of {name}" for name in IDS}


def test_every_experiment_stands_once_in_its_row_and_column() -> None:
    figure = coverage_figure(IDS, {"A2": "smoke", "E11": "full"}, TITLES, "B1")
    squares = [
        (trace.customdata[place][0], trace.y[place], trace.x[place])
        for trace in figure.data
        for place in range(len(trace.x))
    ]
    assert sorted(squares) == [("A1", "A", 1), ("A2", "A", 2), ("B1", "B", 1), ("E11", "E", 11)]


def test_what_was_run_is_told_in_words_too_and_the_chosen_one_is_outlined() -> None:
    figure = coverage_figure(IDS, {"A2": "smoke"}, TITLES, "A2")
    texts = [text for trace in figure.data for text in trace.hovertext]
    assert "A2 title of A2: smoke" in texts
    assert "A1 title of A1: not run" in texts
    (outline,) = figure.layout.shapes
    assert (outline.xanchor, outline.yanchor) == (2, "A")
