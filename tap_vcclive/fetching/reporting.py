"""Tells the person at the terminal, or the reader of a log, how a run goes: in few lines.

Never a line a call at INFO, and of each kind of warning only the first few: a list of a million
calls with the wrong month must not become a log of a million lines.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import logging
    from datetime import datetime

_SECONDS_BETWEEN: Final = 10.0
_MOST_OF_A_KIND: Final = 10


class Plan(NamedTuple):
    """What a run is going to do; as text, for people.

    Attributes:
        total: Calls in the list.
        new: Calls of the list that have not been asked for yet.
        pending: Calls that are not registered yet.
        due: Those of them that are asked for again now.
        next_due: When the first of them is asked for again, in UTC; None when there are none.
    """

    total: int
    new: int
    pending: int
    due: int
    next_due: datetime | None

    def __str__(self) -> str:
        """Return one line."""
        known = f"{self.total:,} calls in the list, {self.total - self.new:,} done"
        if self.pending:
            known += f", {self.pending:,} pending"
        if self.new or self.due:
            also = f" and {self.due:,} pending" if self.due else ""
            return f"{known}; fetching {self.new:,} new{also}"
        if self.next_due:
            due = self.next_due.isoformat(timespec="seconds")
            return f"{known}; nothing to fetch, the next pending call is due at {due}"
        return f"{known}; nothing to fetch"


class Report:
    """Reports one run over a list of calls."""

    def __init__(self, logger: logging.Logger, expected: int) -> None:
        """Begin the clock.

        Args:
            logger: Where to.
            expected: How many calls the run will ask for.
        """
        self._logger = logger
        self._expected = expected
        self._begun = self._last = time.monotonic()
        self._handled = 0
        self._kinds = Counter[str]()

    def handled(self, pending: int) -> None:
        """Count one call more; every few seconds say how far the run has got.

        Args:
            pending: How many calls are not registered yet.
        """
        self._handled += 1
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN:
            return
        self._last = now
        rate = self._handled / (now - self._begun)
        left = max(self._expected - self._handled, 0) / rate
        self._logger.info(
            "%s of %s calls, %s a second, about %s left, %s pending",
            f"{self._handled:,}",
            f"{self._expected:,}",
            f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}",  # noqa: PLR2004 - two digits will do
            duration(left),
            f"{pending:,}",
        )

    def notice(self, kind: str, level: int, message: str) -> None:
        """Log a message unless enough of its kind have been logged."""
        self._kinds[kind] += 1
        if self._kinds[kind] <= _MOST_OF_A_KIND:
            self._logger.log(level, "%s", message)

    def close(self, summary: str) -> None:
        """Say what the run has come to, with the number of notices that were left out."""
        for kind, count in self._kinds.items():
            if count > _MOST_OF_A_KIND:
                self._logger.warning(
                    "%s: %s in all, the first %d are named above",
                    kind,
                    f"{count:,}",
                    _MOST_OF_A_KIND,
                )
        self._logger.info("%s in %.1f seconds", summary, time.monotonic() - self._begun)


def duration(seconds: float) -> str:
    """Return a duration for people: `40 s`, `12 min`, `3 h 20 min`."""
    minutes = round(seconds / 60)
    if seconds < 100:  # noqa: PLR2004 - two digits of seconds are what people read at a glance
        return f"{seconds:.0f} s"
    if minutes < 100:  # noqa: PLR2004 - likewise for minutes
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
