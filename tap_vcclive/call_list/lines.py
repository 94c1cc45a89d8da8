"""Reads the lines of a list of calls in bounded memory, whatever program has written them.

Only uuid, year and month have to be ASCII. So a text is UTF-16 when its mark says so, and UTF-8
otherwise, with bytes of other code pages kept apart (PEP 383) rather than refused.
"""

from __future__ import annotations

import codecs
import io
from functools import partial
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS: Final = 1_000_000
"""What a line can have at the most; a webhook has some hundreds."""

# What is passed over of a longer line before the file counts as unreadable: some have no end.
_MOST_PASSED_OVER: Final = 64 * MOST_CHARACTERS

LINE_ENDS: Final = ("\n", "\r")
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class EndlessLineError(ValueError):
    """A line that goes on and on: a device, or an archive made to fill the memory."""


class Source(Protocol):
    """What bytes are read from."""

    def read(self, size: int = ..., /) -> bytes:
        """Return so many bytes, fewer at the end."""


def lines_in(file: Source) -> Iterator[str | None]:
    """Yield the lines of a file, each with its end: LF, CR LF or CR.

    Args:
        file: A file, opened to be read as bytes.

    Yields:
        A line; None for one that is longer than `MOST_CHARACTERS`.

    Raises:
        EndlessLineError: When a line is so long that nobody can have meant it.
    """
    head = file.read(len(_MARKS[0]))
    is_utf_16 = head in _MARKS
    text = io.TextIOWrapper(
        cast("IO[bytes]", _Rejoined(head, file)),
        encoding="utf-16" if is_utf_16 else "utf-8-sig",
        # Half of a UTF-16 unit at the end is no byte that could be kept apart.
        errors="replace" if is_utf_16 else "surrogateescape",
        newline="",
    )
    read = partial(text.readline, MOST_CHARACTERS)
    for line in iter(read, ""):
        if len(line) < MOST_CHARACTERS or line.endswith(LINE_ENDS):
            yield line
        else:
            _pass_over(read)
            yield None


def is_ended(line: str) -> bool:
    """Return whether a line has its end."""
    return line.endswith(LINE_ENDS)


def _pass_over(read: partial[str]) -> None:
    """Read on to the end of a line.

    Raises:
        EndlessLineError: When it does not come.
    """
    passed = 0
    while (piece := read()) and not piece.endswith(LINE_ENDS):
        passed += len(piece)
        if passed > _MOST_PASSED_OVER:
            raise EndlessLineError


class _Rejoined(io.BufferedIOBase):
    """A file whose first bytes have been looked at; not all can be read from the start again."""

    def __init__(self, head: bytes, file: Source) -> None:
        self._head = head
        # What is there at once: of a broken archive, all that comes before the fault.
        self._read = getattr(file, "read1", file.read)

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        head, self._head = self._head, b""
        return head or self._read(size)
