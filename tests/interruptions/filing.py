"""A target that writes what it reads into a file, on a disk that fills: `filing FILE BYTES`."""

from __future__ import annotations

import resource
import shutil
import sys
from pathlib import Path


def main(file: str, most_bytes: int) -> None:
    """Write standard input into a file that cannot become larger than so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    with Path(file).open("wb", buffering=0) as out:
        shutil.copyfileobj(sys.stdin.buffer, out, 4096)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
