"""One day of user states, read page by page to where it ends, which no total tells.

Rows that cannot be had leave the day open. Where it ends shows in a page without rows, or in an
error that only offsets past it have: a request more a day, as a page can be cut short by a fault.
Where that error costs all tries, it is asked for only as long as it is not known how many rows a
page can have: a smaller one is the last then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.api.errors import (
    ForbiddenError,
    OddAnswerError,
    TooLargeError,
    TriesExhaustedError,
    VCCLiveError,
)
from tap_vcclive.days.day import DayPart, Row
from tap_vcclive.user_states.pages import LARGEST_PAGE, Page, StatesOfDay, page_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FAULTS: Final = (OddAnswerError, ForbiddenError, TriesExhaustedError)
_SMALLEST_PAGE: Final = 50
# More than any call centre has; a day that goes on and on ends here.
_MOST_ROWS: Final = 5_000_000
# Where a row would show that an error is none of the end.
_BEHIND: Final = (0, 1, 7)


class PageSize:
    """How large pages are, as far as the days read so far have shown.

    Attributes:
        asked: How many rows are asked for.
        uncapped: A page of fewer rows than that was not cut short by the server: it is the last.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.asked = LARGEST_PAGE
        self.uncapped = 0

    def note_last(self, size: int) -> None:
        """Note that nothing came after a page of so many rows."""
        self.uncapped = max(self.uncapped, size)

    def note_too_large(self) -> bool:
        """Ask for smaller pages from now on; return whether there are any."""
        self.asked //= 2
        return self.asked >= _SMALLEST_PAGE


class StatesDay:
    """One day of user states; see `ReadDay`."""

    def __init__(
        self,
        of: StatesOfDay,
        first: Page | VCCLiveError,
        size: PageSize,
        get: Callable[[str], Any],
        is_stopped: Callable[[], bool],
    ) -> None:
        """Prepare a day.

        Args:
            of: The day.
            first: Its first page, or why there is none.
            size: What is known of pages.
            get: Returns VCC Live's answer for a resource.
            is_stopped: Whether the run was told to stop.
        """
        self.day = of.day
        self.parts: list[DayPart] = []
        self.faults: list[VCCLiveError] = []
        self.count = self.odd = 0
        self.is_complete = False
        self._of, self._first, self._size = of, first, size
        self._get, self._is_stopped = get, is_stopped

    @property
    def handed_out(self) -> int:
        """How many rows were handed out."""
        return self.count

    @property
    def total(self) -> int | None:
        """As many as there are: VCC Live says no total, but where the rows end."""
        return None if self.faults else self.count + self.odd

    @property
    def is_only_short(self) -> bool:
        """Never: no total says how many rows there are."""
        return not self.odd and not self.faults

    @property
    def is_absent(self) -> bool:
        """Whether VCC Live knows no such day."""
        return all(part.nothing is not None for part in self.parts)

    def rows(self) -> Iterator[Row]:
        """Yield each row, with the day that tells it from equal ones of other days."""
        key = self.day.isoformat()
        nothing = None
        for page in self._pages():
            nothing = page.nothing if page.start == 0 else nothing
            for row in page.rows:
                if isinstance(row, dict):
                    self.count += 1
                    yield key, row
                else:
                    self.odd += 1
        self.parts.append(DayPart(None, self.count, nothing))
        self.is_complete = not self.faults and not self.odd and not self._is_stopped()

    def _pages(self) -> Iterator[Page]:
        """Yield the pages of the day, to its end or to where there is a fault."""
        page, start = self._first, 0
        before: list[Any] = []
        while not self._is_stopped():
            if isinstance(page, TooLargeError) and self._size.note_too_large():
                page = self._page(start)
                continue
            if isinstance(page, VCCLiveError):
                if not start or not self._is_end(start, page):
                    self.faults.append(page)
                elif isinstance(page, TriesExhaustedError):
                    self._size.note_last(len(before))
                return
            if not page.rows:
                if not start:
                    yield page
                return
            if page.rows == before:
                resource = self._of.resource(start, self._size.asked)
                self.faults.append(OddAnswerError(f"{resource}: the page before comes again"))
                return
            yield page
            before, start = page.rows, start + len(page.rows)
            if len(before) < self._size.uncapped or start > _MOST_ROWS:
                return
            page = self._page(start)

    def _page(self, start: int, num: int | None = None) -> Page | VCCLiveError:
        try:
            return page_at(self._of, start, num or self._size.asked, self._get)
        except FAULTS as fault:
            return fault

    def _is_end(self, start: int, fault: VCCLiveError) -> bool:
        """Return whether a fault is how VCC Live says that there are no more rows.

        That is, when the last row is still there, and behind it nothing is.
        """
        if isinstance(fault, (ForbiddenError, TooLargeError)):
            return False
        last = self._page(start - 1, 1)
        if isinstance(last, VCCLiveError) or not last.rows:
            return False
        behind = (self._page(start + number, 1) for number in _BEHIND)
        return not any(isinstance(one, Page) and one.rows for one in behind)
