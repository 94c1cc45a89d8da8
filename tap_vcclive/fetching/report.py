"""Tells the person at the terminal, or the reader of a log, how a run goes: in few lines.

Never a line a call at INFO, and of each kind of warning only the first few: a list of a million
calls with the wrong month must not become a log of a million lines.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, NamedTuple

from tap_vcclive.fetching.live_line import LiveLine

if TYPE_CHECKING:
    import logging

_SECONDS_BETWEEN_LINES: Final = 10.0
_SECONDS_BETWEEN_UPDATES: Final = 0.2
_MOST_OF_A_KIND: Final = 10


class Kind(NamedTuple):
    """What a report is about.

    Attributes:
        stream: The stream's name, before the live line.
        units: What the run goes through, such as `calls`.
        besides: What is counted besides, such as `pending`.
    """

    stream: str
    units: str
    besides: str


class Report:
    """Reports one run."""

    def __init__(self, logger: logging.Logger, kind: Kind, expected: int | None) -> None:
        """Begin the clock.

        Args:
            logger: Where to.
            kind: What it is about.
            expected: How many units the run will go through; None when nobody knows.
        """
        self._logger = logger
        self._kind = kind
        self._expected = expected
        self._begun = self._last = time.monotonic()
        self._handled = self._shown = 0
        self._kinds = Counter[str]()
        self._ending = ExitStack()
        self._live: LiveLine | None = None
        self._seconds_between = _SECONDS_BETWEEN_LINES
        if sys.stderr.isatty():
            self._live = self._ending.enter_context(LiveLine(kind.stream, expected))
            self._seconds_between = _SECONDS_BETWEEN_UPDATES

    def handled(self, besides: int) -> None:
        """Count one unit more; every few seconds say how far the run has got.

        Args:
            besides: How many there are of what is counted besides.
        """
        self._handled += 1
        now = time.monotonic()
        if now - self._last >= self._seconds_between:
            self._last = now
            self._tell(self._handled / (now - self._begun), besides)

    def _tell(self, rate: float, besides: int) -> None:
        """Say how far the run has got, on the live line or in the log."""
        speed = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"  # noqa: PLR2004 - two digits will do
        also = f"{besides:,} {self._kind.besides}"
        if self._live:
            self._live.show(self._handled - self._shown, f"{speed} a second, {also}")
            self._shown = self._handled
            return
        done, left = f"{self._handled:,}", ""
        if self._expected is not None:
            done += f" of {self._expected:,}"
            left = f", about {duration(max(self._expected - self._handled, 0) / rate)} left"
        self._logger.info("%s %s, %s a second%s, %s", done, self._kind.units, speed, left, also)

    def notice(self, kind: str, level: int, message: str) -> None:
        """Log a message unless enough of its kind have been logged."""
        self._kinds[kind] += 1
        if self._kinds[kind] <= _MOST_OF_A_KIND:
            self._logger.log(level, "%s", message)

    def close(self, summary: str) -> None:
        """Say what the run has come to, with the number of notices that were left out."""
        if self._live:
            self._live.show(self._handled - self._shown, "")
        self._ending.close()
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
