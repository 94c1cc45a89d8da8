"""The rows of a list of calls in CSV, as spreadsheets and programs write it.

Most rows hold no quote and are split; the csv module reads the others, row by row, so that a quote
that is never closed costs its own row and none behind it.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.calls.call import BadCallError
from tap_vcclive.calls.lines import MOST_CHARACTERS, is_ended
from tap_vcclive.calls.uuids import canonical_uuid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOO_LONG: Final = "longer than a megabyte"

_NAMES: Final = ("uuid", "year", "month")
_DELIMITERS: Final = ",;\t"
# A line that tells spreadsheets how the others are separated.
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

# The module's own bound, 131,072 characters, is less than what agents have pasted into notes. It
# is one for all users of the module in this process, who lose nothing by it.
csv.field_size_limit(max(csv.field_size_limit(), 2 * MOST_CHARACTERS))


class NoHeaderError(ValueError):
    """A CSV file whose first line does not name the column uuid."""


class Unended(NamedTuple):
    """The entry of the last line of a file, which has no end: more of it may be to come.

    Attributes:
        entry: The entry as it stands.
        text: The line, or the lines of a row whose quotes are still open.
        growing: What may be cut: `uuid`, `year`, `month` or anything in the `row`.
    """

    entry: object
    text: str
    growing: str


def rows_in(lines: Iterator[str | None]) -> Iterator[tuple[int, object]]:
    """Yield the rows as objects of the columns uuid, year and month, with their first line.

    Args:
        lines: The lines of the file with their ends; None for one that is too long.

    Raises:
        NoHeaderError: When the first line does not name the column uuid.
    """
    source = _Lines(lines)
    top, delimiters = _top_of(source)
    headers = [header for one in delimiters if (header := _header_of(top, one))]
    if headers:
        yield from _rows(max(headers, key=lambda header: header.width), source)
    elif not source.is_at_end:
        raise NoHeaderError
    elif top:  # half of a header, perhaps
        error = BadCallError("a first line that does not name the column uuid")
        yield 1, Unended(error, "".join(top), "row")


def _rows(header: _Header, source: _Lines) -> Iterator[tuple[int, object]]:
    """Yield the rows below a header."""
    quoted = csv.reader(source, delimiter=header.delimiter, strict=True)
    while (line := source.take()) != _END:
        number = source.number
        entry: object
        if line is None:
            entry = BadCallError(TOO_LONG)
        elif '"' in line:
            entry = _quoted_entry(line, header, source, quoted)
        else:
            text = line.rstrip("\r\n")
            cells = text.split(header.delimiter)
            entry = _entry(cells, header)
            if len(text) == len(line):
                entry = _last(entry, cells, header, line)
        if entry is not None:
            yield number, entry


class _Header(NamedTuple):
    """What the first line says.

    Attributes:
        delimiter: What separates the columns.
        width: How many columns there are.
        columns: Name and index of uuid, year and month, as far as they are there.
        last: The last of these indexes.
    """

    delimiter: str
    width: int
    columns: Sequence[tuple[str, int]]
    last: int


# What there is behind the last line; no line is empty.
_END: Final = ""


class _Lines:
    """The lines of a file, one by one; as an iterator, those of one row, for the csv module.

    That module asks for another line as long as a quoted field is open.

    Attributes:
        number: The number of the line that was taken last.
        is_at_end: Whether a line was asked for behind the last one.
        row: The lines of the row.
    """

    def __init__(self, lines: Iterator[str | None]) -> None:
        self._lines = lines
        self._again: deque[str | None] = deque()
        self.number = 0
        self.is_at_end = False
        self.row: list[str] = []
        self._size = 0

    def take(self) -> str | None:
        """Return the next line; None for one that is too long."""
        self.number += 1
        if self._again:
            return self._again.popleft()
        line = next(self._lines, _END)
        self.is_at_end = line == _END
        return line

    def give_back(self, lines: Sequence[str | None]) -> None:
        """Have lines taken again, the last ones that were."""
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)

    def begin_row(self, line: str) -> None:
        """Begin a row with a line."""
        self.row, self._size = [], 0
        self.give_back([line])

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.take()
        if line == _END:
            self.number -= 1
            raise StopIteration
        self._size += MOST_CHARACTERS if line is None else len(line)
        if line is None or (self._size > MOST_CHARACTERS and self.row):
            self.give_back([line])
            raise StopIteration
        self.row.append(line)
        return line


def _top_of(source: _Lines) -> tuple[list[str], str]:
    """Return the lines of the header, and what can separate its cells.

    When the file ends within the header, the source is at its end.
    """
    first, delimiters = source.take(), _DELIMITERS
    separator = _SEPARATOR.fullmatch(first.rstrip("\r\n")) if first else None
    if separator is not None:
        first, delimiters = source.take(), separator[1]
    lines = [first] if first else []
    size, quotes = len(first or ""), (first or "").count('"')
    while quotes % 2 and size < MOST_CHARACTERS and (line := source.take()):
        lines.append(line)  # a cell can hold line ends
        size, quotes = size + len(line), quotes + line.count('"')
    if lines and not is_ended(lines[-1]):
        source.take()
    return lines, delimiters


def _header_of(lines: Sequence[str], delimiter: str) -> _Header | None:
    """Return what a header says if it is separated in this way; None for no column uuid."""
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except (csv.Error, ValueError, TypeError):
        return None
    names = [name.strip().lower() for name in cells]
    columns = [(name, names.index(name)) for name in _NAMES if name in names]
    if not columns or columns[0][0] != "uuid":
        return None
    return _Header(delimiter, len(names), columns, max(index for _, index in columns))


def _entry(cells: Sequence[str], header: _Header) -> dict[str, str] | None:
    """Return the entry of some cells; None when all are blank."""
    columns, count = header.columns, len(cells)
    if len(columns) == len(_NAMES) and count > header.last:
        (_, uuid), (_, year), (_, month) = columns
        entry = {"uuid": cells[uuid], "year": cells[year], "month": cells[month]}
    else:
        entry = {name: cells[index] for name, index in columns if index < count}
    uuid_cell = entry.get("uuid")
    if (uuid_cell and not uuid_cell.isspace()) or any(cell.strip() for cell in cells):
        return entry
    return None


def _last(entry: object, cells: Sequence[str], header: _Header, text: str) -> object:
    """Return the entry of a row that has no line end, as one that may be cut if it may be."""
    end = len(cells) - 1
    if entry is None or end > header.last:
        return entry
    growing = "row"
    if end == header.last:
        growing = next(name for name, index in header.columns if index == end)
    return Unended(entry, text, growing)


def _quoted_entry(line: str, header: _Header, source: _Lines, rows: Iterator[list[str]]) -> object:
    """Return the entry of a row with quotes, which can go over several lines."""
    source.begin_row(line)
    try:
        cells = next(rows)
    except (csv.Error, StopIteration):
        return _broken_entry(header, source, source.row[1:])
    if any(_is_row(one, header) for one in source.row[1:-1]):
        return _broken_entry(header, source, source.row[1:])
    entry = _entry(cells, header)
    last = source.row[-1]
    # Behind a quote that is closed nothing comes but other columns.
    if is_ended(last) or (last.endswith('"') and len(cells) > header.last):
        return entry
    return _last(entry, cells, header, "".join(source.row))


def _broken_entry(header: _Header, source: _Lines, behind: Sequence[str]) -> object:
    """Return the entry of a row whose quotes are broken, and have the lines behind it read.

    When the file ends with it, the row may still be being written; not if rows follow.
    """
    error = BadCallError("a quoted field is broken")
    is_last = source.is_at_end or not is_ended(source.row[-1])
    if is_last and not any(_is_row(line, header) for line in behind):
        return Unended(error, "".join(source.row), "row")
    source.give_back(behind)
    return error


def _is_row(line: str, header: _Header) -> bool:
    """Return whether a line is a row in itself, and hardly one of a note."""
    cells = line.split(header.delimiter)
    uuid = header.columns[0][1]
    is_wide = len(cells) == header.width and '"' not in line
    return is_wide and canonical_uuid(cells[uuid]) is not None
