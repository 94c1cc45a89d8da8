"""When the next request may leave: the bound on requests a minute, and pauses the server asks for.

One pace is shared by all workers, so that what one of them is told holds for all.
"""

from __future__ import annotations

import threading
import time


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

    def wait(self) -> None:
        """Return when the next request may leave."""
        while True:
            with self._lock:
                turn = max(self._next, self._paused_until, time.monotonic())
                self._next = turn + self._interval
            _sleep_until(turn)
            # A pause that began meanwhile takes this turn away; after it there is a new one.
            if self._paused_until <= time.monotonic():
                return

    def pause(self, seconds: float) -> bool:
        """Hold all requests back for some seconds; return whether they were not held back yet."""
        with self._lock:
            now = time.monotonic()
            begins = seconds > 0 and self._paused_until <= now
            self._paused_until = max(self._paused_until, now + seconds)
        return begins


def _sleep_until(instant: float) -> None:
    remaining = instant - time.monotonic()
    if remaining > 0:
        time.sleep(remaining)
