"""Fetches the pages of days of the call log ahead, and hands the days out in order.

Knows no Singer. A day's first page tells how many there are; the others are asked for side by side,
and meanwhile the first pages of the days to come. What has come is handed out at once: nothing
waits for what is fetched for later days.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

from tap_vcclive.fetching.lookahead import LATER, Later
from tap_vcclive.fetching.prefetch import Prefetch, Room, Slot
from tap_vcclive.log.day import MOST_ROWS, Day
from tap_vcclive.log.pages import LARGEST_PAGE, DayOfLog, End
from tap_vcclive.log.slices import Got, Limit, Slice, slice_at

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import date

    from tap_vcclive.api.client import Client

# Pages at hand besides those that the workers fetch; one of 500 rows takes about 2 MB of memory.
_PAGES_AT_HAND: Final = 4

# Pages share a row with the one before, which shows whether rows have moved between the two
# requests; where pages have so few rows, that is not worth it.
_FEW_ROWS: Final = 20


class _Part:
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
        self.of = of
        self.turn = turn
        self.slots: deque[Slot[Slice, Got]] = deque()
        self.rest: Iterator[Slice] | None = None
        self.size = 0
        self.limit = Limit()


class Reader:
    """Reads days of the log, one after the other.

    Attributes:
        stopped: Whether it was told to stop.
    """

    def __init__(
        self,
        client: Client,
        projects: Sequence[int] | None,
        workers: int,
        room: Room | None = None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            client: Asks VCC Live.
            projects: The projects to ask for, one by one; None for all of them at once.
            workers: How many pages are fetched at the same time.
            room: What all that is fetched ahead may take together. With it, somebody else waits:
                rows that have not arrived are `LATER`.
        """
        self._projects: Sequence[int | None] = projects or [None]
        self._workers = workers
        self._waits = room is None
        self._room = room or Room()
        self._get = partial(client.get, admit=self._room.admit)
        self._prefetch = self._new_prefetch()
        self._parts: deque[_Part] = deque()
        self._to_come: Iterator[DayOfLog] = iter(())
        self._turn = 0
        self._num = LARGEST_PAGE
        self.stopped = False

    def _new_prefetch(self) -> Prefetch[Slice, Got]:
        fetch = partial(slice_at, get=self._get)
        return Prefetch(fetch, workers=self._workers, room=self._room)

    def stop(self) -> None:
        """End at the next row; callable from a signal."""
        self.stopped = True

    def days(self, days: Iterable[date]) -> Generator[Day, None, None]:
        """Yield the days; the rows of each have to be taken before the next day is.

        Raises:
            VCCLiveError: When asking for other days would end the same way.
        """
        days = list(days)
        self._to_come = (DayOfLog(day, project) for day in days for project in self._projects)
        self._parts.clear()
        self._prefetch = self._new_prefetch()
        before = None
        try:
            for day in days:
                if self.stopped:
                    return
                one = Day(day, self._parts_of_day(), self, before)
                yield one
                before = one.edge
        finally:
            self._prefetch.close()

    def page(self, of: DayOfLog, start: int, end: End) -> Iterator[Got | Later]:
        """Yield what is got of the page of a day at an offset."""
        slot = self._prefetch.submit(
            Slice(of, start, None, self._num, end, Limit()), (self._turn, start)
        )
        return self._arriving(slot)

    def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Got | Later]:
        """Yield what is got of all pages of a day up to a total.

        Args:
            of: The day.
            total: How many rows there are.
            size: How many rows a page has.
            first: How many the first page shall have.
        """
        part = _Part(of, self._turn)
        part.size = size
        num = self._num if first == size else first
        part.rest = self._slices(part, 0, min(first, total), total, num)
        self._parts.appendleft(part)
        yield from self._rest_of(part)
        self._parts.remove(part)

    def _parts_of_day(self) -> Iterator[tuple[DayOfLog, Iterator[Got | Later]]]:
        """Yield what is got of a day, one project after the other."""
        for _ in self._projects:
            self._plan()
            part = self._parts[0]
            self._turn = part.turn
            yield part.of, self._results(part)
            self._parts.popleft()

    def _results(self, part: _Part) -> Iterator[Got | Later]:
        """Yield what is got of a part, from its first page on."""
        yield from self._arriving(part.slots[0])
        part.slots.popleft()
        yield from self._rest_of(part)

    def _rest_of(self, part: _Part) -> Iterator[Got | Later]:
        """Yield what is got of the slices of a part."""
        while not self.stopped:
            self._plan()
            if not part.slots:
                return
            slot = part.slots.popleft()
            for got in self._arriving(slot):
                if not isinstance(got, Later):
                    part.size = max([part.size, *(len(page.rows) for page in got.pages)])
                yield got

    def _arriving(self, slot: Slot[Slice, Got]) -> Iterator[Got | Later]:
        """Yield what has been fetched, once it is there.

        Raises:
            VCCLiveError: When asking for anything else would end the same way.
        """
        while not slot.is_ready:
            if self.stopped:
                return
            seen = self._room.arrivals
            self._plan()
            if self._waits:
                self._room.wait(seen, slot)
            else:
                self._room.expect(slot)
                yield LATER
        if slot.error is not None:
            raise slot.error
        self._plan()
        yield _within(slot)
        self._prefetch.taken(slot)

    def _plan(self) -> None:
        """Have as much fetched as may be at hand: what is handed out first comes first."""
        most = 2 * self._workers + _PAGES_AT_HAND
        for part in self._parts:
            if part.rest is None and part.slots and part.slots[0].is_ready:
                first = part.slots[0]
                self._plan_rest(part, Got([]) if first.error else first.result)
            while part.rest is not None and self._prefetch.in_hand < most:
                piece = next(part.rest, None)
                if piece is None:
                    break
                part.slots.append(self._prefetch.submit(piece, (part.turn, piece.start)))
        while self._prefetch.in_hand < most or not self._parts:
            of = next(self._to_come, None)
            if of is None or self.stopped:
                return
            part = _Part(of, self._parts[-1].turn + 1 if self._parts else self._turn + 1)
            head = Slice(of, 0, None, self._num, End(), part.limit)
            part.slots.append(self._prefetch.submit(head, (part.turn, 0)))
            self._parts.append(part)

    def _plan_rest(self, part: _Part, got: Got) -> None:
        """Find out from the first page of a part what else there is."""
        if got.is_too_large:
            # From now on pages are asked for that this server can be had.
            self._num = max(1, min(self._num, max(len(page.rows) for page in got.pages)))
        part.size = max((len(page.rows) for page in got.pages), default=0)
        start = max((page.start + len(page.rows) for page in got.pages), default=0)
        total = max((page.total or 0 for page in got.pages), default=0)
        begin = self._next_start(start, part.size)
        stop = min(begin + part.size, total) if start else total
        part.rest = (
            self._slices(part, begin, stop, total, self._num) if 0 < start < stop else iter(())
        )

    def _slices(self, part: _Part, start: int, stop: int, total: int, num: int) -> Iterator[Slice]:
        """Yield the slices of a part, a page each: a first one, and those after it up to a total.

        Args:
            part: The part.
            start: Offset of the first row.
            stop: Offset after the last row of the first slice.
            total: How many rows there are.
            num: How many rows the first request asks for.
        """
        while True:
            is_last = stop >= total
            yield Slice(part.of, start, stop, num, End(), part.limit, is_last)
            if is_last or stop >= min(MOST_ROWS, part.limit.at):
                return
            start, num = self._next_start(stop, part.size), self._num
            stop = min(start + part.size, total)

    @staticmethod
    def _next_start(stop: int, size: int) -> int:
        """Return where the next page begins: with the last row of the one before."""
        return stop - 1 if size >= _FEW_ROWS else stop


def _within(slot: Slot[Slice, Got]) -> Got:
    """Return what has been got of a slice, without rows that the next slice has as well."""
    piece, got = slot.item, slot.result
    if piece.stop is None or piece.is_last:
        return got
    pages = [page._replace(rows=page.rows[: piece.stop - page.start]) for page in got.pages]
    return got._replace(pages=pages)
