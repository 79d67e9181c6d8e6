"""A process that downloads one official file: `python -m cnnviz.datasets.download`.

Its own process, so that it can be ended at any moment, whatever the server does. It fetches and checks as
`keras.utils.get_file` does, without the seconds that importing Keras takes.
Arguments: URL, folder, file name, SHA-256 or MD5 (told apart by their lengths) or "".
The exit code is 0, or 1 with the reason on the last line of standard error.
"""

from __future__ import annotations

import hashlib
import socket
import sys
import urllib.request
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError

#: Seconds without a single byte after which the server counts as unreachable.
PATIENCE = 30


def main(url: str, folder: str, name: str, checksum: str) -> int:
    """Fetch `url` into `folder`/`name` and check it; what is not whole is removed."""
    socket.setdefaulttimeout(PATIENCE)
    path = Path(folder) / name
    try:
        urllib.request.urlretrieve(url, path)
        reason = "" if _fits(path, checksum) else "what came is incomplete or not the official file"
    except HTTPError as error:
        reason = f"the server answers {error.code}, {error.reason}"
    except URLError as error:
        reason = str(error.reason)
    except (OSError, HTTPException) as error:
        reason = str(error) or type(error).__name__
    if reason:
        path.unlink(missing_ok=True)
        print(" ".join(reason.split()), file=sys.stderr)
    return 1 if reason else 0


def _fits(path: Path, checksum: str) -> bool:
    """Whether the file has this checksum, if one is known."""
    algorithm = hashlib.sha256 if len(checksum) == 64 else partial(hashlib.md5, usedforsecurity=False)
    with path.open("rb") as file:
        return not checksum or hashlib.file_digest(file, algorithm).hexdigest() == checksum


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
