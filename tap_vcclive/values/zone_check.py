"""Whether `timezone` can be right, by calls that tell an instant beside a local time.

A version-1 uuid carries the instant at which its call starts, and VCC Live's own `*_utc` fields say
what a local time is in UTC. A zone that is wrong shows as differences of whole quarters of an hour,
the same ones in all calls of a season. Anything else has another cause, and nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)
_START: Final = "start_ts"
# A call-back is arranged with the customer, whose clock can be another one.
_PAIRS: Final = ((_START, "start_ts_utc"), ("billing_ts", "billing_ts_utc"))

# Of fewer calls, chance or one odd server could be the reason.
_MANY: Final = 20
# The first calls are looked at, and then some of a long run.
_FIRST: Final = 100
_EVERY: Final = 100
_MOST: Final = 10_000
_ENOUGH: Final = 2**62

_QUARTER: Final = timedelta(minutes=15)
# The uuid is made some seconds before or after the call's start, at times up to a minute.
_APART: Final = timedelta(minutes=2)
# Between UTC-12 and UTC+14.
_FARTHEST: Final = timedelta(hours=26) // _QUARTER
# Around a change of the clocks, a wrong zone is wrong by something else for hours.
_AROUND: Final = (timedelta(days=-1), timedelta(days=2))


class ZoneCheck:
    """Compares local times with instants, over all streams of a run."""

    def __init__(self, zone: tzinfo) -> None:
        """Begin with nothing compared.

        Args:
            zone: Time zone of the call centre, as the settings have it.
        """
        # Calls share days, and to look an offset up takes as long as all the rest.
        self._offset = lru_cache(maxsize=4096)(partial(_steady_offset, zone=zone))
        self._seen = 0
        self._is_odd = self._is_told = False
        # Instants with the quarters of an hour by which the local time differs from them.
        self._compared: list[tuple[datetime, int]] = []
        self._names: dict[str, None] = {}

    def take(self, fields: Mapping[str, Any], instant: datetime | None) -> int:
        """Look at a call; return how many calls may pass until the next one to look at.

        Args:
            fields: The call as VCC Live sent it.
            instant: The instant in UTC that its uuid carries, if it does.
        """
        self._seen += 1
        found = list(self._differences(fields, instant))
        if found:
            moments, differences = zip(*found, strict=True)
            if None in differences or len(set(differences)) > 1:
                self._is_odd = True
            else:
                self._compared.append((moments[0], differences[0]))
        if self._is_odd or len(self._compared) >= _MOST:
            return _ENOUGH
        return 0 if self._seen < _FIRST else _EVERY - 1

    def line(self) -> str | None:
        """Return what a user should know, once; None when nothing speaks against the zone."""
        if self._is_odd or self._is_told:
            return None
        # In the order of time, so that what goes with the season stands side by side.
        quarters = [quarters for _, quarters in sorted(self._compared)]
        shortest = min((len([*stretch]) for _, stretch in groupby(quarters)), default=0)
        if shortest < _MANY or not any(quarters):
            return None
        self._is_told = True
        counts = Counter(map(abs, filter(None, quarters)))
        total = len(quarters)
        if counts.total() == total and len(counts) == 1:
            amounts = f"{_amount(*counts)} in all {total:,} calls compared"
        else:
            several = " and by ".join(f"{_amount(q)} in {n:,}" for q, n in counts.most_common())
            amounts = f"{several} of {total:,} calls compared, by their season"
        return f"{next(iter(self._names))} differ by {amounts}: is timezone right?"

    def _differences(
        self, fields: Mapping[str, Any], instant: datetime | None
    ) -> Iterator[tuple[datetime, int | None]]:
        """Yield each instant that a call tells, and how far its local time is from it."""
        if instant is not None:
            yield from self._difference(fields.get(_START), instant, f"{_START} and the uuids")
        for name, twin in _PAIRS:
            if moment := _clock(fields.get(twin)):
                yield from self._difference(
                    fields.get(name), moment.replace(tzinfo=UTC), f"{name} and {twin}"
                )

    def _difference(
        self, local: object, instant: datetime, names: str
    ) -> Iterator[tuple[datetime, int | None]]:
        """Yield an instant with its quarters of an hour, None when they are not whole."""
        clock = _clock(local)
        if clock is None:
            return
        offset = self._offset(clock.date())
        if offset is None:
            return
        self._names[names] = None
        apart = clock.replace(tzinfo=UTC) - instant - offset
        quarters = round(apart / _QUARTER)
        is_whole = abs(apart - quarters * _QUARTER) <= _APART and abs(quarters) <= _FARTHEST
        yield instant, quarters if is_whole else None


def _steady_offset(day: date, zone: tzinfo) -> timedelta | None:
    """Return the offset of a zone on a day; None when its clocks change at about that time."""
    try:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        offsets = {(midnight + shift).utcoffset() for shift in _AROUND}
    except OverflowError:
        return None
    return offsets.pop() if len(offsets) == 1 else None


def _clock(value: object) -> datetime | None:
    """Return what a timestamp without an offset shows; None for anything else."""
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _amount(quarters: int) -> str:
    """Return quarters of an hour as a reader says them."""
    hours, rest = divmod(abs(quarters), 4)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest * 15} min"] * bool(rest)
    return " ".join(parts)
