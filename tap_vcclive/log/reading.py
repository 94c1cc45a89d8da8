"""What a run reads of the call log, and what becomes of each day: read, open, or given up."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.api.outage import Outage
from tap_vcclive.log.progress import Bounds, LogProgress
from tap_vcclive.log.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.fetching.reporting import Report
    from tap_vcclive.log.day import Day
    from tap_vcclive.settings import Settings


class LogReading:
    """Reads the days of the log that the settings ask for and that are still to read.

    Attributes:
        progress: How far the log has been read.
    """

    def __init__(
        self, stream: str, settings: Settings, client: Client, logger: logging.Logger
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            stream: The stream that reads, for messages.
            settings: The settings, with a `start_date`.
            client: Asks VCC Live.
            logger: Where to.
        """
        self._bounds = _bounds_of(settings)
        self._logger = logger
        self._max_attempts = settings.max_attempts
        self._reader = Reader(client, self._bounds.projects, settings.max_concurrency)
        self.progress = LogProgress(stream, self._bounds, max_attempts=settings.max_attempts)
        self._to_read: list[date] = []
        self._outage = Outage()
        self._unknown = self._known = 0
        self._missed_totals = False

    def begin(self, state: Mapping[str, Any]) -> int:
        """Find the place where the state stood; return how many days there are to read.

        Raises:
            BadStateError: When the state is none of this tap.
        """
        if not self.progress.load(state):
            self._logger.warning(
                "The log has been read for other projects only: it is read from %s again",
                self._bounds.start,
            )
        self._to_read = list(self.progress.to_read())
        self._announce()
        return len(self._to_read)

    def _announce(self) -> None:
        first, last, days = self._bounds.start, self._bounds.end, self._to_read
        if not days:
            self._logger.info("Log from %s to %s: no day to read", first, last)
            return
        self._logger.info(
            "Log from %s to %s: reading %s days, from %s to %s%s",
            first,
            last,
            f"{len(days):,}",
            days[0],
            days[-1],
            f", {len(self.progress.open_days):,} of them open" if self.progress.open_days else "",
        )

    def days(self, days: Iterable[date] | None = None) -> Generator[Day, None, None]:
        """Yield the days to read; the rows of each have to be taken before the next day is.

        Args:
            days: Other days than those to read.

        Raises:
            VCCLiveError: When the run cannot go on.
        """
        return self._reader.days(self._to_read if days is None else days)

    def stop(self) -> None:
        """End at the next row; callable from a signal."""
        self._reader.stop()

    def settle(self, day: Day, report: Report) -> None:
        """Take a day into the progress, once all its records have been written.

        Raises:
            VCCLiveError: When too many days in a row had no answer.
        """
        if self._reader.stopped and not day.is_complete:
            return
        if day.odd:
            message = f"The log of {day.day}: {day.odd:,} rows name no call"
            report.notice("Rows without a call", logging.WARNING, message)
        if day.fault is None or day.calls:
            self._outage.answered()
        if day.is_complete:
            self._settle_complete(day, report)
        else:
            self._settle_short(day, report)

    def _settle_complete(self, day: Day, report: Report) -> None:
        self._unknown += day.is_absent
        self._known += not day.is_absent
        self.progress.complete(day.day, is_absent=day.is_absent)
        if day.is_absent:
            message = f"VCC Live has no log of {day.day}: a day without calls"
            report.notice("Days without a log", logging.WARNING, message)
        elif day.total is None:
            if not self._missed_totals:
                self._missed_totals = True
                message = "The log has no totals: whether its days are complete cannot be shown"
                report.notice("Logs without totals", logging.WARNING, message)
        elif day.calls + day.odd != day.total:
            message = (
                f"The log of {day.day} says {day.total:,} and lists {day.calls:,} calls, in two "
                "readings the same"
            )
            report.notice("Odd totals", logging.WARNING, message)

    def _settle_short(self, day: Day, report: Report) -> None:
        if day.fault is None:
            self._leave_open(day, report)
        else:
            # Not yet: where nothing has an answer it is no attempt, and the day as it was before.
            self._outage.failed(day.fault, partial(self._leave_open, day, report))

    def _leave_open(self, day: Day, report: Report) -> None:
        """Leave a day to the next run, or give it up, and say so."""
        given_up = self.progress.came_out_short(day.day)
        numbers = "" if day.total is None else f": {day.calls:,} of {day.total:,} calls"
        if given_up:
            message = (
                f"The log of {day.day} is given up after {self._max_attempts} attempts{numbers}"
            )
            report.notice("Days given up", logging.ERROR, message)
        elif day.fault:
            message = f"{day.fault}; the log of {day.day} stays open{numbers}"
            report.notice("Days without an answer", logging.WARNING, message)
        elif day.day >= self._bounds.today:
            message = f"The log of {day.day} grows while it is read{numbers}"
            report.notice("Days that grow", logging.INFO, message)
        else:
            message = f"The log of {day.day} has come out short and stays open{numbers}"
            report.notice("Days that came out short", logging.WARNING, message)

    def end(self) -> None:
        """Say what only shows when all days have been read.

        Raises:
            VCCLiveError: When not one request had an answer.
        """
        self._outage.end()
        if self._unknown and not self._known:
            self._logger.warning(
                "VCC Live has no log of any of %s days, which therefore do not count as read: is "
                "api_url right?",
                f"{self._unknown:,}",
            )


def _bounds_of(settings: Settings) -> Bounds:
    """Return the days that the settings ask for, today in the zone of the call centre."""
    today = clock.now().astimezone(settings.zone).date()
    return Bounds(
        start=settings.start_date or today,
        end=min(settings.end_date or today, today),
        today=today,
        lookback=settings.lookback_days,
        projects=settings.project_ids,
    )
