"""The calls of a small call centre: a little more than two weeks, over the edge of a month.

The centre is the same in every history. What differs is when it is asked, and how it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Budapest")
PROJECTS: Final = (3, 5)
FIRST_DAY: Final = date(2024, 2, 22)

# How many calls each day has: none, one, a page of five exactly, a few pages.
_CALLS_OF_DAYS: Final = (12, 3, 0, 6, 2, 11, 1, 5, 4, 0, 7, 2, 3, 10, 2)
DAYS: Final = len(_CALLS_OF_DAYS)
LAST_DAY: Final = FIRST_DAY + timedelta(days=DAYS - 1)

_SHORTEST_DELAY: Final = timedelta(minutes=5)
_LONGEST_DELAY: Final = timedelta(minutes=100)
_SOON_AFTER_MIDNIGHT: Final = 3
_GREGORIAN_EPOCH: Final = datetime(1582, 10, 15, tzinfo=UTC)
# So far the clock of a uuid can be from that of `start_ts`.
_UUID_CLOCK_IS_LATE: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class CallOfCentre:
    """A call.

    Attributes:
        number: Its number, in the order of the log.
        uuid: Its uuid: of version 1, with the instant, for every other call.
        start: When it began, local time.
        registered: When its record was made, 5 to 100 minutes after the call, in UTC.
        project: Its project.
    """

    number: int
    uuid: str
    start: datetime
    registered: datetime
    project: int

    @property
    def day(self) -> date:
        """The day of the log that it is on."""
        return self.start.date()

    @property
    def row(self) -> dict[str, object]:
        """Its CDR."""
        start = self.start.strftime("%Y-%m-%d %H:%M:%S")
        return {"uuid": self.uuid, "start_ts": start, "projectid": self.project}

    @property
    def entry(self) -> str | dict[str, str]:
        """The call as an entry of a list.

        One whose uuid tells its month stands there without it, or, every third time, with the
        month in UTC, as a warehouse has it.
        """
        if UUID(self.uuid).version == 1 and self.number % 3:
            return self.uuid
        start = self.start.astimezone(UTC) if UUID(self.uuid).version == 1 else self.start
        return {"uuid": self.uuid, "year": f"{start.year}", "month": f"{start.month:02}"}


def _calls() -> list[CallOfCentre]:
    calls: list[CallOfCentre] = []
    for in_days, count in enumerate(_CALLS_OF_DAYS):
        day = FIRST_DAY + timedelta(days=in_days)
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        for in_day in range(count):
            # The first is just after midnight, the last just before; most of the others at noon.
            minutes = 30 + in_day if in_day < _SOON_AFTER_MIDNIGHT else 12 * 60 + in_day
            if in_day == 0:
                minutes = 0
            elif in_day == count - 1:
                minutes = 24 * 60 - 1
            number = len(calls)
            start = midnight + timedelta(minutes=minutes, seconds=number % 15)
            delay = _SHORTEST_DELAY + timedelta(minutes=number * 37 % 96)
            registered = start.astimezone(UTC) + delay
            project = PROJECTS[number // 2 % len(PROJECTS)]
            calls.append(CallOfCentre(number, _uuid(number, start), start, registered, project))
    return calls


def _uuid(number: int, start: datetime) -> str:
    if number % 2:
        return f"{number:08x}-85de-4ec1-8625-e6eaf5c96b1e"
    instant = start.astimezone(UTC) - (_UUID_CLOCK_IS_LATE if number % 4 == 0 else timedelta())
    ticks = (instant - _GREGORIAN_EPOCH) // timedelta(microseconds=1) * 10
    low, mid, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48
    return f"{low:08x}-{mid:04x}-1{high:03x}-a6da-{number:012x}"


CALLS: Final = _calls()
BY_UUID: Final = {call.uuid: call for call in CALLS}
ALL_REGISTERED: Final = max(call.registered for call in CALLS)


def number_of(day: date) -> int:
    """Return the number of a day, from the first one of the centre."""
    return (day - FIRST_DAY).days


def calls_of(day: date, project: int | None = None) -> list[CallOfCentre]:
    """Return the calls of a day, of one project or of all, in the order of the log."""
    return [call for call in CALLS if call.day == day and project in {None, call.project}]
