"""What a reading of days says: what it will read, and which rows of a day are lacking."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tap_vcclive.days.bounds import Bounds
    from tap_vcclive.days.day import Noun, ReadDay
    from tap_vcclive.days.progress import DaysProgress
    from tap_vcclive.fetching.report import Report


class DayMessages:
    """Says it in the words of what is read."""

    def __init__(self, noun: Noun) -> None:
        """Keep what is read."""
        self._whole, self._row, self._key = noun

    def announce(
        self,
        to_read: Sequence[date],
        bounds: Bounds,
        progress: DaysProgress,
        logger: logging.Logger,
    ) -> None:
        """Say which days will be read, and which will not although somebody may think so.

        Args:
            to_read: The days to read.
            bounds: The days that the settings ask for.
            progress: Which days have been read.
            logger: Where to.
        """
        first, last = bounds.start, bounds.end
        span = f"{self._whole.capitalize()} from {first} to {last}"
        if first > bounds.today:
            logger.warning("start_date %s lies in the future", first)
        if not to_read:
            logger.info("%s: no day to read", span)
        else:
            open_days = len(progress.open_days)
            logger.info(
                "%s: reading %s, from %s to %s%s",
                span,
                counted(len(to_read), "day"),
                min(to_read),
                max(to_read),
                f", {open_days:,} of them open" if open_days else "",
            )
        if gap := progress.gap():
            logger.warning(
                "The days from %s to %s have not been read and are not asked for: start_date %s "
                "lies after them",
                *gap,
                first,
            )
        if given_up := sorted(progress.given_up):
            logger.warning(
                "%s of the %s given up, the first is %s: to have one read again, move start_date "
                "to that very day",
                counted(len(given_up), "day"),
                self._whole,
                given_up[0],
            )

    def lacking_in(self, day: ReadDay, progress: DaysProgress) -> str | None:
        """Return why rows of a day may be lacking.

        Args:
            day: A day that has been read.
            progress: Which days have been read, without this one.

        Returns:
            A reason; empty when the day only came out short; None when nothing can be lacking.
        """
        if day.faults:
            others = counted(len(day.faults) - 1, "other fault")
            return f"{day.faults[0]}" + (f", and {others}" if len(day.faults) > 1 else "")
        if day.odd:
            return f"{counted(day.odd, 'row')} without {self._key}"
        for part in day.parts:
            if part.nothing is not None and progress.has_had_rows(day.day, part.project):
                says = f"VCC Live says that it has no {self._row}s ({part.nothing})"
                return f"{says}, and it had some before"
        return None if day.is_complete else ""

    def tell_given_up(self, day: ReadDay, max_attempts: int, report: Report) -> None:
        """Say that a day is given up.

        Args:
            day: The day.
            max_attempts: After how many attempts.
            report: Is told.
        """
        message = (
            f"{self._named(day)} is given up after {max_attempts} attempts and more than seven "
            f"days{self._numbers_of(day)}"
        )
        report.notice("Days given up", logging.ERROR, message)

    def tell_short(
        self, day: ReadDay, lacking: str, report: Report, *, grows: bool, was_given_up: bool
    ) -> None:
        """Say that rows of a day are lacking, or may be.

        Args:
            day: The day.
            lacking: Why; empty when it only came out short.
            report: Is told.
            grows: Whether it has not ended.
            was_given_up: Whether it was given up by an earlier run.
        """
        name, numbers = self._named(day), self._numbers_of(day)
        if grows:
            message = f"{name} grows while it is read{numbers}"
            report.notice("Days that grow", logging.INFO, message)
        elif was_given_up:
            message = f"{name} is still not complete, and stays given up{numbers}"
            report.notice("Days that stay given up", logging.WARNING, message)
        elif lacking:
            message = f"{lacking}; the {self._whole} of {day.day} stays open{numbers}"
            report.notice("Days with faults", logging.WARNING, message)
        else:
            message = f"{name} has come out short and stays open{numbers}"
            report.notice("Days that came out short", logging.WARNING, message)

    def tell_complete(self, day: ReadDay, report: Report) -> None:
        """Say what is odd about a day that has been read whole."""
        if day.total is not None and day.count != day.total:
            message = (
                f"{self._named(day)} says {day.total:,} {self._row}s and has listed {day.count:,}"
            )
            report.notice("Odd totals", logging.WARNING, message)

    def tell_without_totals(self, report: Report) -> None:
        """Say that nothing tells whether days are complete."""
        message = f"The {self._whole} has no totals: whether its days are complete cannot be shown"
        report.notice("Days without totals", logging.WARNING, message)

    def tell_lost(self, day: ReadDay, report: Report) -> None:
        """Say that a day has no rows any more."""
        message = f"{self._named(day)} had {self._row}s before, and says now that it has none"
        report.notice(f"Days that have lost their {self._row}s", logging.WARNING, message)

    def _named(self, day: ReadDay) -> str:
        return f"The {self._whole} of {day.day}"

    def _numbers_of(self, day: ReadDay) -> str:
        return "" if day.total is None else f": {day.count:,} of {day.total:,} {self._row}s"
