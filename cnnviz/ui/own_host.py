"""Who may talk to the app: browsers that were given its own address, and pages of its own.

A page anywhere in the web can make its own name point to this machine (DNS rebinding), and then read and
drive the app from the browser of whoever looks at it; or open the websocket of the app from afar. The first
is told by the `Host` that the browser asks for, the second by the `Origin` of the page that asks.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: Names that the app is also known by, behind a proxy, say: `cnn.example.org,…`; `*`: any.
VARIABLE = "CNNVIZ_HOSTS"


class OwnHost:
    """Middleware that answers addresses of this machine alone, and pages of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with a sentence."""
        if scope["type"] not in ("http", "websocket") or not (problem := refused(Headers(scope=scope))):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": problem})  # answers 403
        else:
            await PlainTextResponse(problem, status_code=403)(scope, receive, send)


def refused(headers: Headers) -> str:
    """Why a request is refused, in a sentence; "" where it is not."""
    asked, origin = headers.get("host", ""), headers.get("origin", "")
    host = _name(f"//{asked}")
    if not known(host):
        name = (host or asked)[:80]
        return (
            f"cnnviz does not answer to the name '{name}'. If it is served under that name, start it with "
            f"{VARIABLE}={name}.\n"
        )
    same = _name(origin) == host and _same_port(f"//{asked}", origin)
    if origin and not same and not _is_named(_name(origin)):
        return f"A page of {origin[:80]} may not use cnnviz.\n"
    return ""


def known(host: str) -> bool:
    """Whether a name leads to this machine by itself: a number does, and so do the names that it has."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        own = socket.gethostname().lower()
        return host in ("localhost", own, f"{own}.local") or host.endswith(".localhost") or _is_named(host)
    return True


def _is_named(host: str) -> bool:
    named = [name.strip().lower() for name in os.environ.get(VARIABLE, "").split(",")]
    return bool(host) and (host in named or "*" in named)


def _same_port(first: str, second: str) -> bool:
    """Whether two addresses have the same port, as far as both name one: a proxy may have dropped it."""
    try:
        ports = {urlsplit(url).port for url in (first, second)} - {None}
    except ValueError:
        return False  # no port is so large
    return len(ports) < 2


def _name(url: str) -> str:
    """The name in an address, without its port; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
