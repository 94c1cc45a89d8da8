"""When the next request may leave: the bound on requests a minute, and what the server bears.

One pace is shared by all workers, so that what one of them is told holds for all. A server that
says "slow down" is not sent anything for as long as it asks, and then a little less than it bore;
from there the rate grows, slowly at first, until the server says so again or it no longer matters.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Final

from tap_vcclive.api.errors import PassingFaultError

# How much less is tried after each refusal, how much more for each request and second, and
# for how long that is all: so the rate stays near what the server bears, with a refusal now and
# then, and a server that refuses one request in a hundred whatever the rate does not slow it down.
_LESS: Final = 0.9
_MORE_A_REQUEST: Final = 1.001
_MORE_A_SECOND: Final = 0.01
_SLOW_GROWTH_SECONDS: Final = 10.0
# Then the rate doubles in so many seconds: the server may bear far more than it did.
_DOUBLING_SECONDS: Final = 10.0

_LEAST_A_SECOND: Final = 0.1
_MOST_GROWTH: Final = 20_000  # requests, a factor of 480 million: more cannot be needed
# Pauses that a server asks for one after the other, without an answer between them, end a run that
# would last for days: each lets a try or two through.
_LONGEST_PAUSES_SECONDS: Final = 3600.0

# More than one process can send: no bound at all.
_MOST_A_SECOND: Final = 10_000.0


class Pace:
    """Lets requests leave one by one, evenly, and none while a pause lasts."""

    def __init__(self, requests_per_minute: int | None) -> None:
        """Begin now.

        Args:
            requests_per_minute: Upper bound; None for no bound.
        """
        self._interval = 60 / requests_per_minute if requests_per_minute else 0.0
        self._lock = threading.Lock()
        self._next = 0.0
        self._paused_until = 0.0
        self._paused_unanswered = 0.0
        # What the server bears, in requests a second at the time `_since`; None if it never said.
        self._tolerated: float | None = None
        self._since = 0.0
        self._left = 0

    def wait(self) -> float:
        """Return when the next request may leave: that instant, on the monotonic clock.

        Raises:
            PassingFaultError: When the server has asked for pauses for too long.
        """
        while True:
            with self._lock:
                self._refuse_to_wait_longer()
                turn = max(self._next, self._paused_until, time.monotonic())
                self._next = turn + self._interval_at(turn)
            _sleep_until(turn)
            # A pause that began meanwhile takes this turn away; after it there is a new one.
            if self._paused_until <= time.monotonic():
                with self._lock:
                    if self._tolerated is None and not self._left:
                        self._since = turn
                    self._left += 1
                return turn

    def pause(self, seconds: float) -> bool:
        """Hold all requests back for some seconds; return whether they were not held back yet."""
        with self._lock:
            now = time.monotonic()
            begins = seconds > 0 and self._paused_until <= now
            until = max(self._paused_until, now + seconds)
            self._paused_unanswered += until - max(self._paused_until, now)
            self._paused_until = until
        return begins

    def answered(self) -> None:
        """Note an answer: the pauses before it have helped."""
        with self._lock:  # a pause that is added up at this moment would bring them back
            self._paused_unanswered = 0.0

    def _refuse_to_wait_longer(self) -> None:
        is_paused = self._paused_until > time.monotonic()
        if is_paused and self._paused_unanswered > _LONGEST_PAUSES_SECONDS:
            raise PassingFaultError("it has asked to wait for more than an hour in all")

    def slow_down(self, left: float) -> None:
        """Let requests leave more slowly than the server refused, once a pause is over.

        Args:
            left: When the refused request left, as `wait` returned it. Of several that were in
                flight together only the first makes the rate lower.
        """
        with self._lock:
            if left >= self._since:
                self._lower(time.monotonic())

    def _lower(self, now: float) -> None:
        """Set the rate to a little less than the server has tolerated since it was set last."""
        tolerated = self._left / max(now - self._since, 0.001)
        if self._tolerated is not None:
            tolerated = min(tolerated, self._rate_at(now))
        self._tolerated = max(_LEAST_A_SECOND, tolerated * _LESS)
        self._since = max(self._paused_until, now)
        self._left = 0

    def _interval_at(self, instant: float) -> float:
        """Return how long after a request that leaves then the next one may."""
        if self._tolerated is None:
            return self._interval
        rate = self._rate_at(instant)
        if rate > _MOST_A_SECOND:
            self._tolerated = None
        return max(self._interval, 1 / rate)

    def _rate_at(self, instant: float) -> float:
        """Return how many requests a second are tried then."""
        seconds = max(instant - self._since, 0.0)
        slow, fast = min(seconds, _SLOW_GROWTH_SECONDS), max(seconds - _SLOW_GROWTH_SECONDS, 0.0)
        doublings = min(fast / _DOUBLING_SECONDS, 64.0)
        grown = _MORE_A_REQUEST ** min(self._left, _MOST_GROWTH)
        return (self._tolerated or 0.0) * grown * (1 + _MORE_A_SECOND * slow) * math.exp2(doublings)


def _sleep_until(instant: float) -> None:
    remaining = instant - time.monotonic()
    if remaining > 0:
        time.sleep(remaining)
