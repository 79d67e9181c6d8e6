"""`live/<run>` beside the pages: the figures of a run as JSON, for curves that grow without a rerun.

A rerun of a script, however short, costs a server some milliseconds and a full room many of them; an
answer here is bytes that are mostly made already. Served are the figures that every visitor sees on the
page Train, by a run's exact id, and the names in the queue that every page shows; nothing else.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from cnnviz.ui import queue_view
from cnnviz.ui.train import feed

#: The last part of a page's address is left off by the browser: `live/<run>` stands beside `train`.
NAME = "live"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes() -> list[BaseRoute]:
    """For `st.App`; the latter two are for an app that is served under `server.baseUrlPath`."""
    return [
        route
        for prefix in ("", "/{base:path}")
        for route in (Route(f"{prefix}/{NAME}/{{run}}", _run), Route(f"{prefix}/{NAME}", _queue))
    ]


async def _queue(request: Request) -> Response:
    """The queue's first lines, as the sidebar of every page shows them."""
    if _elsewhere(request):
        return _refusal()
    return JSONResponse({"queue": await run_in_threadpool(queue_view.lines)}, headers=_HEADERS)


async def _run(request: Request) -> Response:
    """What is new since `?at=`; 404 where there is no such run."""
    found = None if _elsewhere(request) else feed.find(request.path_params["run"])
    if found is None:
        return _refusal()
    at = request.query_params.get("at", "")
    # Only a look at the files may wait for a disk; an answer in memory is given at once.
    answer = found.ready(at) or await run_in_threadpool(found.answer, at)
    return Response(answer, media_type="application/json", headers=_HEADERS)


def _elsewhere(request: Request) -> bool:
    """Whether the address is none of this app's. Settings are known only after the app has been made."""
    return request.path_params.get("base", "") != queue_view.base()


def _refusal() -> Response:
    return Response("{}", 404, media_type="application/json", headers=_HEADERS)
