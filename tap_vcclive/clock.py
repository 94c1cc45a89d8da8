"""What time it is, pauses and alarms, in one place: a test replaces them to run through weeks."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def now() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that nobody sets."""
    return time.monotonic()


def later(seconds: float, do: Callable[[], None]) -> None:
    """Have something done once some seconds have passed, by a thread of its own.

    Whatever is under way meanwhile, the process does not wait for it when it ends.
    """
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()


def pause(seconds: float) -> None:
    """Wait for some seconds.

    For threads that fetch: a signal is handled by the main thread, which must not wait like this.
    """
    time.sleep(seconds)
