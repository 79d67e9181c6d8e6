"""Only addresses of this machine are answered, and only pages of the app itself: against DNS rebinding."""

from __future__ import annotations

import socket

import pytest
from starlette.datastructures import Headers

from cnnviz.ui.own_host import VARIABLE, refused


def asked(host: str, origin: str = "") -> str:
    return refused(Headers({"host": host} | ({"origin": origin} if origin else {})))


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8501",
        "LOCALHOST",
        "app.localhost:8501",
        "127.0.0.1:8501",
        "192.168.1.20:8501",
        "[::1]:8501",
        "localhost.:8501",
        socket.gethostname(),
        f"{socket.gethostname()}.local:8501",
    ],
)
def test_this_machine_is_answered_by_its_number_and_its_names(host: str) -> None:
    assert asked(host) == ""


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8501", "127.0.0.1.evil.example", "", "[", "a" * 300]
)
def test_another_name_is_refused_and_the_way_is_told(host: str) -> None:
    assert f"{VARIABLE}={host.partition(':')[0][:80]}" in asked(host)


def test_a_name_that_was_given_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "cnn.example.org, Other.example")
    assert asked("cnn.example.org:443", "https://cnn.example.org") == ""
    assert asked("other.example") == ""
    # A proxy may ask for this machine while the page has the name that was given.
    assert asked("127.0.0.1:8501", "https://cnn.example.org") == ""
    assert asked("evil.example")
    monkeypatch.setenv(VARIABLE, "*")
    assert asked("anything.example", "https://anything.example") == ""


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.2:8501",
        "http://127.0.0.1:9000",
        "http://127.0.0.1:99999",
        "null",
        "http://[",
    ],
)
def test_a_page_of_another_site_is_refused(origin: str) -> None:
    assert "may not use cnnviz" in asked("127.0.0.1:8501", origin)


def test_pages_of_the_app_are_answered() -> None:
    assert asked("127.0.0.1:8501", "http://127.0.0.1:8501") == ""
    # Behind a proxy that drops the port of the name that it was asked for.
    assert asked("localhost", "http://localhost:8501") == ""
