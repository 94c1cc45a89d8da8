"""A slice of a day's log, fetched whole: as one page, or as several where that is needed.

It is needed when the server sends fewer rows than were asked for, and when the page cannot be had:
one row that VCC Live cannot send must not cost the rows around it, and a page that is too large can
be had in parts. So such a page is halved until what is left of the fault is a row.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.api.errors import (
    ForbiddenError,
    OddAnswerError,
    TooLargeError,
    TriesExhaustedError,
    VCCLiveError,
)
from tap_vcclive.call_log.pages import Page, page_at

if TYPE_CHECKING:
    from tap_vcclive.call_log.pages import DayOfLog, End, Get

# A page with a bad row takes about twenty requests, of which half fail. Where so many have no
# useful answer from the start, it is no row; after so many in all the rest of the page is left to
# another run. Only those that fail count: where pages are small, the good ones are many.
_MOST_WITHOUT_ROWS: Final = 6
_MOST_UNANSWERED: Final = 40

# So many pages without rows are the end of a log whose total is wrong.
_MOST_EMPTY: Final = 3

_FAULTS: Final = (OddAnswerError, ForbiddenError, TriesExhaustedError)


class Limit:
    """Where a day's log has turned out to end, whatever its total says.

    Attributes:
        at: The offset from which on nothing is asked for.
    """

    def __init__(self) -> None:
        """Begin without a limit."""
        self.at: float = float("inf")
        self._empty: list[int] = []

    def note_empty(self, start: int) -> None:
        """Note that there is no row at an offset: one page can be without by a fault, not many."""
        self._empty.append(start)
        if len(self._empty) >= _MOST_EMPTY:
            self.at = sorted(self._empty)[_MOST_EMPTY - 1]


class Slice(NamedTuple):
    """A part of a day's log, from one offset up to another.

    Attributes:
        of: The day.
        start: Offset of its first row.
        stop: Offset after its last row; None when one page is wanted, however large.
        num: How many rows a request asks for.
        end: What is known of the log's end.
        limit: Where the log has turned out to end; shared by the slices of a reading.
        is_last: Whether no other slice comes after it.
    """

    of: DayOfLog
    start: int
    stop: int | None
    num: int
    end: End
    limit: Limit
    is_last: bool = False


class Fetched(NamedTuple):
    """What has been got of a slice.

    Attributes:
        pages: Its pages, in order.
        faults: Why rows of it are lacking; empty when none are.
        is_too_large: Whether pages as large as were asked for are too large.
    """

    pages: list[Page]
    faults: tuple[VCCLiveError, ...] = ()
    is_too_large: bool = False


def slice_at(wanted: Slice, get: Get) -> Fetched:
    """Return what is to be had of a slice.

    Args:
        wanted: The slice.
        get: Returns VCC Live's answer for a resource, as `Client.get` does.

    Raises:
        VCCLiveError: When asking for anything else would end the same way.
    """
    pages: list[Page] = []
    start = wanted.start
    while start < wanted.limit.at:
        try:
            page = page_at(wanted.of, start, wanted.num, get, wanted.end)
        except _FAULTS as fault:
            rest = _halved(wanted, start, fault, get)
            return rest._replace(pages=pages + rest.pages)
        pages.append(page)
        if not page.rows:
            wanted.limit.note_empty(start)
        start += len(page.rows)
        if not page.rows or wanted.stop is None or start >= wanted.stop:
            break
    return Fetched(pages)


def _halved(wanted: Slice, start: int, fault: VCCLiveError, get: Get) -> Fetched:
    """Return what smaller pages have of a slice from an offset on, where a page cannot be had.

    Args:
        wanted: The slice.
        start: The offset.
        fault: Why there is no page.
        get: Returns VCC Live's answer for a resource.
    """
    stop = start + wanted.num
    if wanted.stop is not None:
        stop = min(stop, wanted.stop)
    if not _may_lie_in_a_row(fault):
        return Fetched([], (fault,))
    pages: list[Page] = []
    faults: list[VCCLiveError] = []
    todo = deque(_halves(start, stop))
    unanswered = 0
    while todo:
        first, last = todo.popleft()
        if pages and first >= max(page.total or last for page in pages):
            continue  # past the end, as is known by now
        is_futile = unanswered >= (_MOST_UNANSWERED if pages else _MOST_WITHOUT_ROWS)
        if is_futile:
            faults.append(fault)
            break
        try:
            page = page_at(wanted.of, first, last - first, get, wanted.end)
        except _FAULTS as error:
            unanswered += 1
            if last - first <= 1 or isinstance(error, ForbiddenError):
                faults.append(error)
            else:
                todo.extend(_halves(first, last))
            continue
        pages.append(page)
        if page.rows and first + len(page.rows) < min(last, page.total or last):
            todo.appendleft((first + len(page.rows), last))
    return Fetched(sorted(pages, key=_start_of), tuple(faults), isinstance(fault, TooLargeError))


def _may_lie_in_a_row(fault: VCCLiveError) -> bool:
    """Return whether a smaller page could be had where one could not."""
    return isinstance(fault, OddAnswerError) or getattr(fault, "is_answer", False)


def _halves(first: int, last: int) -> list[tuple[int, int]]:
    """Return two ranges that make up one; of one row, the same once more."""
    middle = (first + last) // 2
    return [(first, middle), (middle, last)] if middle > first else [(first, last)]


def _start_of(page: Page) -> int:
    return page.start
