"""The call centre as a client shows it: answers by the time of day and the weather."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from tap_vcclive.api.errors import NoAnswerError, TriesExhaustedError, VCCLiveError
from tests.nights.weather import (
    ABSENT,
    REFUSED,
    SPELT,
    CallFault,
    DayFault,
    How,
    nothing_but,
    spelt,
)
from tests.nights.world import BY_UUID, ZONE, CallOfCentre, calls_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.nights.weather import Fault

PAGE: Final = 5
_SHORT_PAGE: Final = 2
# So often the same absence has to be said of a day within one run to be believed.
_BELIEVED_AFTER: Final = 3
# Of the end of a log without totals, which nothing else shows.
_END_BELIEVED_AFTER: Final = 2
_CALL: Final = re.compile(r"/cdr/([0-9]{4})/([0-9]{2})/(.{36})")
_BYTES: Final = 1000

Key = tuple[date, int | None]
"""A day, and the project that it is asked for; None for all of them."""


class Centre:
    """Stands in for a client.

    Attributes:
        asked: As of a client.
        tries: As of a client.
        answered: As of a client.
        unanswered: As of a client.
        latest: The latest time of the night at which something was answered, in UTC.
        first_asked: When each call (by uuid) and each day was asked for first, in all nights.
        said_absent: What was said to be absent so often in this night that it may be believed.
        said_to_end: Of which logs without totals the same was said as of their end.
    """

    def __init__(self) -> None:
        """Begin before the first night."""
        self.asked = self.tries = self.answered = self.unanswered = 0
        self.first_asked: dict[str | date, datetime] = {}
        self.said_absent: set[Key] = set()
        self.said_to_end: set[Key] = set()
        self._requests: Counter[object] = Counter()
        self._met: Counter[object] = Counter()
        self._faults: Sequence[Fault] = ()
        self._is_down = False

    def begin(self, now: datetime, faults: Sequence[Fault], *, minutes: int, is_down: bool) -> None:
        """Begin a night.

        Args:
            now: The time, in UTC.
            faults: The weather.
            minutes: How much later it is at each request for the same day or call.
            is_down: Whether nothing has an answer.
        """
        self.asked = self.tries = self.answered = self.unanswered = 0
        self.said_absent, self.said_to_end = set(), set()
        self._now = self.latest = now
        self._step = timedelta(minutes=minutes)
        self._faults, self._is_down = faults, is_down
        self._requests, self._met = Counter(), Counter()

    def get(self, resource: str, admit: Callable[[int], object] | None = None) -> object:
        """Answer like a client.

        Raises:
            VCCLiveError: As a client does.
        """
        self.asked += 1
        self.tries += 1
        try:
            call = _CALL.fullmatch(resource)
            answer = self._call(resource, *call.groups()) if call else self._page(resource)
        except TriesExhaustedError:
            raise
        except VCCLiveError:
            self.answered += 1
            raise
        self.answered += 1
        if admit is not None:
            admit(_BYTES)
        return answer

    def _time(self, key: object, name: str | date) -> datetime:
        """Return when a request is answered: the same day or call, asked again, is later."""
        now = self._now + self._requests[key] * self._step
        self._requests[key] += 1
        self.latest = max(self.latest, now)
        self.first_asked.setdefault(name, now)
        return now

    def _meets(self, fault: Fault, key: object) -> bool:
        """Return whether a request still meets a fault that is of it."""
        self._met[fault, key] += 1
        return fault.times is None or self._met[fault, key] <= fault.times

    def _call(self, resource: str, year: str, month: str, uuid: str) -> object:
        now = self._time(resource, uuid)
        call = BY_UUID[uuid]
        if self._is_down:
            return nothing_but(How.SILENT, resource)
        how = None
        for fault in self._faults:
            is_of = isinstance(fault, CallFault) and call.number in fault.calls
            if is_of and self._meets(fault, resource):
                how = fault.how
        if how not in {None, *SPELT}:
            assert how is not None
            return nothing_but(how, resource)
        if now < call.registered or (int(year), int(month)) != (call.start.year, call.start.month):
            raise NoAnswerError(resource, status=404)
        return spelt(call, how)

    def _page(self, resource: str) -> object:
        url = urlsplit(resource)
        day = date(*map(int, url.path.split("/")[-3:]))
        options = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
        key = (day, options.get("projectid"))
        now = self._time(key, day)
        if self._is_down:
            return nothing_but(How.SILENT, resource)
        rows = [call for call in calls_of(*key) if call.registered <= now]
        page = rows[options["start"] :][: min(options["num"], PAGE)]
        hows = {fault.how for fault in self._faults_of(key, page, first=not options["start"])}
        for how in (*REFUSED, *ABSENT):
            if how in hows:
                self._note(key, how, options["start"], now, no_total=How.NO_TOTAL in hows)
                return nothing_but(how, resource)
        return self._rows(rows, options["start"], options["num"], hows, self._requests[key])

    def _faults_of(self, key: Key, page: list[CallOfCentre], *, first: bool) -> list[DayFault]:
        """Return the faults that a page meets."""
        numbers = {call.number for call in page}
        return [
            fault
            for fault in self._faults
            if isinstance(fault, DayFault)
            and fault.is_of(*key, first=first)
            and (fault.row is None or fault.row in numbers)
            and self._meets(fault, key)
        ]

    def _note(self, key: Key, how: How, start: int, now: datetime, *, no_total: bool) -> None:
        """Take note of what may be believed."""
        self._met[key, how, start] += 1
        times = self._met[key, how, start]
        has_ended = key[0] < now.astimezone(ZONE).date()
        if how in ABSENT and not start and has_ended and times >= _BELIEVED_AFTER:
            self.said_absent.add(key)
        # The page before had fewer rows than were asked for: it may have been the last.
        is_end = how in ABSENT or how in {How.ODD, How.SAYS, How.SAYS_NOTHING}
        if is_end and start and no_total and times >= _END_BELIEVED_AFTER:
            self.said_to_end.add(key)

    @staticmethod
    def _rows(
        rows: list[CallOfCentre], start: int, num: int, hows: set[How], request: int
    ) -> dict[str, object]:
        """Return a page of the log."""
        total: object = len(rows)
        # Where no total tells, nobody can know that rows have moved.
        if How.MOVES in hows and rows and How.NO_TOTAL not in hows:
            by = start // PAGE * 2 % len(rows)
            rows = rows[by:] + rows[:by]
        cap = _SHORT_PAGE if How.SHORT in hows else PAGE
        page = rows[start : start + min(num, cap)]
        spelling = next((how for how in (*SPELT, How.NAMELESS) if how in hows), None)
        listed = [spelt(call, spelling) for call in page]
        if How.NO_TOTAL in hows:
            return {"rows": listed}
        if How.HOLLOW in hows and rows:
            return {"rows": [], "totalCount": total}
        if How.TOTAL_TOO_SMALL in hows and rows:
            total = min(len(rows), cap) - 1
        elif How.TOTAL_ALTERNATES in hows and rows:
            total = len(rows) + request % 2
        elif How.TOTAL_IS_TEXT in hows:
            total = f" {total} "
        return {"rows": listed, "totalCount": total}
