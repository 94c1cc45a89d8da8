"""Which calls there are: how many a day, when each starts, and the uuid that names it.

A day's calls depend on the seed, the day, the number of calls and the time zone, not on how many
days there are. Lists may be long, so a call is a position in a few arrays; everything else about it
is worked out when it is asked for.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, overload
from zoneinfo import ZoneInfo

from vcclive_sandbox.cdr import cdr_of
from vcclive_sandbox.centre import PROJECTS
from vcclive_sandbox.dice import dice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from vcclive_sandbox.cdr import Value
    from vcclive_sandbox.options import Options

# Share of the day's calls that start in each local hour: two peaks, lunch between, few at night.
HOURS = (2, 1, 1, 1, 1, 2, 4, 12, 55, 90, 110, 95, 60, 55, 85, 100, 85, 60, 40, 25, 8, 5, 4, 3)
WEEKDAY_SHARES = (1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.2)
VERSION_1_SHARE = 0.9

TICKS_PER_SECOND = 10_000_000  # version-1 uuids count 100 ns
TICKS_PER_HOUR = 3600 * TICKS_PER_SECOND
TICKS_PER_DAY = 24 * TICKS_PER_HOUR
UUID_EPOCH = 0x01B21DD213814000  # ticks from 1582-10-15, where version-1 uuids begin, to 1970
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The telephone servers that make the version-1 uuids: clock sequence and node.
SERVERS = ("a6da-6547f8762750", "8c31-6547f8762751", "b7f0-6547f8762752")


@dataclass(frozen=True)
class Call:
    """One invented call.

    Attributes:
        uuid: Its name.
        day: Local day that it starts on; its year and month are part of its address.
        start: Instant that it starts, UTC, to the microsecond.
        project: Index of its project in `PROJECTS`.
        zone: Zone of the call centre.
        seed: Seed of the list that it belongs to.
    """

    uuid: str
    day: date
    start: datetime
    project: int
    zone: ZoneInfo
    seed: int

    @property
    def year(self) -> str:
        """Local year, four digits."""
        return f"{self.day.year:04}"

    @property
    def month(self) -> str:
        """Local month, two digits."""
        return f"{self.day.month:02}"

    @property
    def version(self) -> Literal[1, 4]:
        """Version of its uuid: 1 tells the call's start, 4 tells nothing."""
        return 1 if self.uuid[14] == "1" else 4

    def cdr(self) -> dict[str, Value]:
        """Return every known field; None where the call has no such value."""
        return cdr_of(self.uuid, self.start, PROJECTS[self.project], self.zone, self.seed)


class Calls(Sequence[Call]):
    """The calls of a sandbox in order of their start.

    Attributes:
        chance: A number from 0 to 1 for each call, to decide things about it by the seed alone.
        project: The index of each call's project in `PROJECTS`.
    """

    def __init__(self, options: Options) -> None:
        """Invent the calls that `options` describe."""
        self._zone = ZoneInfo(options.timezone)
        self._seed = options.seed
        self._first_day = options.first_day
        self._uuids: list[str] = []
        self._positions: dict[str, int] = {}
        self._ticks = array("q")
        self.chance = array("d")
        self.project = array("B")
        self._ends = [0]  # the position after each day's last call, and before the first day's
        for number in range(options.days):
            self._add(options.first_day + timedelta(days=number), options.calls_per_day)
            self._ends.append(len(self._uuids))

    def _add(self, day: date, calls_per_day: int) -> None:
        share = WEEKDAY_SHARES[day.weekday()]
        count = max(round(calls_per_day * share), min(calls_per_day, 1))
        draws = dice(self._seed, day)
        projects = draws.choices(
            range(len(PROJECTS)), [project.share for project in PROJECTS], k=count
        )
        for ticks, project in zip(self._starts(draws, day, count), projects, strict=True):
            uuid = _uuid(draws, ticks)
            self._positions[uuid] = len(self._uuids)
            self._uuids.append(uuid)
            self._ticks.append(ticks)
            self.chance.append(draws.random())
            self.project.append(project)

    def _starts(self, draws: Random, day: date, count: int) -> list[int]:
        """Draw different instants of a local day; ticks since 1970 in UTC."""
        midnight = datetime.combine(day, time())
        local = (day.toordinal() - EPOCH.toordinal()) * TICKS_PER_DAY
        starts: set[int] = set()
        while len(starts) < count:
            for hour in draws.choices(range(24), HOURS, k=count - len(starts)):
                ticks = hour * TICKS_PER_HOUR + draws.randrange(TICKS_PER_HOUR)
                moment = midnight + timedelta(microseconds=ticks // 10)
                offset = self._offset(moment, later=draws.random() < 0.5)  # noqa: PLR2004 - a coin
                starts.add(local + ticks - offset * TICKS_PER_SECOND)
        return sorted(starts)

    def _offset(self, moment: datetime, *, later: bool) -> int:
        """Return what is to be taken off a local time, seconds.

        Of a time that the clocks show twice, `later` chooses the second. A time that they skip
        becomes the one that they show instead.
        """
        first, second = (
            (moment.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta())
            for fold in (0, 1)
        )
        offset = second if later and second < first else first
        return int(offset.total_seconds())

    def __len__(self) -> int:
        """Return the number of calls."""
        return len(self._uuids)

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        """Return the call, or the calls, at a position in order of start."""
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        return Call(
            uuid=self._uuids[position],
            day=self._first_day + timedelta(days=bisect_right(self._ends, position) - 1),
            start=EPOCH + timedelta(microseconds=self._ticks[position] // 10),
            project=self.project[position],
            zone=self._zone,
            seed=self._seed,
        )

    def __iter__(self) -> Iterator[Call]:
        """Yield the calls in order of start."""
        return (self[position] for position in range(len(self)))

    def find(self, uuid: str) -> int | None:
        """Return the position of the call that has this uuid, if there is one."""
        return self._positions.get(uuid)

    def between(self, first: date, last: date) -> range:
        """Return the positions of the calls of local days `first` to `last`, both included."""
        numbers = ((first - self._first_day).days, (last - self._first_day).days + 1)
        begin, end = (self._ends[min(max(number, 0), len(self._ends) - 1)] for number in numbers)
        return range(begin, end)


def _uuid(draws: Random, ticks: int) -> str:
    if draws.random() < VERSION_1_SHARE:
        stamp = f"{UUID_EPOCH + ticks:015x}"
        return f"{stamp[7:]}-{stamp[3:7]}-1{stamp[:3]}-{draws.choice(SERVERS)}"
    bits = f"{draws.getrandbits(124):031x}"
    variant = "89ab"[int(bits[15], 16) % 4]
    return f"{bits[:8]}-{bits[8:12]}-4{bits[12:15]}-{variant}{bits[16:19]}-{bits[19:]}"
