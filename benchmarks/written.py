"""What contenders have written: Singer's messages, or dlt's files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UUID: Final = re.compile(rb'"uuid": ?"([0-9a-f-]{36})"')


def uuids(output: Path, folder: Path) -> Iterator[str]:
    """Yield the uuids of the records that a contender has written.

    Args:
        output: What it has written to standard output.
        folder: Its folder, for the files of dlt: its records are in those, several in a line.
    """
    for line in _lines(output, folder):
        for match in _UUID.finditer(line):
            yield match[1].decode()


def _lines(output: Path, folder: Path) -> Iterator[bytes]:
    """Yield lines with records, one at a time: they can be many."""
    with output.open("rb") as file:
        yield from (line for line in file if b'"RECORD"' in line)
    for path in folder.rglob("cdr.*.typed-jsonl"):
        with path.open("rb") as file:
            yield from file
