"""Counts the calls of a day's log against its own total: whether all of them have been read.

While a day is read it can grow, and rows can move from one page to the next, so that calls are
passed over. Two things tell. The total: a day is read when as many different calls have been read
as it says. And the seams: each page begins with the last row of the page before, and where another
row stands there, rows have moved. Otherwise the day is read once more, and what the readings have
seen is counted together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.call_log.pages import LARGEST_PAGE
from tap_vcclive.calls.uuids import uuid_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_vcclive.call_log.pages import Page

# Of that many rows, one can be repeated.
_REPEATED_SHARE: Final = 3


class Tally:
    """Counts what the readings of a day, or of a day of one project, have seen.

    Attributes:
        total: How many calls there are, the most that the current reading has said; None when the
            log does not say.
        rows: How many rows the current reading has seen, by the offset that it has reached.
        odd: How many rows of it name no call.
        most_odd: How many of a reading did so at the most.
        largest_page: How many rows the largest page of all had; 0 before the first one.
        last_page: How many rows the last page had.
        pages: How many pages with rows the current reading has seen.
        readings: How many readings have begun.
        has_news: Whether the current reading has seen a call that those before it had not.
        is_changing: Whether the totals of the current reading are not those of the one before.
    """

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.total: int | None = None
        self.rows = self.odd = self.most_odd = 0
        self.largest_page = self.last_page = self.pages = 0
        self.readings = 1
        self.has_news = self.is_changing = False
        self._received = 0
        self._is_moved = False
        self._last: tuple[int, str | None] | None = None
        self._totals: set[int] = set()
        self._totals_before: set[int] | None = None
        self._calls: set[str] = set()
        self._seen: set[str] = set()
        self._twice: set[str] = set()
        self._before: tuple[set[str], set[str]] | None = None

    @property
    def calls(self) -> int:
        """How many different calls the readings have seen that agree about the total."""
        return len(self._calls)

    def read_again(self) -> None:
        """Begin another reading."""
        self._before = (self._seen, self._twice)
        self._totals_before, self._totals = self._totals, set()
        self._seen, self._twice = set(), set()
        self.rows = self.odd = self.pages = self._received = 0
        self._is_moved = self.has_news = self.is_changing = False
        self._last = None
        self.readings += 1

    def take(self, page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the uuid and the row of each call in a page, and count them."""
        self._note_total(page.total)
        self.last_page = len(page.rows)
        self.pages += bool(page.rows)
        self.largest_page = max(self.largest_page, self.last_page)
        self.rows = max(self.rows, page.start + len(page.rows))
        rows = self._without_seam(page)
        self._received += len(rows)
        calls, seen = self._calls, self._seen
        uuid = None
        for row in rows:
            uuid = uuid_in(row)
            if uuid is None:
                self.odd += 1
                self.most_odd = max(self.most_odd, self.odd)
                continue
            if uuid not in calls:
                self.has_news = True
                calls.add(uuid)
            if uuid in seen:
                self._twice.add(uuid)
            seen.add(uuid)
            yield uuid, row
        if rows:
            self._last = (page.start + len(page.rows) - 1, uuid)

    def _note_total(self, total: int | None) -> None:
        """Take in what a page says how many calls there are."""
        if total is None or total in self._totals:
            return
        self._totals.add(total)
        if self._totals_before is not None and total not in self._totals_before:
            if not self.is_changing:
                # What other readings have counted does not count any more.
                self._calls, self._before = set(self._seen), None
            self.is_changing = True
        self.total = max(self._totals)

    def _without_seam(self, page: Page) -> list[Any]:
        """Return the rows of a page without the one that it shares with the page before."""
        if self._last is None or self._last[0] != page.start or not page.rows:
            return page.rows
        if uuid_in(page.rows[0]) != self._last[1]:
            self._is_moved = True
            return page.rows
        return page.rows[1:]

    @property
    def is_last_page_full(self) -> bool:
        """Whether the last page had as many rows as pages get, so that more are likely."""
        is_like_others = self.pages > 1 and self.last_page == self.largest_page
        return self.last_page >= LARGEST_PAGE or is_like_others

    @property
    def lacks(self) -> bool:
        """Whether fewer calls have been read than there are, as far as the log says."""
        return self.total is not None and self.calls + self.odd < self.total

    @property
    def is_total_too_small(self) -> bool:
        """Whether more calls have been read than there are, as far as the log says."""
        return self.total is not None and self.calls > self.total

    @property
    def is_complete(self) -> bool:
        """Whether no row can be lacking after this reading.

        A log whose total counts rows can list a call twice, or have rows that name no call, so that
        there are always fewer calls than it says. They are all there when two readings of as many
        rows, with pages that begin at other rows, have seen the same calls, each of them all that
        were ever seen, and the same of them twice. Not when most of the rows are repeated: then it
        is pages that come again, and others that do not come.
        """
        if self.total is None:
            return True
        if not self._is_moved and self.total in {len(self._seen) + self.odd, self.calls + self.odd}:
            return True
        # Rows that always move: what counts is that another reading has found no other call.
        if self.calls == self.total and self.readings > 1 and not self.has_news:
            return True
        # Not `rows`: a page in the middle can have come without any, twice in the same place.
        repeated = self._received - self.calls - self.odd
        return (
            self._before == (self._seen, self._twice)
            and self._calls <= self._seen
            and self._received >= self.total
            and repeated * _REPEATED_SHARE <= self._received
        )
