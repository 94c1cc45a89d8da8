"""The answers of the benchmark's server that are pages of the call log, encoded beforehand.

A full page takes milliseconds to make, which is more than a contender may need to read it. So the
pages of a log are made when the server is told of the log, before anybody asks for them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl

from benchmarks.call_log import FIRST_DAY, LARGEST_PAGE, NO_CALLS

if TYPE_CHECKING:
    from benchmarks.call_log import CallLog
    from benchmarks.cdrs import Answers

# What VCC Live sends when nobody says how much.
_SMALL_PAGE: Final = 10


class _Page(NamedTuple):
    """What is asked for."""

    day: date
    start: int
    num: int


class LogPages:
    """Has the pages of one log after another, and counts the calls that were asked for."""

    def __init__(self, answers: Answers) -> None:
        """Begin with a log without calls.

        Args:
            answers: Makes the pages.
        """
        self._answers = answers
        self._log = NO_CALLS
        # By log, as the benchmark comes back to the same few of them again and again.
        self._bodies: dict[CallLog, dict[_Page, bytes]] = {}
        self._asked: dict[date, bytearray] = {}

    def begin(self, log: CallLog) -> int:
        """Go over to a log; return how many calls of the one before were asked for."""
        rows = sum(asked.count(1) for asked in self._asked.values())
        self._log = log
        self._asked = {}
        if log not in self._bodies:
            self._bodies[log] = {page: self._encoded(page) for page in _pages_of(log)}
        return rows

    def body(self, target: str) -> bytes:
        """Return the body of the answer to a request.

        Args:
            target: `YYYY/MM/DD?start=...&num=...`; the options may be absent.
        """
        day, _, query = target.partition("?")
        options = dict(parse_qsl(query))
        start, num = int(options.get("start", 0)), int(options.get("num", _SMALL_PAGE))
        page = _Page(date(*map(int, day.split("/"))), start, min(num, LARGEST_PAGE))
        self._count(page)
        return self._bodies[self._log].get(page) or self._encoded(page)

    def _count(self, page: _Page) -> None:
        total = self._log.total(page.day)
        asked = self._asked.setdefault(page.day, bytearray(total))
        rows = len(range(page.start, min(page.start + page.num, total)))
        asked[page.start : page.start + rows] = b"\1" * rows

    def _encoded(self, page: _Page) -> bytes:
        return self._answers.page(self._log.page(*page), self._log.total(page.day))


def _pages_of(log: CallLog) -> list[_Page]:
    """Return the pages of a log, as large as they can be."""
    return [
        _Page(FIRST_DAY + timedelta(days=day), start, LARGEST_PAGE)
        for day in range(log.days)
        for start in range(0, log.calls_per_day, LARGEST_PAGE)
    ]
