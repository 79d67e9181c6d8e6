"""Studies in lists and headlines, searches and sweeps alike: one line each, one icon a state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from cnnviz.errors import CnnvizError

ICONS = {
    "waiting": ":material/schedule:",
    "running": ":material/play_circle:",
    "stopping": ":material/stop_circle:",
    "stopped": ":material/stop_circle:",
    "interrupted": ":material/warning:",
    "incomplete": ":material/error:",
    "failed": ":material/error:",
    "done": ":material/check_circle:",
}


class _Titled(Protocol):
    """What was asked; it has a title."""

    @property
    def title(self) -> str: ...


def line(folder_id: str, spec: Callable[[], _Titled]) -> str:
    """Title and when it was asked; it never changes, so that a choice in a list stays.

    Args:
        folder_id: begins with the moment, as `20261121-145622` in UTC.
        spec: reads what was asked; a damaged one is called so.
    """
    try:
        title = spec().title
    except CnnvizError:
        title = "damaged"
    moment = datetime.strptime(folder_id[:15] + "+0000", "%Y%m%d-%H%M%S%z").astimezone()
    return f"{title} · {moment.day} {moment:%b %H:%M}"
