"""One day of the call log, read until none of its calls is lacking.

A day that comes out short, or whose total changed while it was read, is read again, with pages that
begin at other rows: a call that slipped from one page to the next lies in the middle of one then.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from tap_vcclive.api.errors import OddAnswerError
from tap_vcclive.log.pages import LARGEST_PAGE, DayOfLog, Page
from tap_vcclive.log.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from tap_vcclive.api.errors import VCCLiveError

# Of a day that comes out short each time, the next run knows more.
_MOST_READINGS: Final = 3

# A day that grows with every page is not run after for good.
_MOST_PAGES_MORE: Final = 20
# More than any call centre has; a log that goes on and on ends here.
MOST_ROWS: Final = 2_000_000

Row = tuple[str, dict[str, Any]]
"""The uuid of a call, and its CDR as VCC Live sent it."""


class Got(NamedTuple):
    """What was got of a day's log.

    Attributes:
        pages: Pages, in order.
        fault: Why there are no more of them, when that is a fault.
    """

    pages: list[Page]
    fault: VCCLiveError | None = None


class Pages(Protocol):
    """Where the pages of further readings come from."""

    @property
    def stopped(self) -> bool:
        """Whether the run was told to stop."""

    def page(self, of: DayOfLog, start: int) -> Got:
        """Return the page at an offset."""

    def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Got]:
        """Return all pages up to a total, the first of another size than the others."""


class Day:
    """One day of the log.

    Attributes:
        day: The day, local time of the call centre.
        seen: The uuids of the calls handed out.
        calls: How many different calls have been read.
        total: How many there are, as the log says; None when it does not.
        odd: How many rows name no call.
        is_complete: Whether all calls have been read; True only when the day has been read.
        is_absent: Whether VCC Live knows no such day.
        fault: Why a page has no answer, or an odd one; None when all have been answered.
    """

    def __init__(
        self,
        day: date,
        first: Iterable[tuple[DayOfLog, Got]],
        pages: Pages,
        before: set[str] | None = None,
    ) -> None:
        """Prepare a day; nothing is read before the rows are taken.

        Args:
            day: The day.
            first: What the first reading gets, in order: one project after the other.
            pages: For further readings.
            before: Uuids of calls that the day before has handed out: one near midnight can be
                listed on both.
        """
        self.day = day
        self.seen: set[str] = set()
        self.calls = self.odd = 0
        self.total: int | None = 0
        self.is_complete = False
        self.is_absent = True
        self.fault: VCCLiveError | None = None
        self._first = first
        self._pages = pages
        self._before = before or set()

    def rows(self) -> Iterator[Row]:
        """Yield the row of each call, once; when they end, the attributes tell how that went."""
        is_complete = True
        for of, results in groupby(self._first, key=itemgetter(0)):
            tally = Tally()
            yield from self._rows_of(of, tally, (got for _, got in results))
            self.calls += tally.calls
            self.odd += tally.odd
            known = None not in {self.total, tally.total}
            self.total = (self.total or 0) + (tally.total or 0) if known else None
            is_complete &= tally.is_complete
        self.is_complete = is_complete and not self.fault and not self._pages.stopped

    def _rows_of(self, of: DayOfLog, tally: Tally, first: Iterable[Got]) -> Iterator[Row]:
        """Yield the rows of the day, or of one project, from as many readings as it takes."""
        yield from self._reading(of, tally, first)
        size = tally.first_page or LARGEST_PAGE
        for reading in range(1, _MOST_READINGS):
            if tally.is_complete or tally.total is None or self.fault or self._pages.stopped:
                return
            tally.read_again()
            shifted = reading % 2 and tally.total > size
            begin = max(size // 2, 1) if shifted else size
            yield from self._reading(of, tally, self._pages.pages(of, tally.total, size, begin))

    def _reading(self, of: DayOfLog, tally: Tally, results: Iterable[Got]) -> Iterator[Row]:
        """Yield what one reading sees for the first time, to the end of the log."""
        for got in results:
            yield from self._new(tally, got)
        # Where the total is missing or too small, or the day has grown meanwhile, there is more.
        asked = 0
        more = tally.rows > 0 and self._goes_on(tally, asked)
        while more and not self.fault and not self._pages.stopped:
            rows, calls, asked = tally.rows, tally.calls, asked + 1
            yield from self._new(tally, self._pages.page(of, rows))
            is_past = tally.total is None or rows >= tally.total
            more = tally.rows > rows and (tally.calls > calls or not is_past)
            more = more and self._goes_on(tally, asked)
            if tally.rows > MOST_ROWS:
                resource = of.resource(rows, LARGEST_PAGE)
                self.fault = OddAnswerError(f"{resource}: the log has no end")

    @staticmethod
    def _goes_on(tally: Tally, asked: int) -> bool:
        """Return whether a reading that has come to its planned end is to go on, page by page."""
        if tally.total is None or tally.is_total_too_small:
            return True
        # One full page that is all: as well the total could be that of the page.
        is_one_page = tally.rows == tally.first_page == LARGEST_PAGE
        return (tally.lacks or is_one_page) and asked < _MOST_PAGES_MORE

    def _new(self, tally: Tally, got: Got) -> Iterator[Row]:
        """Count what was got; yield the rows of calls that have not been handed out."""
        seen, before = self.seen, self._before
        for page in got.pages:
            self.is_absent &= page.absent
            for uuid, row in tally.take(page):
                if uuid not in seen and uuid not in before:
                    seen.add(uuid)
                    yield uuid, row
        self.fault = got.fault or self.fault
