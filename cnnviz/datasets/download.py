"""A process that downloads one official file through Keras: `python -m cnnviz.datasets.download`.

Its own process, so that the web process never imports Keras. Arguments: URL, folder, file name,
SHA-256 or "". The exit code is 0, or 1 with the reason on the last line of standard error.
"""

from __future__ import annotations

import socket
import sys

#: Seconds without a single byte after which the server counts as unreachable.
PATIENCE = 30


def main(url: str, folder: str, name: str, sha256: str) -> int:
    """Fetch `url` into `folder`/`name`; Keras checks the hash and removes a file that fails it."""
    socket.setdefaulttimeout(PATIENCE)
    import keras

    try:
        keras.utils.get_file(name, origin=url, file_hash=sha256 or None, cache_dir=folder, cache_subdir=".")
    except Exception as error:  # noqa: BLE001  (Keras raises bare Exception for a failed transfer)
        print(" ".join(str(error).split()), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
