"""What a run reads of the call log, and what becomes of each day: read, open, or given up."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_vcclive import clock
from tap_vcclive.api.outage import Outage, Sign, sign_of_life
from tap_vcclive.call_log.pages import LARGEST_PAGE, DayOfLog
from tap_vcclive.call_log.reader import Reader
from tap_vcclive.days.absences import Absences
from tap_vcclive.days.bounds import bounds_of
from tap_vcclive.days.messages import announce, lacking_in, tell_given_up, tell_short
from tap_vcclive.days.progress import DaysProgress
from tap_vcclive.fetching.prefetch import fetched
from tap_vcclive.words import counted

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from datetime import date

    from tap_vcclive.api.client import Client
    from tap_vcclive.call_log.day import Day
    from tap_vcclive.fetching.prefetch import Room
    from tap_vcclive.fetching.report import Report
    from tap_vcclive.settings.typed import Settings


class DaysReading:
    """Reads the days of the log that the settings ask for and that are still to read.

    Attributes:
        progress: How far the log has been read.
        left: How many days are still to read.
        has_got_on: Whether a day has been read that is not only looked back to.
    """

    def __init__(
        self,
        stream: str,
        settings: Settings,
        client: Client,
        logger: logging.Logger,
        room: Room | None = None,
    ) -> None:
        """Keep what is needed; nothing is asked for yet.

        Args:
            stream: The stream that reads, for messages.
            settings: The settings, with a `start_date`.
            client: CallQueue VCC Live.
            logger: Where to.
            room: See `Reader`.
        """
        self._bounds = bounds_of(settings)
        self._logger = logger
        self._zone = settings.zone
        self._max_attempts = settings.max_attempts
        self._client = client
        workers = settings.max_concurrency
        if room is not None:
            # Its calls are fetched beside it: those of a day must not wait for days to come.
            workers = max(workers // 2, 1)
        self._reader = Reader(client, self._bounds.projects, workers, room)
        self.progress = DaysProgress(
            stream,
            self._bounds,
            max_attempts=settings.max_attempts,
            retry_after=settings.retry_after,
        )
        self.left = 0
        self.has_got_on = False
        self._left_open = self._given_up = 0
        self._knows_no_day = False
        self._to_read: list[date] = []
        self._looked_back_to: set[date] = set()
        self._outage = Outage(self._look)
        self._last_answered: str | None = None
        self._absences = Absences()
        self._missed_totals = False

    @property
    def unfinished(self) -> list[str]:
        """What is left of the days that were to be read, but for one that still grows."""
        left = []
        if self._left_open:
            left.append(f"{counted(self._left_open, 'day')} of the log open")
        if self._given_up:
            left.append(f"{counted(self._given_up, 'day')} of the log given up")
        if self._knows_no_day:
            left.append("no day of the log known")
        return left

    def begin(self, state: Mapping[str, Any]) -> int:
        """Find the place where the state stood; return how many days there are to read.

        Raises:
            BadStateError: When the state is none of this tap.
        """
        now, progress = clock.now(), self.progress
        if not progress.load(state, now, self._newest_day_in(state)):
            self._logger.warning(
                "The log has been read for other projects only: it is read from %s again",
                self._bounds.start,
            )
        self._to_read = progress.to_read(now)
        self._looked_back_to = {
            day for day in self._to_read if day in progress.days and day not in progress.open_days
        }
        self.left = len(self._to_read)
        announce(self._to_read, self._bounds, progress, self._logger)
        return self.left

    def _newest_day_in(self, state: Mapping[str, Any]) -> date | None:
        """Return the local day of the newest call that has been written, if the state tells."""
        try:
            newest = datetime.fromisoformat(str(state.get("replication_key_value")))
            return newest.astimezone(self._zone).date()
        except (ValueError, OverflowError):
            return None

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
            VCCLiveError: When nothing is answered any more.
        """
        if self._reader.stopped and not day.is_complete:
            return
        lacking = lacking_in(day, self.progress)
        for part in day.parts:
            self.progress.note_calls(day.day, part.project, part.calls)
            self._absences.note_part(day.day, part, report)
        if day.calls or not day.faults:
            self._last_answered = DayOfLog(day.day, day.parts[0].project).resource(0, LARGEST_PAGE)
            self._outage.answered()
        if lacking is None:
            self._settle_complete(day, report)
        elif day.faults and not day.calls:
            # Not yet: where nothing has an answer it is no attempt, and the day as it was before.
            self._outage.failed(day.faults[0], partial(self._leave_open, day, lacking, report))
        else:
            self._leave_open(day, lacking, report)

    def _count_read(self, day: date) -> None:
        self.left -= 1
        self.has_got_on |= day not in self._looked_back_to

    def _settle_complete(self, day: Day, report: Report) -> None:
        self._count_read(day.day)
        self._absences.note_day(is_absent=day.is_absent)
        for part in day.parts:
            had_calls = self.progress.has_had_calls(day.day, part.project)
            if part.nothing is None and not part.calls and had_calls:
                message = f"The log of {day.day} had calls before, and says now that it has none"
                report.notice("Days that have lost their calls", logging.WARNING, message)
        self.progress.complete(day.day, is_absent=day.is_absent)
        if day.is_absent:
            return
        if day.total is None:
            if not self._missed_totals:
                self._missed_totals = True
                message = "The log has no totals: whether its days are complete cannot be shown"
                report.notice("Logs without totals", logging.WARNING, message)
        elif day.calls != day.total:
            message = f"The log of {day.day} says {day.total:,} calls and has listed {day.calls:,}"
            report.notice("Odd totals", logging.WARNING, message)

    def _leave_open(self, day: Day, lacking: str, report: Report) -> None:
        """Leave a day to the next run, or give it up, and say so."""
        self._count_read(day.day)
        was_given_up = day.day in self.progress.given_up
        given_up = self.progress.came_out_short(day.day, clock.now())
        grows = day.day >= self._bounds.today and day.is_only_short
        self._given_up += given_up
        self._left_open += not (grows or given_up or was_given_up)
        if given_up:
            tell_given_up(day, self._max_attempts, report)
        else:
            tell_short(day, lacking, report, grows=grows, was_given_up=was_given_up)

    def end(self) -> None:
        """Say what only shows when all days have been read.

        Raises:
            VCCLiveError: When not one request had an answer of use.
        """
        if self._reader.stopped:
            return
        self._outage.end()
        # Once days have been read the address has been right.
        self._knows_no_day = self._absences.tell(
            self._logger, has_read=bool(self.progress.days.spans)
        )

    def _look(self) -> Sign | None:
        """Look whether the log is answered at all: a day that was, today's, or the last one read.

        None when told to stop meanwhile.

        Raises:
            VCCLiveError: When asking for anything would end the same way.
        """
        project = (self._bounds.projects or (None,))[0]
        days = (self._bounds.end, self.progress.days.last)
        resources = [DayOfLog(day, project).resource(0, LARGEST_PAGE) for day in days if day]
        if self._last_answered:
            resources.insert(0, self._last_answered)
        look = partial(sign_of_life, resources, self._client.get)
        return fetched(look, lambda: self._reader.stopped)
