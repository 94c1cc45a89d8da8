"""What ends a run before it has done all: it is told to, or its minutes are over.

That is no failure: the run ends as one that is done, with a STATE that is true, and says what it
leaves.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tap_vcclive import clock

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Sequence
    from datetime import timedelta


class Stop(Enum):
    """What ends a run before it has done all."""

    SIGNAL = "a signal"
    TIME = "stop_after_minutes"


class TimeLimit:
    """How long the streams of a tap may run, all together."""

    def __init__(self, length: timedelta | None) -> None:
        """Keep how long; the clock does not run yet.

        Args:
            length: How long, or None for as long as it takes.
        """
        self._seconds = length.total_seconds() if length else None
        self._begun: float | None = None

    def begin(self, stop: Callable[[], None]) -> None:
        """Let the clock run, unless it does.

        Args:
            stop: Called once the time is over, by a thread of its own.
        """
        if self._begun is not None:
            return
        self._begun = clock.monotonic()
        if self._seconds is not None:
            clock.later(self._seconds, stop)

    @property
    def is_half_left(self) -> bool:
        """Whether half of the time, or more, is left."""
        if self._begun is None or self._seconds is None:
            return True
        return clock.monotonic() - self._begun <= self._seconds / 2


def tell_stop(why: Stop, left: Sequence[str], logger: logging.Logger) -> None:
    """Say why a run ends before it has done all.

    Args:
        why: Why.
        left: What it leaves, a text each.
        logger: Where to.
    """
    if why is Stop.SIGNAL:
        logger.warning("Told to stop: the next run goes on where this one stood")
    elif left:
        logger.warning(
            "The minutes of stop_after_minutes are over: left %s. The next run goes on here",
            " and ".join(left),
        )
