"""Downloads from a server of our own: whole, checked, never over a file that is there; clear offline."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cnnviz import datasets
from cnnviz.datasets.dataset_entry import DATASETS, DatasetEntry, Download
from cnnviz.datasets.official import fetch_entry
from cnnviz.errors import DataError, DataMissingError, UnknownNameError

CONTENT = bytes(range(256)) * 2000


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/file.bin"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(CONTENT) if found else 0))
        self.end_headers()
        self.wfile.write(CONTENT if found else b"")

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    """Address of a server that has one file."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()
    thread.join()


def entry(url: str, sha256: str = "", file: str = "sub/file.bin") -> DatasetEntry:
    return DatasetEntry(
        name="tiny",
        title="Tiny",
        description="",
        source="",
        class_names=("a", "b"),
        shape=(2, 2, 1),
        n_train=2,
        n_test=2,
        candidates=lambda _: [],
        downloads=(Download(file, url, len(CONTENT), sha256),),
    )


@pytest.mark.slow
def test_a_download_arrives_whole_with_progress(data_dir: Path, server: str) -> None:
    seen: list[tuple[str, float | None]] = []
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    folder = fetch_entry(entry(f"{server}/file.bin", sha256), lambda text, share: seen.append((text, share)))
    assert folder == data_dir / "sub"
    assert (folder / "file.bin").read_bytes() == CONTENT
    assert [path.name for path in data_dir.iterdir()] == ["sub"]
    assert seen[0] == ("Downloading Tiny (1 MB)", None)
    assert seen[-1] == ("Tiny is there.", 1.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "reason"),
    [("wrong hash", "not the official file"), ("no file", "answers 404"), ("no server", "refused")],
)
def test_a_failed_download_names_the_file_and_the_place(
    data_dir: Path, server: str, case: str, reason: str
) -> None:
    url = {"wrong hash": f"{server}/file.bin", "no file": f"{server}/x", "no server": "http://127.0.0.1:9/x"}
    with pytest.raises(DataMissingError) as error:
        fetch_entry(entry(url[case], "0" * 64 if case == "wrong hash" else ""))
    for part in (
        reason,
        "file.bin could not be downloaded",
        "Check the network",
        "place sub/file.bin",
        str(data_dir),
    ):
        assert part in str(error.value)
    assert list(data_dir.iterdir()) == []


@pytest.mark.slow
def test_a_watcher_that_goes_away_stops_the_download(data_dir: Path, server: str) -> None:
    class Gone(BaseException):
        """What Streamlit raises when the browser has left."""

    def leave(_text: str, _share: float | None) -> None:
        raise Gone

    with pytest.raises(Gone):
        fetch_entry(entry(f"{server}/file.bin"), leave)
    assert list(data_dir.iterdir()) == []


def test_a_file_that_is_there_is_never_fetched_again(data_dir: Path) -> None:
    (data_dir / "file.bin").write_bytes(b"mine")
    fetch_entry(entry("http://127.0.0.1:9/x", file="file.bin"))
    assert (data_dir / "file.bin").read_bytes() == b"mine"


def test_embedded_sets_and_own_folders_need_no_fetching(data_dir: Path) -> None:
    seen: list[str] = []
    datasets.fetch("digits", lambda text, _: seen.append(text))
    assert seen == ["Digits is part of cnnviz."]
    with pytest.raises(DataError, match="nothing to fetch"):
        datasets.fetch("folder:pets")
    with pytest.raises(UnknownNameError, match="Did you mean 'mnist'"):
        datasets.fetch("minst")


@pytest.mark.parametrize("name", [name for name in DATASETS if DATASETS.get(name).downloads])
def test_what_would_be_fetched_would_also_be_found(data_dir: Path, name: str) -> None:
    for download in DATASETS.get(name).downloads:
        path = data_dir / download.file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert datasets.availability(name) == "ready"
    assert datasets.fetch(name).is_relative_to(data_dir)
