"""A day's log on its way, all of it or that of one project: in which slices it is asked for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from tap_vcclive.call_log.day import MOST_ROWS
from tap_vcclive.call_log.pages import End
from tap_vcclive.call_log.slices import Fetched, Limit, Slice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_vcclive.call_log.pages import DayOfLog
    from tap_vcclive.fetching.prefetch import Slot

# Pages share a row with the one before, which shows whether rows have moved between the two
# requests; where pages have so few rows, that is not worth it.
_FEW_ROWS: Final = 20


class Part:
    """A day's log, all of it or that of one project, on its way.

    Attributes:
        of: The day.
        turn: Which of them it is, as they are handed out.
        slots: Where what is fetched of it will be, in order.
        rest: The slices still to ask for; None until the first page tells.
        size: How many rows a page has.
        limit: Where the log has turned out to end.
    """

    def __init__(self, of: DayOfLog, turn: int) -> None:
        """Begin with nothing asked for."""
        self.of = of
        self.turn = turn
        self.slots: deque[Slot[Slice, Fetched]] = deque()
        self.rest: Iterator[Slice] | None = None
        self.size = 0
        self.limit = Limit()

    def slices(
        self, start: int, stop: int, total: int, num: int, *, first_num: int | None = None
    ) -> Iterator[Slice]:
        """Yield slices, a page each: a first one, and those after it up to a total.

        Args:
            start: Offset of the first row.
            stop: Offset after the last row of the first slice.
            total: How many rows there are.
            num: How many rows a request asks for.
            first_num: How many the first one asks for, if not as many.
        """
        asked = first_num or num
        while True:
            is_last = stop >= total
            yield Slice(self.of, start, stop, asked, End(), self.limit, is_last)
            if is_last or stop >= min(MOST_ROWS, self.limit.at):
                return
            start, asked = next_start(stop, self.size), num
            stop = min(start + self.size, total)


def next_start(stop: int, size: int) -> int:
    """Return where the next page begins: with the last row of the one before."""
    return stop - 1 if size >= _FEW_ROWS else stop


def within(piece: Slice, got: Fetched) -> Fetched:
    """Return what has been got of a slice, without rows that the next slice has as well."""
    if piece.stop is None or piece.is_last:
        return got
    pages = [page._replace(rows=page.rows[: piece.stop - page.start]) for page in got.pages]
    return got._replace(pages=pages)
