"""What a reading of the log says: what it will read, and which calls of a day are lacking."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tap_vcclive.call_log.day import Day
    from tap_vcclive.days.bounds import Bounds
    from tap_vcclive.days.progress import DaysProgress
    from tap_vcclive.fetching.report import Report


def announce(
    to_read: Sequence[date], bounds: Bounds, progress: DaysProgress, logger: logging.Logger
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


def lacking_in(day: Day, progress: DaysProgress) -> str | None:
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


def tell_given_up(day: Day, max_attempts: int, report: Report) -> None:
    """Say that a day is given up.

    Args:
        day: The day.
        max_attempts: After how many attempts.
        report: Is told.
    """
    message = (
        f"The log of {day.day} is given up after {max_attempts} attempts and more than seven "
        f"days{_numbers_of(day)}"
    )
    report.notice("Days given up", logging.ERROR, message)


def tell_short(day: Day, lacking: str, report: Report, *, grows: bool, was_given_up: bool) -> None:
    """Say that calls of a day are lacking, or may be.

    Args:
        day: The day.
        lacking: Why; empty when it only came out short.
        report: Is told.
        grows: Whether it has not ended.
        was_given_up: Whether it was given up by an earlier run.
    """
    name, numbers = f"The log of {day.day}", _numbers_of(day)
    if grows:
        message = f"{name} grows while it is read{numbers}"
        report.notice("Days that grow", logging.INFO, message)
    elif was_given_up:
        message = f"{name} is still not complete, and stays given up{numbers}"
        report.notice("Days that stay given up", logging.WARNING, message)
    elif lacking:
        message = f"{lacking}; the log of {day.day} stays open{numbers}"
        report.notice("Days with faults", logging.WARNING, message)
    else:
        message = f"{name} has come out short and stays open{numbers}"
        report.notice("Days that came out short", logging.WARNING, message)


def _numbers_of(day: Day) -> str:
    return "" if day.total is None else f": {day.calls:,} of {day.total:,} calls"
