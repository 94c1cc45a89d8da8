"""The call log that all contenders read: days of a call centre, each with as many calls.

Which calls a day has follows from its date and the numbers alone, so that the server keeps none. A
contender is given the days as a file of its own, as it is given a list of calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from benchmarks.calls import ZONE, ticks_at, uuid_at

if TYPE_CHECKING:
    from pathlib import Path

FIRST_DAY: Final = date(2026, 3, 2)
LARGEST_PAGE: Final = 500
"""The most calls that a page has, whatever is asked for."""


@dataclass(frozen=True)
class CallLog:
    """So many days of so many calls.

    Attributes:
        days: How many days, from the first on.
        calls_per_day: How many calls each of them has.
    """

    days: int = 0
    calls_per_day: int = 0

    def total(self, day: date) -> int:
        """Return how many calls a day has."""
        return self.calls_per_day if 0 <= (day - FIRST_DAY).days < self.days else 0

    def page(self, day: date, start: int, num: int) -> list[str]:
        """Return the uuids of a day's calls from an offset on, so many at most."""
        total = self.total(day)
        positions = range(start, min(start + min(num, LARGEST_PAGE), total))
        if not positions:
            return []
        midnight = _midnight(day)
        between = (_midnight(day + timedelta(days=1)) - midnight) // total
        return [uuid_at(midnight + between * position, position) for position in positions]

    def write(self, path: Path) -> Path:
        """Write the days, one a line; return the path."""
        days = (FIRST_DAY + timedelta(days=number) for number in range(self.days))
        path.write_text("".join(f"{day}\n" for day in days))
        return path


NO_CALLS: Final = CallLog()
"""A log without calls."""


def read(path: Path) -> list[date]:
    """Return the days of a list."""
    return [date.fromisoformat(line) for line in path.read_text().splitlines()]


def _midnight(day: date) -> int:
    return ticks_at(datetime.combine(day, time(), ZONE).astimezone(UTC))
