"""Counts the calls of a day's log against its own total: whether all of them have been read.

While a day is read it can grow, and rows can move from one page to the next, so that calls are
passed over. The total tells: a day is read when as many different calls have been read as it says
since it said something else. Otherwise the day is read once more, and what both readings have seen
is counted together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_vcclive.calls.call import uuid_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_vcclive.log.pages import Page

# Of that many rows, one can be repeated.
_REPEATED_SHARE: Final = 3


class Tally:
    """Counts what the readings of a day, or of a day of one project, have seen.

    Attributes:
        total: How many calls the log says there are; None when it does not say.
        rows: How many rows the current reading has seen, by the offset that it has reached.
        odd: How many rows of it name no call.
        first_page: How many rows the first page of all had.
    """

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.total: int | None = None
        self.rows = self.odd = 0
        self._received = 0
        self.first_page: int | None = None
        self._calls: set[str] = set()
        self._seen: set[str] = set()
        self._twice: set[str] = set()
        self._before: tuple[set[str], set[str]] | None = None

    @property
    def calls(self) -> int:
        """How many different calls have been read since the total last changed."""
        return len(self._calls)

    def read_again(self) -> None:
        """Begin another reading."""
        self._before = (self._seen, self._twice)
        self._seen, self._twice = set(), set()
        self.rows = self.odd = self._received = 0

    def take(self, page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the uuid and the row of each call in a page, and count them."""
        if page.total is not None and page.total != self.total:
            if self.total is not None:
                # What was counted before does not count any more.
                self._calls, self._before = set(), None
            self.total = page.total
        if self.first_page is None:
            self.first_page = len(page.rows)
        self.rows = max(self.rows, page.start + len(page.rows))
        self._received += len(page.rows)
        calls, seen = self._calls, self._seen
        for row in page.rows:
            uuid = uuid_in(row)
            if uuid is None:
                self.odd += 1
                continue
            calls.add(uuid)
            if uuid in seen:
                self._twice.add(uuid)
            seen.add(uuid)
            yield uuid, row

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
        """Whether no call can be lacking after this reading.

        A log whose total counts rows can list a call twice, or have rows that name no call, so that
        there are always fewer calls than it says. They are all there when two readings of as many
        rows, with pages that begin at other rows, have seen the same calls, each of them all that
        were ever seen, and the same of them twice. Not when most of the rows are repeated: then it
        is pages that come again, and others that do not come.
        """
        if self.total is None or self.calls == self.total:
            return True
        # Not `rows`: a page in the middle can have come without any, twice in the same place.
        repeated = self._received - self.calls - self.odd
        return (
            self._before == (self._seen, self._twice)
            and self._calls <= self._seen
            and self._received >= self.total
            and repeated * _REPEATED_SHARE <= self._received
        )
