"""The lines of a table, of which some can be given back: a row can turn out to end before them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from tap_vcclive.call_list.lines import MOST_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What there is behind the last line; no line is empty.
END: Final = ""


class RowLines:
    """The lines of a file, one by one; as an iterator, those of one row, for the csv module.

    That module asks for another line as long as a quoted field is open.

    Attributes:
        number: The number of the line that was taken last.
        is_at_end: Whether a line was asked for behind the last one.
        row: The lines of the row.
    """

    def __init__(self, lines: Iterator[str | None]) -> None:
        """Begin before the first line; None stands for one that is too long."""
        self._lines = lines
        self._again: deque[str | None] = deque()
        self.number = 0
        self.is_at_end = False
        self.row: list[str] = []
        self._size = 0
        self._is_begun = True

    def take(self) -> str | None:
        """Return the next line; None for one that is too long."""
        self.number += 1
        if self._again:
            self.is_at_end = False
            return self._again.popleft()
        line = next(self._lines, END)
        self.is_at_end = line == END
        return line

    def give_back(self, lines: Sequence[str | None]) -> None:
        """Have lines taken again, the last ones that were."""
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)

    def begin_row(self, line: str) -> None:
        """Begin a row with a line."""
        self.row, self._size = [line], len(line)
        self._is_begun = False

    def __iter__(self) -> RowLines:
        """Return itself, to read the row that has begun."""
        return self

    def __next__(self) -> str:
        """Return the next line of the row, as long as there is one and the row is not too long."""
        if not self._is_begun:
            self._is_begun = True
            return self.row[0]
        line = self.take()
        if line == END:
            self.number -= 1
            raise StopIteration
        self._size += MOST_CHARACTERS if line is None else len(line)
        if line is None or self._size > MOST_CHARACTERS:
            self.give_back([line])
            raise StopIteration
        self.row.append(line)
        return line
