"""How often something was asked for without success, and when it is asked for again or given up.

Shared by calls and days of the log. Giving up goes by time as well as by attempts: runs can follow
each other within seconds, and what VCC Live cannot answer for an hour it may answer tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

# The longer it lasts, the less often it is asked for: after so many parts of the time since the
# first attempt, and at most once an hour in the end.
_PARTS: Final = 20
_LONGEST_INTERVAL: Final = timedelta(hours=1)

_LAST_YEAR: Final = 9000

KEYS: Final = ("attempts", "first_attempt", "last_attempt")
"""What stands in the state."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts without success.

    Attributes:
        count: How many there were.
        first: When the first one was, in UTC.
        last: When the last one was, in UTC.
    """

    count: int
    first: datetime
    last: datetime

    def due_at(self, retry_after: timedelta) -> datetime:
        """Return when the next attempt may be, in UTC.

        Args:
            retry_after: The least time between two attempts.
        """
        interval = min((self.last - self.first) / _PARTS, _LONGEST_INTERVAL)
        return self.last + max(retry_after, interval)

    def is_due(self, now: datetime, retry_after: timedelta) -> bool:
        """Return whether the next attempt may be now.

        An attempt in the future is a clock set back; it must not hold anything back for ever.
        """
        return now >= self.due_at(retry_after) or self.last > now

    def again(self, now: datetime, *, counts: bool = True) -> Attempts:
        """Return the attempts with one more.

        Args:
            now: When it was, in UTC.
            counts: Whether it was one: not when nothing at all was answered.
        """
        first = min(self.first, now)
        return replace(self, count=self.count + counts, first=first, last=now)

    def are_enough(self, most: int, least_time: timedelta) -> bool:
        """Return whether there were so many, over at least so long a time."""
        return self.count >= most and self.last - self.first >= least_time

    def to_state(self) -> dict[str, Any]:
        """Return the attempts as they stand in the state."""
        return {
            "attempts": self.count,
            "first_attempt": self.first.isoformat(timespec="seconds"),
            "last_attempt": self.last.isoformat(timespec="seconds"),
        }

    @classmethod
    def from_state(cls, entry: Any, now: datetime) -> Attempts:  # noqa: ANN401 - states are edited by hand
        """Return the attempts of an entry of the state.

        Args:
            entry: The entry. Versions before this one have written no `first_attempt`, and for
                days no `last_attempt`.
            now: What stands for an instant that is not there, in UTC.

        Raises:
            ValueError: When it holds none.
        """
        try:
            count = entry["attempts"]
            last = _instant_in(entry.get("last_attempt"), now)
            first = _instant_in(entry.get("first_attempt"), last)
        except (KeyError, TypeError, AttributeError, OverflowError):
            raise ValueError("attempts must have a number and instants") from None
        if type(count) is not int or count < 0:
            raise ValueError("attempts must be a number")
        return cls(count, min(first, last), last)


def _instant_in(text: object, otherwise: datetime) -> datetime:
    """Return the instant that a text of the state names, in UTC.

    Raises:
        ValueError: When it names none.
    """
    if text is None:
        return otherwise
    if not isinstance(text, str):
        raise ValueError("an instant must be a text")  # noqa: TRY004 - states are edited by hand
    instant = datetime.fromisoformat(text)
    instant = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    if instant.year > _LAST_YEAR:
        raise ValueError("an instant must lie before the end of all days")
    return instant
