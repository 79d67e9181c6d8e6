"""Answers are kept for all visitors, and whoever moves on is let go."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnnviz.inspection.layers import LayerMaps
from cnnviz.ui.asking import Answers
from tests.patience import PATIENCE


class MovedOn(BaseException):
    """What a page raises when its visitor has clicked elsewhere."""


def maps(size: int) -> LayerMaps:
    return LayerMaps("conv", "Conv2D", False, np.zeros((size, 1, 1), np.float32))


def test_the_same_question_is_asked_once():
    answers, asked = Answers(), []
    for key in ("a", "b", "a", "a"):

        def answer(key: str = key) -> str:
            asked.append(key)
            return key

        assert answers.get(key, answer) == key
    assert asked == ["a", "b"]


def test_what_fails_is_not_kept():
    answers = Answers()
    with pytest.raises(ZeroDivisionError):
        answers.get("a", lambda: 1 / 0)
    assert answers.get("a", lambda: 5) == 5


def test_the_least_recently_wanted_is_forgotten_when_bytes_or_answers_are_too_many():
    answers, asked = Answers(most_bytes=1000, most_answers=3), []

    def want(key: str, size: int) -> None:
        def answer() -> tuple[LayerMaps, str]:
            asked.append(key)
            return maps(size), "a title"

        answers.get(key, answer)

    for key in ("a", "b", "a", "c"):  # 400 bytes each: b goes
        want(key, 100)
    want("a", 100)
    want("b", 100)  # c goes
    assert asked == ["a", "b", "c", "b"]
    want("large", 500)  # alone it may be larger than all
    asked.clear()
    want("large", 500)
    assert asked == []
    for key in "wxyz":
        want(key, 1)
    asked.clear()
    want("x", 1)
    want("w", 1)
    assert asked == ["w"]


def test_two_who_ask_the_same_wait_for_one_answer():
    answers, begun, go_on, asked = Answers(), threading.Event(), threading.Event(), []

    def work() -> int:
        asked.append(1)
        begun.set()
        assert go_on.wait(PATIENCE)
        return 7

    with ThreadPoolExecutor(2) as visitors:
        first = visitors.submit(answers.get, "a", work)
        assert begun.wait(PATIENCE)
        second = visitors.submit(answers.get, "a", work)
        go_on.set()
        assert (first.result(PATIENCE), second.result(PATIENCE)) == (7, 7)
    assert asked == [1]


def test_who_moves_on_leaves_the_work_to_the_next_and_a_waiting_one_is_let_go_too():
    answers, begun, moved = Answers(), threading.Event(), threading.Event()

    def moves_on() -> None:
        begun.set()
        assert moved.wait(PATIENCE)
        raise MovedOn

    def looks() -> None:
        raise MovedOn

    with ThreadPoolExecutor(2) as visitors:
        first = visitors.submit(answers.get, "a", moves_on)
        assert begun.wait(PATIENCE)
        with pytest.raises(MovedOn):
            answers.get("a", lambda: 1, looks)  # the first is at work still
        second = visitors.submit(answers.get, "a", lambda: 8, lambda: None)
        moved.set()
        with pytest.raises(MovedOn):
            first.result(PATIENCE)
        assert second.result(PATIENCE) == 8
