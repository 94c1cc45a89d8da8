"""Reads the entries of a list of calls from a file, as a stream.

What becomes of an entry is not decided here: an entry is whatever stands in a row, and says how a
row is broken that holds none.
"""

from __future__ import annotations

import json
import re
import zlib
from gzip import BadGzipFile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import fsspec

from tap_vcclive.call_list.lines import EndlessLineError, is_ended, lines_in
from tap_vcclive.call_list.rows import TOO_LONG, NoHeaderError, Unended, rows_in
from tap_vcclive.calls.call import BadCallError
from tap_vcclive.calls.event import TwoCallsError, call_event

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES: Final = (".csv", ".jsonl", ".ndjson", ".txt")

# The last one, of several, but none that stands in a query.
_PROTOCOL: Final = re.compile("[^?#]*://")
_PLAIN_NAME: Final = re.compile(r"[\w .#()\[\]*+~-]{1,100}")

OTHER_EVENT: Final = object()
"""Stands for an object that carries no uuid, such as an event of another kind than a call."""


class UnreadableFileError(ValueError):
    """The file cannot be opened or read on; the message names the line where reading stopped.

    Attributes:
        line: The last line that was read, 0 for none.
    """

    def __init__(self, line: int, reason: str) -> None:
        """Say why, and where."""
        where = f"after line {line}" if line else "from the beginning"
        super().__init__(f"cannot be read {where}: {reason}")
        self.line = line


def name_of(url: str) -> str:
    """Return the last part of a path or URL, if it can stand in a log: URLs can hold keys.

    The last part of what is almost a URL, `https:/host/list.csv?sig=...`, can hold them as well.
    """
    name = _last_part_of(url)
    return name if _PLAIN_NAME.fullmatch(name) else "(a name that is not shown)"


def _last_part_of(url: str) -> str:
    """Return the last part of a path or URL, without what is no part of its path."""
    if protocol := _PROTOCOL.match(url):
        url = re.split("[?#]", url[protocol.end() :], maxsplit=1)[0].rpartition("@")[2]
    return PurePosixPath(url).name


def suffix_of(url: str) -> str:
    """Return the suffix that tells a file's form, in lower case, less a closing .gz."""
    return PurePosixPath(_last_part_of(url).lower().removesuffix(".gz")).suffix


def entries_of(url: str) -> Iterator[tuple[int, object]]:
    """Yield each entry of a list of calls with the number of its line, counted from 1.

    An entry is a uuid; an object with `uuid`; `OTHER_EVENT`; the `BadCallError` that says why a
    row is broken; or, for a last line that has no end, one of these as `Unended`. Blank lines are
    passed over.

    Args:
        url: Path or fsspec URL; its suffix tells the form, see `SUFFIXES`.

    Raises:
        UnreadableFileError: When the file cannot be opened or unpacked.
    """
    line = 0
    try:
        compression = "gzip" if _last_part_of(url).lower().endswith(".gz") else None
        with fsspec.open(url, "rb", compression=compression) as file:
            for line, entry in _READERS[suffix_of(url)](lines_in(file)):
                yield line, entry
    except Exception as error:  # noqa: BLE001 - each file system has errors of its own
        # The error's own text can repeat a line of the file or a key in a URL; its type cannot.
        reason = _REASONS.get(type(error), type(error).__name__)
        raise UnreadableFileError(line, reason) from None


def _json_entries(lines: Iterator[str | None]) -> Iterator[tuple[int, object]]:
    """Yield the objects of a file with one JSON object a line."""
    for number, line in enumerate(lines, start=1):
        if line is None:
            yield number, BadCallError(TOO_LONG)
        elif not line.isspace():
            entry = _json_entry(line)
            if isinstance(entry, BadCallError) and not is_ended(line):
                entry = Unended(entry, line, "row")
            yield number, entry


def _json_entry(line: str) -> object:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return BadCallError("no JSON object")
    if not isinstance(entry, dict):
        return BadCallError("no JSON object")
    try:
        return call_event(entry) or OTHER_EVENT
    except TwoCallsError as error:
        return BadCallError(str(error))


def _text_entries(lines: Iterator[str | None]) -> Iterator[tuple[int, object]]:
    """Yield the uuids of a file with one a line, in quotes or not."""
    for number, line in enumerate(lines, start=1):
        text = "" if line is None else line.strip()
        if line is None:
            yield number, BadCallError(TOO_LONG)
        elif text:
            quote = text[0]
            entry = text[1:-1] if quote in "\"'" and text[-1] == quote else text
            yield number, entry if is_ended(line) else Unended(entry, line, "uuid")


_READERS: Final = {
    ".csv": rows_in,
    ".jsonl": _json_entries,
    ".ndjson": _json_entries,
    ".txt": _text_entries,
}

_NO_ARCHIVE: Final = "it is no gzip archive, or a broken one"
_REASONS: Final[dict[type[Exception], str]] = {
    FileNotFoundError: "there is no such file",
    IsADirectoryError: "it is a folder",
    PermissionError: "its permissions forbid it",
    BadGzipFile: _NO_ARCHIVE,
    zlib.error: _NO_ARCHIVE,
    EOFError: "it is cut short",
    EndlessLineError: "a line has no end",
    NoHeaderError: "its first line must name the column uuid",
    ImportError: "the fsspec package for this kind of URL is not installed",
}
