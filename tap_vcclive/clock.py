"""The time of day and short pauses, in one place: a test replaces both to run through weeks."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(UTC)


def pause(seconds: float) -> None:
    """Wait for some seconds.

    For threads that fetch: a signal is handled by the main thread, which must not wait like this.
    """
    time.sleep(seconds)
