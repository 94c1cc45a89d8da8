"""One day of the call log, read until none of its calls is lacking.

A day that comes out short, or whose rows have moved while it was read, is read again, with pages
that begin at other rows: a call that slipped from one page to the next lies in the middle of one
then. A page that cannot be had costs its own rows only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from tap_vcclive.api.errors import NoRowsError, OddAnswerError
from tap_vcclive.call_log.pages import LARGEST_PAGE, NO_ROWS, DayOfLog, End
from tap_vcclive.call_log.tally import Tally
from tap_vcclive.days.day import DayPart, Row
from tap_vcclive.fetching.lookahead import Later

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import date

    from tap_vcclive.api.errors import VCCLiveError
    from tap_vcclive.call_log.pages import Page
    from tap_vcclive.call_log.slices import Fetched

# Of a day that comes out short each time, the next run knows more.
_MOST_READINGS: Final = 3
# Where the log is in no order, each reading sees other calls: as long as it does, it goes on.
_MOST_READINGS_WITH_NEWS: Final = 12

# A day that grows with every page is not run after for good.
_MOST_PAGES_MORE: Final = 20
# More than any call centre has; a log that goes on and on ends here.
MOST_ROWS: Final = 2_000_000

_HOUR: Final = slice(len("YYYY-MM-DD "), len("YYYY-MM-DD hh"))
_BY_DAY: Final = frozenset(f"{hour:02}" for hour in range(1, 23))


class Pages(Protocol):
    """Where the pages of further readings come from."""

    @property
    def stopped(self) -> bool:
        """Whether the run was told to stop."""

    def page(self, of: DayOfLog, start: int, end: End) -> Iterator[Fetched | Later]:
        """Return what is got of the page at an offset."""

    def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Fetched | Later]:
        """Return all pages up to a total, the first of another size than the others."""


class Day:
    """One day of the log.

    Attributes:
        day: The day, local time of the call centre.
        seen: The uuids of the calls handed out.
        edge: Those of them that began near midnight, with their rows: the next day can list them
            as well.
        parts: What the log has said, project by project.
        count: How many different calls have been read.
        total: How many there are, as the log says; None when it does not.
        odd: How many rows name no call.
        faults: Why pages, or rows of them, have no answer or an odd one.
        is_complete: Whether all calls have been read; True only when the day has been read.
    """

    def __init__(
        self,
        day: date,
        first: Iterable[tuple[DayOfLog, Iterable[Fetched | Later]]],
        pages: Pages,
        before: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        """Prepare a day; nothing is read before the rows are taken.

        Args:
            day: The day.
            first: What the first reading gets, one project after the other.
            pages: For further readings.
            before: Rows of calls near midnight that the day before has handed out.
        """
        self.day = day
        self.seen: set[str] = set()
        self.edge: dict[str, dict[str, Any]] = {}
        self.parts: list[DayPart] = []
        self.count = self.odd = 0
        self.total: int | None = 0
        self.faults: list[VCCLiveError] = []
        self.is_complete = False
        self._first = first
        self._pages = pages
        self._before = before or {}

    @property
    def handed_out(self) -> int:
        """How many calls were handed out."""
        return len(self.seen)

    @property
    def is_only_short(self) -> bool:
        """Whether no more is wrong than that rows are lacking, as while a day grows."""
        return not self.odd and all(isinstance(fault, NoRowsError) for fault in self.faults)

    @property
    def is_absent(self) -> bool:
        """Whether VCC Live knows no such day, of any project."""
        return all(part.nothing is not None for part in self.parts)

    def rows(self) -> Iterator[Row | Later]:
        """Yield the row of each call, once; when they end, the attributes tell how that went.

        `LATER` stands for rows that have not arrived yet, where the pages are not waited for.
        """
        is_complete = True
        for of, results in self._first:
            tally = Tally()
            nothing = yield from self._rows_of(of, tally, results)
            self.parts.append(DayPart(of.project, tally.calls, nothing))
            self.count += tally.calls
            self.odd += tally.most_odd
            if nothing is None or tally.total is not None:
                known = None not in {self.total, tally.total}
                self.total = (self.total or 0) + (tally.total or 0) if known else None
            is_complete &= tally.is_complete and not tally.most_odd
        self.is_complete = is_complete and not self.faults and not self._pages.stopped

    def _rows_of(
        self, of: DayOfLog, tally: Tally, first: Iterable[Fetched | Later]
    ) -> Generator[Row | Later, None, str | None]:
        """Yield the rows of the day, or of one project, from as many readings as it takes.

        Returns:
            In which way the first page said that there is nothing, if it did.
        """
        faults = len(self.faults)
        nothing = yield from self._reading(of, tally, first)
        while tally.total is not None and not tally.is_complete and len(self.faults) == faults:
            may_go_on = tally.has_news and not tally.is_changing
            most = _MOST_READINGS_WITH_NEWS if may_go_on else _MOST_READINGS
            if tally.readings >= most or self._pages.stopped:
                break
            size = tally.largest_page or LARGEST_PAGE
            shifted = tally.readings % 2 and tally.total > size
            tally.read_again()
            begin = max(size // 2, 1) if shifted else size
            yield from self._reading(of, tally, self._pages.pages(of, tally.total, size, begin))
        return nothing

    def _reading(
        self, of: DayOfLog, tally: Tally, results: Iterable[Fetched | Later]
    ) -> Generator[Row | Later, None, str | None]:
        """Yield what one reading sees for the first time, to the end of the log."""
        nothing = None
        faults = len(self.faults)
        for got in results:
            nothing = (yield from self._new(of, tally, got)) or nothing
        asked = 0
        is_more = tally.rows > 0
        while is_more and not self._pages.stopped and self._goes_on(tally, asked):
            if len(self.faults) > faults and tally.total is not None:
                break  # it is known where rows are lacking
            rows, calls, asked = tally.rows, tally.calls, asked + 1
            is_past = tally.total is None or rows >= tally.total
            end = End(not is_past, after_full=tally.is_last_page_full)
            for got in self._pages.page(of, rows, end):
                yield from self._new(of, tally, got)
            is_more = tally.rows > rows and (tally.calls > calls or not is_past)
            if tally.rows > MOST_ROWS:
                resource = of.resource(rows, LARGEST_PAGE)
                self.faults.append(OddAnswerError(f"{resource}: the log has no end"))
                break
        return nothing

    @staticmethod
    def _goes_on(tally: Tally, asked: int) -> bool:
        """Return whether a reading that has come to its planned end is to go on, page by page."""
        if tally.total is None or tally.is_total_too_small:
            return True
        # One full page that is all: as well the total could be that of the page.
        is_one_page = tally.rows == tally.largest_page == LARGEST_PAGE
        return (tally.lacks or is_one_page) and asked < _MOST_PAGES_MORE

    def _new(
        self, of: DayOfLog, tally: Tally, got: Fetched | Later
    ) -> Generator[Row | Later, None, str | None]:
        """Count what was got; yield the rows of calls that have not been handed out.

        Returns:
            In which way a first page said that there is nothing, if it did.
        """
        if isinstance(got, Later):
            yield got
            return None
        nothing = None
        for page in got.pages:
            if page.nothing is not None and not page.start and not page.total:
                nothing = page.nothing
            yield from self._new_in(tally, page)
            if page.nothing is not None and (tally.total or 0) > page.start:
                resource = of.resource(page.start, LARGEST_PAGE)
                way = "" if page.nothing == NO_ROWS else f" ({page.nothing})"
                kind = OddAnswerError if way else NoRowsError
                self.faults.append(kind(f"{resource}: no rows{way}"))
        self.faults += got.faults
        return nothing

    def _new_in(self, tally: Tally, page: Page) -> Iterator[Row]:
        """Yield the rows of a page whose calls have not been handed out."""
        seen, before = self.seen, self._before
        for uuid, row in tally.take(page):
            if uuid in seen:
                continue
            seen.add(uuid)
            start = row.get("start_ts")
            if not isinstance(start, str) or start[_HOUR] not in _BY_DAY:
                self.edge[uuid] = row
            if uuid not in before or before[uuid] != row:
                yield uuid, row
