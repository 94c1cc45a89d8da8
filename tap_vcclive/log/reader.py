"""Fetches the pages of days of the call log ahead, and hands the days out in order.

Knows no Singer. A day's first page tells how many there are; the others are asked for side by side,
and meanwhile the first pages of the days to come.
"""

from __future__ import annotations

from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.api.errors import OddAnswerError, TriesExhaustedError
from tap_vcclive.fetching.lookahead import LookAhead
from tap_vcclive.log.day import MOST_ROWS, Day, Got
from tap_vcclive.log.pages import LARGEST_PAGE, DayOfLog, Page, page_at

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import date

    from tap_vcclive.api.client import Client

# Pages at hand while the workers fetch others; one of 500 rows takes about 2 MB of memory.
_PAGES_AT_HAND: Final = 4


class _End:
    """Where a day's log has turned out to end, whatever its total says."""

    def __init__(self) -> None:
        self.at: float = float("inf")


class _Piece(NamedTuple):
    """A part of a day's log, from one offset up to another.

    Attributes:
        of: The day.
        start: Offset of its first row.
        stop: Offset after its last row.
        num: How many rows a request asks for.
        end: Where the log ends; shared by the pieces of a reading.
        got: Its pages, when they are at hand already.
    """

    of: DayOfLog
    start: int
    stop: int
    num: int
    end: _End
    got: Got | None = None


class Reader:
    """Reads days of the log, one after the other.

    Attributes:
        stopped: Whether it was told to stop.
    """

    def __init__(self, client: Client, projects: Sequence[int] | None, workers: int) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            client: Asks VCC Live.
            projects: The projects to ask for, one by one; None for all of them at once.
            workers: How many pages are fetched at the same time.
        """
        self._client = client
        self._projects: Sequence[int | None] = projects or [None]
        self._workers = workers
        self._running: list[LookAhead[_Piece, Got]] = []
        self.stopped = False

    def stop(self) -> None:
        """End at the next row; callable from a signal."""
        self.stopped = True
        for ahead in self._running:
            ahead.stop()

    def days(self, days: Iterable[date]) -> Generator[Day, None, None]:
        """Yield the days; the rows of each have to be taken before the next day is.

        Raises:
            VCCLiveError: When asking for other days would end the same way.
        """
        of_days = (DayOfLog(day, project) for day in days for project in self._projects)
        firsts = (_Piece(of, 0, 1, LARGEST_PAGE, _End()) for of in of_days)
        with (
            closing(self._fetched(firsts)) as heads,
            closing(self._fetched(_pieces(heads))) as results,
        ):
            before: set[str] = set()
            for day, pieces in groupby(results, key=lambda result: result[0].of.day):
                one = Day(day, ((piece.of, got) for piece, got in pieces), self, before)
                yield one
                before = one.seen

    def page(self, of: DayOfLog, start: int) -> Got:
        """Return the page of a day at an offset."""
        return self._fetch(_Piece(of, start, start + 1, LARGEST_PAGE, _End()))

    def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Got]:
        """Yield all pages of a day up to a total.

        Args:
            of: The day.
            total: How many rows there are.
            size: How many rows a page has.
            first: How many the first page shall have.
        """
        end = _End()
        num = LARGEST_PAGE if first == size else first
        head = _Piece(of, 0, first, num, end)
        with closing(self._fetched(_rest(head, size, total))) as results:
            yield from (got for _, got in results)

    def _fetched(self, pieces: Iterable[_Piece]) -> Generator[tuple[_Piece, Got], None, None]:
        """Yield pieces with their pages, fetched ahead."""
        ahead = LookAhead(
            self._fetch, pieces, workers=self._workers, ahead=self._workers + _PAGES_AT_HAND
        )
        self._running.append(ahead)
        if self.stopped:  # between the two lines above
            ahead.stop()
        try:
            with closing(iter(ahead)) as results:
                yield from results
        finally:
            self._running.remove(ahead)

    def _fetch(self, piece: _Piece) -> Got:
        """Return the pages of a piece: one, unless the server sends fewer rows than before."""
        if piece.got is not None:
            return piece.got
        pages: list[Page] = []
        start = piece.start
        try:
            while start < min(piece.stop, piece.end.at):
                page = page_at(piece.of, start, piece.num, self._client)
                pages.append(page)
                if not page.rows:
                    piece.end.at = min(piece.end.at, start)
                start += len(page.rows)
        except (OddAnswerError, TriesExhaustedError) as fault:
            return Got(pages, fault)
        return Got(pages)


def _pieces(heads: Iterable[tuple[_Piece, Got]]) -> Iterator[_Piece]:
    """Yield the first piece of each day, which is at hand, and then the rest of the day."""
    for head, got in heads:
        first = got.pages[0] if got.pages else Page(0, [])
        size = len(first.rows)
        known = head._replace(stop=size, got=got)
        yield from _rest(known, size, first.total or 0) if size else [known]


def _rest(head: _Piece, size: int, total: int) -> Iterator[_Piece]:
    """Yield a first piece and the pieces after it, a page each, up to a total."""
    yield head
    start = head.stop
    while start < min(total, MOST_ROWS, head.end.at):
        yield _Piece(head.of, start, min(start + size, total), LARGEST_PAGE, head.end)
        start += size
