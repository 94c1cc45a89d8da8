"""The rows of a list of calls in CSV, as spreadsheets and programs write it.

Most rows hold no quote and are split; the csv module reads the others, row by row, so that a quote
that is never closed costs its own row and none behind it.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.call_list.lines import MOST_CHARACTERS, is_ended
from tap_vcclive.call_list.row_lines import END, RowLines
from tap_vcclive.calls.call import BadCallError
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
    source = RowLines(lines)
    top, delimiters = _top_of(source)
    headers = [header for one in delimiters if (header := _header_of(top, one))]
    if headers:
        yield from _rows(max(headers, key=lambda header: header.width), source)
    elif not source.is_at_end:
        raise NoHeaderError
    elif top:  # half of a header, perhaps
        error = BadCallError("a first line that does not name the column uuid")
        yield 1, Unended(error, "".join(top), "row")


def _rows(header: _Header, source: RowLines) -> Iterator[tuple[int, object]]:
    """Yield the rows below a header."""
    quoted = csv.reader(source, delimiter=header.delimiter, strict=True)
    while (line := source.take()) != END:
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


def _top_of(source: RowLines) -> tuple[list[str], str]:
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


def _quoted_entry(
    line: str, header: _Header, source: RowLines, rows: Iterator[list[str]]
) -> object:
    """Return the entry of a row with quotes, which can go over several lines."""
    source.begin_row(line)
    try:
        cells = next(rows)
    except (csv.Error, StopIteration):
        return _broken_entry(header, source, source.row[1:])
    if len(source.row) > 2 and any(_is_row(one, header) for one in source.row[1:-1]):  # noqa: PLR2004 - lines between
        return _broken_entry(header, source, source.row[1:])
    entry = _entry(cells, header)
    last = source.row[-1]
    # Behind a quote that is closed nothing comes but other columns.
    if is_ended(last) or (last.endswith('"') and len(cells) > header.last):
        return entry
    return _last(entry, cells, header, "".join(source.row))


def _broken_entry(header: _Header, source: RowLines, behind: Sequence[str]) -> object:
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
