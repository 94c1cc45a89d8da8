"""The lists of calls that all contenders work on.

Every contender reads the same file, a list as the tap's users have it: `uuid,year,month`. The calls
follow one another as those of a call centre with 50,000 calls a day, so that nothing that is kept
by second or by call can be found again.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZONE = ZoneInfo("Europe/Budapest")

_FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)
_TICKS_BETWEEN = 17_280_000  # 50,000 calls a day, in units of 100 ns
_TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID_EPOCH = 0x01B21DD213814000  # ticks from 1582-10-15, where version-1 uuids begin, to 1970


class Entry(NamedTuple):
    """One call of a list."""

    uuid: str
    year: str
    month: str


def entries(count: int) -> Iterator[Entry]:
    """Yield the first so many calls."""
    first = ticks_at(_FIRST)
    for number in range(count):
        ticks = first + number * _TICKS_BETWEEN
        local = (_EPOCH + timedelta(microseconds=ticks // 10)).astimezone(ZONE)
        yield Entry(uuid_at(ticks, number), f"{local.year:04}", f"{local.month:02}")


def write(path: Path, count: int) -> Path:
    """Write the first so many calls as CSV; return the path."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Entry._fields)
        writer.writerows(entries(count))
    return path


def read(path: Path) -> Iterator[Entry]:
    """Yield the calls of a list, for the contenders that are not the tap."""
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from map(Entry._make, rows)


def seconds_of(uuid: str) -> int:
    """Return the second since 1970, in UTC, that a uuid of these lists carries."""
    ticks = int(uuid[15:18] + uuid[9:13] + uuid[:8], 16) - _UUID_EPOCH
    return ticks // _TICKS_PER_SECOND


def ticks_at(instant: datetime) -> int:
    """Return the units of 100 ns since 1970 of an instant on a whole second."""
    return int((instant - _EPOCH).total_seconds()) * _TICKS_PER_SECOND


def uuid_at(ticks: int, number: int) -> str:
    """Return the version-1 uuid of the call with a number that starts at some ticks."""
    stamp = f"{_UUID_EPOCH + ticks:015x}"
    return f"{stamp[7:]}-{stamp[3:7]}-1{stamp[:3]}-a6da-6547{number % 2**32:08x}"
