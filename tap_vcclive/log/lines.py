"""What a reading of the log says: what it will read, and why calls of a day may be lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_vcclive.words import counted

if TYPE_CHECKING:
    import logging
    from collections.abc import Sequence
    from datetime import date

    from tap_vcclive.log.bounds import Bounds
    from tap_vcclive.log.day import Day
    from tap_vcclive.log.progress import LogProgress


def announce(
    to_read: Sequence[date], bounds: Bounds, progress: LogProgress, logger: logging.Logger
) -> None:
    """Say which days will be read, and which will not although somebody may think so.

    Args:
        to_read: The days to read.
        bounds: The days that the settings ask for.
        progress: How far the log has been read.
        logger: Where to.
    """
    first, last = bounds.start, bounds.end
    if first > bounds.today:
        logger.warning("start_date %s lies in the future", first)
    if not to_read:
        logger.info("Log from %s to %s: no day to read", first, last)
    else:
        open_days = len(progress.open_days)
        logger.info(
            "Log from %s to %s: reading %s, from %s to %s%s",
            first,
            last,
            counted(len(to_read), "day"),
            min(to_read),
            max(to_read),
            f", {open_days:,} of them open" if open_days else "",
        )
    if gap := progress.gap():
        logger.warning(
            "The days from %s to %s have not been read and are not asked for: start_date %s lies "
            "after them",
            *gap,
            first,
        )
    if given_up := sorted(progress.given_up):
        logger.warning(
            "%s of the log given up, the first is %s: to have one read again, move start_date to "
            "that very day",
            counted(len(given_up), "day"),
            given_up[0],
        )


def lacking_in(day: Day, progress: LogProgress) -> str | None:
    """Return why calls of a day may be lacking.

    Args:
        day: A day that has been read.
        progress: How far the log has been read, without this day.

    Returns:
        A reason; empty when the day only came out short; None when nothing can be lacking.
    """
    if day.faults:
        others = counted(len(day.faults) - 1, "other fault")
        return f"{day.faults[0]}" + (f", and {others}" if len(day.faults) > 1 else "")
    if day.odd:
        return f"{counted(day.odd, 'row')} without the uuid of a call"
    for part in day.parts:
        if part.nothing is not None and progress.has_had_calls(day.day, part.project):
            return f"VCC Live says that it has no calls ({part.nothing}), and it had some before"
    return None if day.is_complete else ""
