"""Figures of a search: every candidate is there, and its state can be told without colour."""

from __future__ import annotations

from typing import Any

from cnnviz.figures.search_figures import (
    Axis,
    Trial,
    best_of,
    history_figure,
    importance_figure,
    parallel_figure,
)

TRIALS = [
    Trial(1, "optimizer SGD", 0.4, 0.02),
    Trial(2, "optimizer Adam", 0.7, 0.03),
    Trial(3, "optimizer SGD", 0.2, None, "pruned"),
    Trial(4, "optimizer Adam", 0.6, 0.01),
]
OPTIMIZER = Axis("optimizer", ((0.0, "SGD"), (1.0, "Adam")), (0.0, 1.0, 0.0, 1.0), choices=True)
RATE = Axis("rate", ((0.0, "0.001"), (1.0, "0.1")), (0.1, 0.5, 0.9, 0.2))


def traces(figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_history_shows_every_candidate_once_and_the_best_so_far() -> None:
    shown = traces(history_figure(TRIALS, 3))
    assert list(shown["best so far"].x) == [1, 2, 4, 4.6]
    assert list(shown["best so far"].y) == [0.4, 0.7, 0.7, 0.7]
    assert list(shown["best"].x) == [2]
    assert list(shown["trained to the end"].x) == [1, 4]
    assert list(shown["given up early"].x) == [3]
    assert len({shown[name].marker.symbol for name in ("best", "trained to the end", "given up early")}) == 3
    assert list(shown["trained to the end"].error_y.array) == [0.02, 0.01]


def test_who_was_given_up_is_never_the_best() -> None:
    assert best_of([Trial(1, "", 0.9, None, "pruned"), Trial(2, "", 0.1)]) == Trial(2, "", 0.1)
    assert best_of([Trial(1, "", 0.9, None, "pruned")]) is None
    history_figure([Trial(1, "", 0.9, None, "pruned")], 3)
    history_figure([], 3)


def test_every_candidate_is_one_line_from_its_settings_to_its_accuracy() -> None:
    figure = parallel_figure(TRIALS, [OPTIMIZER, RATE])
    ends = [
        y for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True) if x is not None and x > 1.5
    ]
    assert len(ends) == len(TRIALS)
    assert sorted(round(end, 6) for end in ends) == [0, 0.4, 0.8, 1]
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert texts[:3] == ["<b>optimizer</b>", "SGD", "Adam"]
    assert texts[-3:] == ["<b>accuracy</b>", "20.0 %", "70.0 %"]


def test_lines_through_one_choice_lie_side_by_side_the_better_above() -> None:
    figure = parallel_figure(TRIALS, [OPTIMIZER])
    starts = {
        text.partition(":")[0]: y
        for trace in figure.data
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True)
        if x is not None and x < 0.5
    }
    assert starts["candidate 2"] > starts["candidate 4"]
    assert starts["candidate 1"] > starts["candidate 3"]
    assert abs(starts["candidate 2"] - 1) < 0.5
    assert abs(starts["candidate 3"]) < 0.5


def test_one_candidate_is_enough_for_a_picture() -> None:
    one = Axis("rate", ((0.0, "0.001"), (1.0, "0.1")), (0.5,))
    parallel_figure(TRIALS[:1], [one])
    parallel_figure([], [Axis("rate", (), ())])


def test_the_largest_share_stands_on_top() -> None:
    [bars] = importance_figure({"rate": 0.2, "optimizer": 0.8}).data
    assert list(bars.y) == ["rate", "optimizer"]
    assert list(bars.text) == ["20 %", "80 %"]


def test_few_candidates_give_a_hint_and_say_from_how_many() -> None:
    figure = importance_figure({"rate": 0.62, "optimizer": 0.26, "size": 0.12}, 8)
    assert list(figure.data[0].text) == ["about 10 %", "about 30 %", "about 60 %"]
    assert figure.layout.title.text == "What may have mattered"
    assert figure.layout.title.subtitle.text == "from 8 candidates: a hint, no finding"


def test_many_candidates_give_numbers() -> None:
    figure = importance_figure({"rate": 0.62, "optimizer": 0.38}, 20)
    assert list(figure.data[0].text) == ["38 %", "62 %"]
    assert figure.layout.title.subtitle.text == "from 20 candidates"
