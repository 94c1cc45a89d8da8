"""Waiting for calls that are not registered yet, without being deaf to signals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tap_vcclive import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_vcclive.cdr.progress import Progress

# Between two rounds of a run that waits, with retry_minutes 0; and until it notices a signal.
_LEAST_SECONDS_BETWEEN_ROUNDS: Final = 5.0
_GLANCE_SECONDS: Final = 0.1


def next_round(progress: Progress) -> float | None:
    """Return when pending calls are to be asked for again, on the monotonic clock.

    Args:
        progress: How far the calls have got.

    Returns:
        The instant; None when no call is pending.
    """
    next_due, now = progress.next_due(), clock.now()
    if next_due is None:
        return None
    seconds = 0.0 if progress.due(now) else (next_due - now).total_seconds()
    return time.monotonic() + max(seconds, _LEAST_SECONDS_BETWEEN_ROUNDS)


def wait(until: float, is_stopped: Callable[[], bool]) -> None:
    """Wait until an instant on the monotonic clock, or until told to stop."""
    while not is_stopped() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _GLANCE_SECONDS))
