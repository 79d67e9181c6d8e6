"""Questions from a page to the warm processes: kept for all visitors, and taken back by who moves on.

A script that waits would notice only afterwards that its visitor has clicked elsewhere. So it looks while it
waits, as Streamlit itself does at each of its commands. Answers are shared by all visitors: never write to
them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_run_yield_check

from cnnviz.inspection.questions import Question
from cnnviz.inspection.service import Waiting, inspector

Answer = TypeVar("Answer")
#: What a page says while its first question starts the process.
FIRST = "Asking the network … (the first answer takes some seconds)"
#: Bytes of answers that are kept; all maps of the largest layer of VGG16 are 0.26 MB for an image of 32×32,
#: and 13 for one of 224×224.
_KEPT_BYTES = 256_000_000
_KEPT_ANSWERS = 2048
_LOOK_SECONDS = 0.05


def ask(question: Question[Answer], spinner: str = "") -> Answer:
    """The answer to a question, from memory where it was asked before.

    Args:
        spinner: what to say while the visitor waits; empty: nothing.
    Raises:
        CnnvizError: whatever answering raised; or there is no answer.
    """
    waiting = get_run_yield_check()

    def work() -> Answer:
        waiter: AbstractContextManager[None] = st.spinner(spinner) if spinner else nullcontext()
        with waiter:
            return inspector().ask(question, waiting)

    return _answers().get(question.key, work, waiting) if question.steady else work()


class Answers:
    """Answers by the keys of their questions, the least recently wanted forgotten first. For many threads.

    Two visitors who ask the same wait for one answer; the second takes over where the first moves on.
    """

    def __init__(self, most_bytes: int = _KEPT_BYTES, most_answers: int = _KEPT_ANSWERS) -> None:
        self._most_bytes, self._most_answers = most_bytes, most_answers
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._asked: set[Hashable] = set()
        self._changed = threading.Condition()

    def get(self, key: Hashable, work: Callable[[], Answer], waiting: Waiting | None = None) -> Answer:
        """The kept answer, or the one that `work` brings.

        Args:
            waiting: called again and again while another thread is at the same work; whatever it raises
                ends the waiting.
        Raises:
            BaseException: whatever `work` or `waiting` raised; it is not kept.
        """
        with self._alone_at(key, waiting):
            with self._changed:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    kept: Answer = self._kept[key][0]
                    return kept
            answer = work()
            self._keep(key, answer)
            return answer

    @contextmanager
    def _alone_at(self, key: Hashable, waiting: Waiting | None) -> Iterator[None]:
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: key not in self._asked, waiting and _LOOK_SECONDS):
                    self._asked.add(key)
                    break
            if waiting:
                waiting()
        try:
            yield
        finally:
            with self._changed:
                self._asked.discard(key)
                self._changed.notify_all()

    def _keep(self, key: Hashable, answer: object) -> None:
        with self._changed:
            size = _bytes(answer)
            self._kept[key] = answer, size
            self._bytes += size
            while len(self._kept) > 1 and (
                self._bytes > self._most_bytes or len(self._kept) > self._most_answers
            ):
                _, (_, forgotten) = self._kept.popitem(last=False)
                self._bytes -= forgotten


def _bytes(answer: object) -> int:
    """Of all arrays in an answer."""
    if isinstance(answer, np.ndarray):
        return answer.nbytes
    return sum(map(_bytes, answer)) if isinstance(answer, tuple) else 0


@st.cache_resource
def _answers() -> Answers:
    return Answers()  # kept by Streamlit, so that "Clear cache" clears it
