"""Fetches the pages of days of the call log ahead, and hands the days out in order.

Knows no Singer. A day's first page tells how many there are; the others are asked for side by side,
and meanwhile the first pages of the days to come. What has come is handed out at once: nothing
waits for what is fetched for later days.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

from tap_vcclive.call_log.day import Day
from tap_vcclive.call_log.pages import LARGEST_PAGE, DayOfLog, End
from tap_vcclive.call_log.parts import Part, next_start, within
from tap_vcclive.call_log.slices import Fetched, Limit, Slice, slice_at
from tap_vcclive.days.day import Noun
from tap_vcclive.fetching.lookahead import LATER, Later
from tap_vcclive.fetching.prefetch import Prefetch, Room, Slot

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.settings.typed import Settings

# Pages at hand besides those that the workers fetch; one of 500 rows takes about 2 MB of memory.
_PAGES_AT_HAND: Final = 4

# One row that is too large makes no request of each row to come: what is still too large is halved.
_SMALLEST_PAGE: Final = 10


CALL_LOG: Final = Noun("log", "call", "the uuid of a call")


class Reader:
    """Reads days of the log, one after the other.

    Attributes:
        noun: What it reads.
        stopped: Whether it was told to stop.
    """

    noun = CALL_LOG

    def __init__(
        self,
        client: Client,
        projects: Sequence[int] | None,
        workers: int,
        room: Room | None = None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            client: CallQueue VCC Live.
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
        self._parts: deque[Part] = deque()
        self._to_come: Iterator[DayOfLog] = iter(())
        self._turn = 0
        self._num = LARGEST_PAGE
        self.stopped = False

    def _new_prefetch(self) -> Prefetch[Slice, Fetched]:
        fetch = partial(slice_at, get=self._get)
        return Prefetch(fetch, workers=self._workers, room=self._room)

    @staticmethod
    def resource(day: date, project: int | None) -> str:
        """Return where the first page of a day is asked for."""
        return DayOfLog(day, project).resource(0, LARGEST_PAGE)

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
                self._plan()
                yield one
                before = one.edge
        finally:
            self._prefetch.close()

    def page(self, of: DayOfLog, start: int, end: End) -> Iterator[Fetched | Later]:
        """Yield what is got of the page of a day at an offset."""
        slot = self._prefetch.submit(
            Slice(of, start, None, self._num, end, Limit()), (self._turn, start)
        )
        return self._arriving(slot)

    def pages(self, of: DayOfLog, total: int, size: int, first: int) -> Iterator[Fetched | Later]:
        """Yield what is got of all pages of a day up to a total.

        Args:
            of: The day.
            total: How many rows there are.
            size: How many rows a page has.
            first: How many the first page shall have.
        """
        part = Part(of, self._turn)
        part.size = size
        num = self._num if first == size else first
        part.rest = part.slices(0, min(first, total), total, self._num, first_num=num)
        self._parts.appendleft(part)
        yield from self._rest_of(part)
        self._parts.remove(part)

    def _parts_of_day(self) -> Iterator[tuple[DayOfLog, Iterator[Fetched | Later]]]:
        """Yield what is got of a day, one project after the other."""
        for _ in self._projects:
            self._plan()
            if not self._parts:
                return  # told to stop
            part = self._parts[0]
            self._turn = part.turn
            yield part.of, self._results(part)
            self._parts.popleft()

    def _results(self, part: Part) -> Iterator[Fetched | Later]:
        """Yield what is got of a part, from its first page on."""
        yield from self._arriving(part.slots[0])
        part.slots.popleft()
        yield from self._rest_of(part)

    def _rest_of(self, part: Part) -> Iterator[Fetched | Later]:
        """Yield what is got of the slices of a part."""
        while not self.stopped:
            self._plan()
            if not part.slots:
                return
            slot = part.slots.popleft()
            for got in self._arriving(slot):
                if not isinstance(got, Later):
                    sizes = [len(page.rows) for page in slot.result.pages]
                    part.size = max([part.size, *sizes])
                yield got

    def _arriving(self, slot: Slot[Slice, Fetched]) -> Iterator[Fetched | Later]:
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
                self._prefetch.wait(seen, slot)
            else:
                self._prefetch.expect(slot)
                yield LATER
        if slot.error is not None:
            raise slot.error
        self._plan()
        yield within(slot.item, slot.result)
        self._prefetch.taken(slot)

    def _plan(self) -> None:
        """Have as much fetched as may be at hand: what is handed out first comes first."""
        most = 2 * self._workers + _PAGES_AT_HAND
        for part in self._parts:
            if part.rest is None and part.slots and part.slots[0].is_ready:
                first = part.slots[0]
                self._plan_rest(part, Fetched([]) if first.error else first.result)
            # What is handed out now waits for nothing that is fetched for days to come.
            is_now = part is self._parts[0]
            while part.rest is not None and (
                self._prefetch.in_hand < most or (is_now and not part.slots)
            ):
                piece = next(part.rest, None)
                if piece is None:
                    break
                part.slots.append(self._prefetch.submit(piece, (part.turn, piece.start)))
        while self._prefetch.in_hand < most or not self._parts:
            of = next(self._to_come, None)
            if of is None or self.stopped:
                return
            part = Part(of, self._parts[-1].turn + 1 if self._parts else self._turn + 1)
            head = Slice(of, 0, None, self._num, End(), part.limit)
            part.slots.append(self._prefetch.submit(head, (part.turn, 0)))
            self._parts.append(part)

    def _plan_rest(self, part: Part, got: Fetched) -> None:
        """Find out from the first page of a part what else there is."""
        part.size = max((len(page.rows) for page in got.pages), default=0)
        if got.is_too_large:
            # From now on pages are asked for that can be had.
            self._num = max(_SMALLEST_PAGE, min(self._num, part.size))
        start = max((page.start + len(page.rows) for page in got.pages), default=0)
        total = max((page.total or 0 for page in got.pages), default=0)
        part.rest = iter(())
        if 0 < start < total:
            begin = next_start(start, part.size)
            part.rest = part.slices(begin, min(begin + part.size, total), total, self._num)


def reader_for(settings: Settings, client: Client, room: Room | None = None) -> Reader:
    """Return a reader of the log as the settings want it.

    Args:
        settings: The settings.
        client: Asks VCC Live.
        room: See `Reader`.
    """
    workers = settings.max_concurrency
    if room is not None:
        # Its calls are fetched beside it: those of a day must not wait for days to come.
        workers = max(workers // 2, 1)
    return Reader(client, settings.project_ids, workers, room)
