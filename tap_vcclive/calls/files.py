"""Reads a list of calls from a file, line by line: a million calls are never held in memory."""

from __future__ import annotations

import csv
import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import fsspec

from tap_vcclive.calls.call import BadCallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES: Final = (".csv", ".jsonl", ".ndjson", ".txt")


class UnreadableFileError(ValueError):
    """The file cannot be opened or read on; the message names the line where reading stopped."""


def name_of(url: str) -> str:
    """Return the last part of a path or URL: what may stand in a log, as URLs can hold keys."""
    protocol, _, path = url.rpartition("://")
    if protocol:
        path = re.split("[?#]", path, maxsplit=1)[0].rpartition("@")[2]
    return PurePosixPath(path).name


def suffix_of(url: str) -> str:
    """Return the suffix that tells a file's form, in lower case, less a closing .gz."""
    return PurePosixPath(name_of(url).lower().removesuffix(".gz")).suffix


def entries_of(url: str) -> Iterator[tuple[int, object]]:
    """Yield each entry of a list of calls with the number of its line, counted from 1.

    An entry is a uuid, an object with `uuid`, `year` and `month`, or, for a line that is broken,
    the `BadCallError` that says why. Blank lines are passed over.

    Args:
        url: Path or fsspec URL; its suffix tells the form, see `SUFFIXES`.

    Raises:
        UnreadableFileError: When the file cannot be opened, unpacked or decoded.
    """
    line = 0
    try:
        compression = "gzip" if name_of(url).lower().endswith(".gz") else None
        # utf-8-sig: spreadsheets begin UTF-8 files with a byte order mark.
        with fsspec.open(
            url, "rt", compression=compression, encoding="utf-8-sig", newline=""
        ) as file:
            for line, entry in _READERS[suffix_of(url)](file):
                yield line, entry
    except Exception as error:  # noqa: BLE001 - each file system has errors of its own
        # The error's own text can repeat a line of the file or a key in a URL; its type cannot.
        where = f"after line {line}" if line else "from the beginning"
        reason = _REASONS.get(type(error), type(error).__name__)
        raise UnreadableFileError(f"cannot be read {where}: {reason}") from None


def _csv_entries(lines: Iterable[str]) -> Iterator[tuple[int, object]]:
    """Yield the rows of a CSV file as objects of its columns uuid, year and month."""
    lines = iter(lines)
    header = next(lines, "")
    # strict: a quote that is never closed would swallow every call behind it.
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    if "uuid" not in names:
        raise _NoHeaderError
    columns = [(name, names.index(name)) for name in ("uuid", "year", "month") if name in names]
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for row in reader:
        if any(field.strip() for field in row):
            entry = {name: row[column] for name, column in columns if column < len(row)}
            yield reader.line_num + 1, entry


def _json_entries(lines: Iterable[str]) -> Iterator[tuple[int, object]]:
    """Yield the objects of a file with one JSON object a line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _json_entry(line)


def _json_entry(line: str) -> object:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return BadCallError("no JSON object")
    return entry if isinstance(entry, dict) else BadCallError("no JSON object")


def _text_entries(lines: Iterable[str]) -> Iterator[tuple[int, object]]:
    """Yield the uuids of a file with one a line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line.strip()


class _NoHeaderError(ValueError):
    """A CSV file whose first line does not name the column uuid."""


_READERS: Final = {
    ".csv": _csv_entries,
    ".jsonl": _json_entries,
    ".ndjson": _json_entries,
    ".txt": _text_entries,
}

_REASONS: Final[dict[type[Exception], str]] = {
    FileNotFoundError: "there is no such file",
    IsADirectoryError: "it is a folder",
    PermissionError: "its permissions forbid it",
    UnicodeDecodeError: "it is not UTF-8 text",
    EOFError: "it is cut short",
    csv.Error: "a quoted field is broken",
    _NoHeaderError: "its first line must name the column uuid",
    ImportError: "the fsspec package for this kind of URL is not installed",
}
