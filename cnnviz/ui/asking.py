"""Questions from a page to the warm processes: a visitor who moves on takes his question back.

A script that waits here would notice only afterwards that the visitor has clicked elsewhere. So it looks
while it waits, as Streamlit itself does at each of its commands.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.scriptrunner_utils.script_run_context import get_run_yield_check

from cnnviz.inspection.service import inspector

_NETWORK = "cnnviz.inspection.network"


def ask(function: str, *, module: str = _NETWORK, **arguments: Any) -> Any:
    """Ask for what shows within a blink; see `Inspector.answer`.

    Raises:
        CnnvizError: whatever the function raised; or there is no answer.
    """
    return inspector().answer(function, module=module, waiting=get_run_yield_check(), **arguments)


def work(function: str, *, module: str, **arguments: Any) -> Any:
    """Ask for what may take seconds, without letting anybody's maps wait; see `Inspector.work`.

    Raises:
        CnnvizError: as `ask`.
    """
    return inspector().work(function, module=module, waiting=get_run_yield_check(), **arguments)
